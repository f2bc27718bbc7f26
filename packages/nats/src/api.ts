import { DsmError } from '@dsm/core';
import { errors, type Msg, type MsgHdrs, type NatsConnection, RequestError } from '@nats-io/transport-node';

/** An answer that does not come within this is taken as missing; a connection that breaks ends all at once. */
const answerMs = 30_000;

/** Codes of JetStream that are told apart here. */
export const codes = {
  consumerNotFound: 10014,
  messageNotFound: 10037,
  nameTaken: 10058,
  streamNotFound: 10059,
  wrongSequence: 10071,
  storeFailed: 10077,
} as const;

/** Codes of answers to a write that surely changed nothing: no room, beyond the stream's size of messages, sealed. */
const refusals = new Set([10023, 10028, 10047, 10054, 10109]);

/** A JetStream server has answered with an error. */
export class ApiError extends Error {
  readonly code: number;
  /** As of HTTP. */
  readonly status: number;

  constructor(message: string, code: number, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

interface Failure {
  readonly code?: number;
  readonly err_code?: number;
  readonly description?: string;
}

/** Nobody listens to what was asked: it has reached no one. */
export function isUnheard(error: unknown): boolean {
  return error instanceof RequestError && error.isNoResponders();
}

/** The JSON API of JetStream on one connection. Rejects with an `ApiError`, or another where the answer is missing. */
export class Api {
  readonly client: NatsConnection;

  constructor(client: NatsConnection) {
    this.client = client;
  }

  async ask<Answer>(path: string, body?: object): Promise<Answer> {
    const payload = body === undefined ? '' : JSON.stringify(body);
    return answerIn<Answer>(await this.client.request(`$JS.API.${path}`, payload, { timeout: answerMs }));
  }

  /** Publishes to a stream; resolves to the sequence number that the message has got. */
  async publish(subject: string, value: Uint8Array, headers: MsgHdrs | undefined): Promise<number> {
    const request = { timeout: answerMs, ...(headers && { headers }) };
    const { seq } = answerIn<{ readonly seq?: number }>(await this.client.request(subject, value, request));
    if (typeof seq !== 'number' || seq < 1) throw new Error('the server has acknowledged no message');
    return seq;
  }
}

function answerIn<Answer>(message: Msg): Answer {
  const answer = message.json<Answer & { readonly error?: Failure }>();
  const { error } = answer;
  if (error === undefined) return answer;
  const { err_code = 0, code = 0, description = `error ${err_code}` } = error;
  throw new ApiError(description, err_code, code);
}

/** What it means for a write that it has failed: a refusal, or that nobody knows. */
export function refusalOf(error: unknown): unknown {
  if (isUnheard(error)) return new DsmError('DSM_UNAVAILABLE', 'the bucket is not there', { cause: error });
  if (!isRefusal(error)) return error;
  return new DsmError('DSM_STORE', `the server refused: ${error.message}`, { cause: error });
}

function isRefusal(error: unknown): error is Error {
  if (error instanceof RequestError) {
    // Where it is about hearing the answers, what was asked may have been done.
    const { cause } = error;
    return cause instanceof errors.PermissionViolationError && cause.operation === 'publish';
  }
  if (!(error instanceof ApiError)) return false;
  const full = error.code === codes.storeFailed && error.message.startsWith('maximum ');
  return full || refusals.has(error.code);
}
