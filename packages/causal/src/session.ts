import {
  ABSENT,
  DsmError,
  type Face,
  type OperationKind,
  type OperationOptions,
  type RawEntry,
  type RawVersion,
  type Value,
  type Version,
} from '@dsm/core';
import { contextOf } from './context.js';
import { Past } from './past.js';
import type { Request } from './request.js';

/**
 * What one client has read and written, at whichever members. Within a session a client reads what it wrote, never
 * reads what is older than what it read, and what it writes comes after all of that for everybody (Terry et al., PDIS
 * 1994). Its writes depend on nothing else that its member holds.
 */
export interface Session {
  /** What it has seen so far, as a short text: `attach` takes it up at another member of the group. */
  readonly context: string;
  read(key: string, options?: OperationOptions): Promise<unknown>;
  write(key: string, value: unknown, options?: OperationOptions): Promise<Version>;
  delete(key: string, options?: OperationOptions): Promise<Version>;
}

/** The methods of a causal memory besides the usual ones. */
export interface Sessions {
  /** A session that has seen nothing yet. The memory itself is another one. */
  session(): Session;
  /**
   * Goes on with a session of another member, once this one has everything that it has seen: never with less. Rejects
   * with `DSM_TIMEOUT` where that takes too long, and with `DSM_INVALID_OPTION` for what is no context of this group.
   */
  attach(context: string, options?: OperationOptions): Promise<Session>;
  /** The values of several keys at one moment, which is causally closed: at once. Of an absent key, undefined. */
  snapshot(keys: readonly string[], options?: OperationOptions): Promise<Record<string, unknown>>;
}

export function sessionsOf(face: Face): Sessions {
  return {
    session: () => new MemberSession(face, new Past()),
    attach: async (context, options) => {
      if (typeof context !== 'string') throw invalid('a context is a text that a session gave');
      const past = new Past();
      await perform(face, 'read', { kind: 'attach', context, past }, options);
      return new MemberSession(face, past);
    },
    snapshot: async (keys, options) => {
      if (!Array.isArray(keys)) throw invalid('a snapshot takes a list of keys');
      for (const key of keys) face.check(key);
      const found = (await perform(
        face,
        'read',
        { kind: 'snapshot', keys: [...keys] },
        options,
      )) as RawEntry[];
      // An entry each, so that a key such as `__proto__` is one like any other.
      return Object.fromEntries(
        keys.map((key, index) => [key, face.entry(key, found[index] as RawEntry).value]),
      );
    },
  };
}

class MemberSession implements Session {
  private readonly face: Face;
  private readonly past: Past;

  constructor(face: Face, past: Past) {
    this.face = face;
    this.past = past;
  }

  get context(): string {
    return contextOf(this.past);
  }

  async read(key: string, options?: OperationOptions): Promise<unknown> {
    this.face.check(key);
    const request = { kind: 'look', key, past: this.past } as const;
    return this.face.entry(key, (await perform(this.face, 'read', request, options)) as RawEntry).value;
  }

  async write(key: string, value: unknown, options?: OperationOptions): Promise<Version> {
    this.face.check(key);
    return this.put(key, await this.face.encoded(key, value), options);
  }

  async delete(key: string, options?: OperationOptions): Promise<Version> {
    this.face.check(key);
    return this.put(key, ABSENT, options);
  }

  private async put(key: string, value: Value, options: OperationOptions | undefined): Promise<Version> {
    const request = { kind: 'put', key, value, past: this.past } as const;
    const version = (await perform(this.face, 'write', request, options)) as RawVersion;
    return value === ABSENT ? '' : String(version);
  }
}

function perform(
  face: Face,
  kind: OperationKind,
  request: Request,
  options: OperationOptions | undefined,
): Promise<unknown> {
  const bytes = request.kind === 'put' ? request.value?.length : 0;
  return face.perform(kind, request, options, bytes);
}

function invalid(text: string): DsmError {
  return new DsmError('DSM_INVALID_OPTION', text);
}
