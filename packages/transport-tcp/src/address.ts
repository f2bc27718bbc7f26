import { isIP } from 'node:net';
import { DsmError, isLoopbackHost } from '@dsm/core';

/** Where to listen or whom to connect to. */
export interface Address {
  readonly text: string;
  /** As `node:net` takes it; without a host, every interface. */
  readonly place: { readonly host?: string; readonly port: number } | { readonly path: string };
  /** Whether nobody beyond this machine can reach it. */
  readonly loopback: boolean;
}

/** Sockets of the file system have room for a path of 104 to 108 bytes, its closing zero included. */
export const pathBytesMax = 103;

/** Reads an address to listen on, where the host may be `*`; throws `DSM_INVALID_OPTION` if it is malformed. */
export function parseListen(text: string): Address {
  const address = parse(text);
  if (address === undefined) throw invalid(text);
  return address;
}

/** Reads an address to connect to; throws `DSM_INVALID_OPTION` if it is malformed. */
export function parsePeer(text: string): Address {
  const address = parse(text);
  const everywhere = address !== undefined && 'port' in address.place && address.place.host === undefined;
  if (address === undefined || everywhere) throw invalid(text);
  return address;
}

function parse(text: string): Address | undefined {
  const [, scheme, rest = ''] = /^(tcp|unix):\/\/([^\0]+)$/.exec(text) ?? [];
  if (scheme === 'tcp') return parseTcp(text, rest);
  if (scheme === undefined || Buffer.byteLength(rest) > pathBytesMax) return undefined;
  return { text, place: { path: rest }, loopback: true };
}

function parseTcp(text: string, rest: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^\s:;/[\]]+)):(\d{1,5})$/i.exec(rest) ?? [];
  const port = Number(digits ?? 0);
  const host = bracketed ?? plain;
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  if (host === '*') return { text, place: { port }, loopback: false };
  return { text, place: { host, port }, loopback: isLoopbackHost(host) };
}

function invalid(text: string): DsmError {
  return new DsmError(
    'DSM_INVALID_OPTION',
    `Not an address of the form tcp://host:port or unix:///path: ${JSON.stringify(text)}`,
  );
}
