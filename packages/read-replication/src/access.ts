import {
  ABSENT,
  DsmError,
  type Face,
  type OperationKind,
  type OperationOptions,
  type RawEntry,
  type Value,
  type Version,
} from '@dsm/core';
import { acquireRequest, type OwnRequest } from './request.js';

/**
 * Write access to a variable: until it is given back, what other members write waits, and what they read waits too or
 * is served by the home of the variable, as `whileHeld` says. This member reads and writes as always, with this object
 * or without. Methods of one that was given back reject with `DSM_CLOSED`.
 */
export interface WriteAccess extends AsyncDisposable {
  readonly key: string;
  read(options?: OperationOptions): Promise<unknown>;
  write(value: unknown, options?: OperationOptions): Promise<Version>;
  /** Gives it back. Once more does nothing. It ends with the membership, too. */
  release(): Promise<void>;
}

/** The methods of a read-replicated memory besides the usual ones. */
export interface Sharing {
  /**
   * Waits for write access, behind who asked before. Granted when no other member can read a copy any more. Who does
   * not wait to the end (`DSM_TIMEOUT`, an abort) has no place among those who wait any more.
   */
  acquireWrite(key: string, options?: OperationOptions): Promise<WriteAccess>;
  /** Whether this member has write access to a variable now. */
  hasWriteAccess(key: string, options?: OperationOptions): Promise<boolean>;
  /**
   * Writes a variable as its owner: only the owner may share it again, or revoke it. Rejects with `DSM_UNSUPPORTED`
   * where another member is the owner.
   */
  share(key: string, value: unknown, options?: OperationOptions): Promise<Version>;
  /**
   * Takes a variable away: it is absent afterwards, and has no owner. Anybody may where there is none; rejects with
   * `DSM_UNSUPPORTED` where another member is the owner.
   */
  revoke(key: string, options?: OperationOptions): Promise<void>;
}

export function sharingOf(face: Face): Sharing {
  return {
    acquireWrite: async (key, options) => {
      face.check(key);
      return new HeldAccess(face, key, await acquired(face, key, options));
    },
    hasWriteAccess: async (key, options) => {
      face.check(key);
      return (await perform(face, 'read', { kind: 'check', key }, options)) === true;
    },
    share: async (key, value, options) => {
      face.check(key);
      const bytes = await encoded(face, key, value);
      return String(await perform(face, 'write', { kind: 'share', key, value: bytes }, options));
    },
    revoke: async (key, options) => {
      face.check(key);
      await perform(face, 'write', { kind: 'revoke', key }, options);
    },
  };
}

/** The number of a grant. What nobody waits for any more is withdrawn. */
async function acquired(face: Face, key: string, options: OperationOptions | undefined): Promise<number> {
  const request = acquireRequest(key);
  try {
    return (await perform(face, 'write', request, options)) as number;
  } catch (error) {
    tell(face, { kind: 'forgo', key, acquire: request });
    throw error;
  }
}

class HeldAccess implements WriteAccess {
  readonly key: string;
  private readonly face: Face;
  private readonly grant: number;

  constructor(face: Face, key: string, grant: number) {
    this.face = face;
    this.key = key;
    this.grant = grant;
  }

  async read(options?: OperationOptions): Promise<unknown> {
    const { face, key, grant } = this;
    face.check(key);
    const entry = (await perform(face, 'read', { kind: 'look', key, grant }, options)) as RawEntry;
    return face.entry(key, entry).value;
  }

  async write(value: unknown, options?: OperationOptions): Promise<Version> {
    const { face, key, grant } = this;
    face.check(key);
    const bytes = await encoded(face, key, value);
    return String(await perform(face, 'write', { kind: 'put', key, grant, value: bytes }, options));
  }

  async release(): Promise<void> {
    const { face, key, grant } = this;
    tell(face, { kind: 'release', key, grant });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** No operation of its own: a member that has too much under way for another one would keep the others waiting. */
function tell(face: Face, request: OwnRequest): void {
  face.tell(request);
}

async function encoded(face: Face, key: string, value: unknown): Promise<NonNullable<Value>> {
  const bytes = await face.encoded(key, value);
  if (bytes === ABSENT) throw new DsmError('DSM_INVALID_VALUE', `a value is needed for '${key}'`);
  return bytes;
}

function perform(
  face: Face,
  kind: OperationKind,
  request: OwnRequest,
  options: OperationOptions | undefined,
): Promise<unknown> {
  const bytes = 'value' in request ? request.value?.length : 0;
  return face.perform(kind, request, options, bytes);
}
