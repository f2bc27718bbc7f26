import { connect, isIP } from 'node:net';
import { DsmError, isLoopbackHost } from '@dsm/core';

/** A ZeroMQ address, taken apart. */
export interface Address {
  readonly text: string;
  readonly scheme: 'tcp' | 'ipc' | 'inproc';
  /** Whether nobody beyond this machine can reach it. */
  readonly loopback: boolean;
  readonly ipv6: boolean;
}

// Sockets of the file system have room for a path of 104 to 108 bytes, its closing zero included.
const pathBytesMax = 103;

/** Reads an address to listen on, where the host may be a wildcard; throws `DSM_INVALID_OPTION` if it is malformed. */
export function parseListen(text: string): Address {
  return parse(text, 'listen');
}

/** Reads an address to connect to; throws `DSM_INVALID_OPTION` if it is malformed. */
export function parsePeer(text: string): Address {
  return parse(text, 'peer');
}

function parse(text: string, use: 'listen' | 'peer'): Address {
  const [, scheme, rest = ''] = /^(tcp|ipc|inproc):\/\/(.+)$/.exec(text) ?? [];
  if (scheme === 'tcp') return parseTcp(text, rest, use);
  const tooLong = scheme === 'ipc' && Buffer.byteLength(rest) > pathBytesMax;
  if ((scheme === 'ipc' || scheme === 'inproc') && rest !== '*' && !tooLong) {
    return { text, scheme, loopback: true, ipv6: false };
  }
  throw invalid(text);
}

function parseTcp(text: string, rest: string, use: 'listen' | 'peer'): Address {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^\s:;/[\]]+)):(\d{1,5})$/i.exec(rest) ?? [];
  const port = Number(digits ?? 0);
  const host = bracketed ?? plain;
  if (host === undefined || port < 1 || port > 65_535) throw invalid(text);
  if (bracketed !== undefined && isIP(bracketed) !== 6) throw invalid(text);
  if (use === 'peer' && host === '*') throw invalid(text);
  return { text, scheme: 'tcp', loopback: isLoopbackHost(host), ipv6: bracketed !== undefined };
}

function invalid(text: string): DsmError {
  return new DsmError(
    'DSM_INVALID_OPTION',
    `Not an address of the form tcp://host:port, ipc://path or inproc://name: ${JSON.stringify(text)}`,
  );
}

/**
 * Whether somebody listens at a path. ZeroMQ takes a path away from whoever listens there, where it would fail for a
 * port: so one has to ask before.
 */
export function isPathInUse(address: Address): Promise<boolean> {
  // An abstract name has no file that could be taken away: binding it fails by itself.
  if (address.scheme !== 'ipc' || address.text.startsWith('ipc://@')) return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect(address.text.slice('ipc://'.length));
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
