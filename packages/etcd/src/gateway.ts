import * as http from 'node:http';
import * as https from 'node:https';
import { createInterface } from 'node:readline';
import { DsmError } from '@dsm/core';

/** Requests at once; the others wait for one of these to be answered. */
const socketsMax = 64;

/** gRPC codes of refusals: invalid, not found, forbidden, exhausted, not known. They changed nothing, but for one. */
const refusals = new Set([3, 5, 7, 8, 12, 16]);

type Json = Readonly<Record<string, unknown>>;

/**
 * The HTTP gateway of one etcd server (JSON over POST, see etcd's `api_grpc_gateway`): 64-bit numbers are decimal
 * strings, bytes are base64, what is zero or empty is left out.
 */
export class Gateway {
  private readonly host: URL;
  private readonly agent: http.Agent;
  private readonly broken: (error: unknown) => void;
  private readonly streams = new Set<http.ClientRequest>();

  /** `broken` hears of every failure to reach the server. */
  constructor(host: URL, broken: (error: unknown) => void) {
    this.host = host;
    this.broken = broken;
    // It has the system try, too, whether the other end is there still, after a second of silence. The stream of
    // changes only receives: nothing else would notice that its server is gone while another one, behind the same
    // address, answers.
    const options = { keepAlive: true, keepAliveMsecs: 1_000, maxSockets: socketsMax };
    this.agent = host.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  }

  /** Asks once. Rejects with a `DsmError` where the server refused, with another error where its answer is missing. */
  ask<Answer>(path: string, body: Json): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.broken(error);
        reject(error);
      };
      const request = this.post(path, body, fail, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          try {
            if (response.statusCode !== 200) throw refusalOf(response.statusCode, text);
            resolve(JSON.parse(text) as Answer);
          } catch (error) {
            reject(error);
          }
        });
      });
      this.keep(request);
    });
  }

  /** Asks for a stream of answers, each given to `told`, until the gateway is closed or the stream ends: `broken`. */
  follow<Answer>(path: string, body: Json, told: (answer: Answer) => void): void {
    const request = this.post(path, body, this.broken, (response) => {
      const lines = createInterface({ input: response });
      lines.on('line', (line) => {
        try {
          if (response.statusCode !== 200) throw refusalOf(response.statusCode, line);
          told(JSON.parse(line) as Answer);
        } catch (error) {
          this.broken(error);
        }
      });
      // What breaks the response is an error of its lines, too.
      lines.on('error', this.broken);
      response.on('error', this.broken);
      response.on('close', () => this.broken(new Error('the stream of changes has ended')));
    });
    this.keep(request);
  }

  /** Ends what is pending. */
  close(): void {
    for (const request of this.streams) request.destroy();
    this.agent.destroy();
  }

  private keep(request: http.ClientRequest): void {
    this.streams.add(request);
    request.once('close', () => this.streams.delete(request));
  }

  private post(
    path: string,
    body: Json,
    fail: (error: unknown) => void,
    answered: (response: http.IncomingMessage) => void,
  ): http.ClientRequest {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      // A server that has lost its leader ends the stream of changes, instead of telling of none.
      'grpc-metadata-hasleader': 'true',
    };
    const { request } = this.host.protocol === 'https:' ? https : http;
    const url = new URL(path, this.host);
    return request(url, { method: 'POST', agent: this.agent, headers }, answered).on('error', fail).end(text);
  }
}

/** What an answer means that is none: a refusal, or that nobody knows. */
function refusalOf(status: number | undefined, text: string): Error {
  const { code, message } = parsed(text);
  const said = message ?? `HTTP ${status}`;
  if (code === undefined || !refusals.has(code)) return new Error(`etcd: ${said}`);
  if (said.includes('too large')) return new DsmError('DSM_INVALID_VALUE', `etcd: ${said}`);
  if (said.includes('too many requests')) return new DsmError('DSM_OVERLOADED', `etcd: ${said}`);
  // The write that finds the quota used up when it is applied is applied all the same (etcd-io/etcd, issue 16659).
  const outcome = said.includes('database space exceeded') ? 'unknown' : 'not-applied';
  return new DsmError('DSM_STORE', `etcd: ${said}`, { outcome });
}

function parsed(text: string): { readonly code?: number; readonly message?: string } {
  try {
    const { code, message, error } = JSON.parse(text);
    // In a stream it is an object.
    return { code, message: message ?? error?.message ?? error };
  } catch {
    return {};
  }
}
