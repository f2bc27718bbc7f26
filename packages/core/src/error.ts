/** Every code a `DsmError` can carry, with the sentence the documentation prints for it. */
export const errorCodes = {
  DSM_CLOSED: 'The memory was closed before or during the operation.',
  DSM_TIMEOUT: 'The operation did not complete within its time limit.',
  DSM_UNAVAILABLE:
    'The promised consistency could not be given: time ran out while the member was suspended, or the server is away.',
  DSM_OVERLOADED: 'Too many operations are pending; this one was refused at once and not applied.',
  DSM_INVALID_KEY:
    'The key is not a string of 1 to `keyBytesMax` bytes of UTF-8, or it ends in `*`; or the schema does not name it.',
  DSM_INVALID_VALUE: 'The value is of a kind that cannot be stored, is malformed, or is beyond the limits.',
  DSM_INVALID_OPTION: 'An option is missing, of the wrong kind, or contradicts another one.',
  DSM_NOT_SUBSCRIBED: 'This member does not subscribe to the key, so it holds no copy of it.',
  DSM_UNSUPPORTED:
    'The protocol does not do this: not this method or option, or not with this key or member.',
  DSM_PEER_MISMATCH:
    'A peer runs another protocol, wire version, set of options, limit of values or member list.',
  DSM_DUPLICATE_MEMBER: 'Another running process already takes part in the group under this name.',
  DSM_ADDRESS_IN_USE: 'The address to listen on is taken by another socket.',
  DSM_REMOVED:
    'The group went on without this member, or the member restarted without its memory and cannot be taken back.',
  DSM_OVERFLOW: 'A watcher that asked for every change fell behind by more than its bound.',
  DSM_INSECURE:
    'An address that is not loopback was given without security keys and without `insecure: true`.',
  DSM_STORE:
    'The server that keeps the variables refused the operation, or holds something else under the key.',
} satisfies Record<`DSM_${string}`, string>;

/** What went wrong, as a code to branch on; `errorCodes` explains each. */
export type DsmErrorCode = keyof typeof errorCodes;

/** Whether the operation that failed surely had no effect, or may still have happened. */
export type DsmOutcome = 'not-applied' | 'unknown';

/** What a `DsmError` may say beyond its code and message. */
export interface DsmErrorOptions {
  /** `'not-applied'` unless said otherwise. */
  outcome?: DsmOutcome | undefined;
  cause?: unknown;
}

// In the global symbol registry, so that two copies of this package recognise each other's errors.
const brand = Symbol.for('@dsm/core/DsmError');

/** The one error class of this project: branch on `code`, and on `outcome` before retrying a write. */
export class DsmError extends Error {
  readonly code: DsmErrorCode;
  readonly outcome: DsmOutcome;

  constructor(code: DsmErrorCode, message: string, options: DsmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome ?? 'not-applied';
  }

  /** Whether `error` is a `DsmError`, of any copy of this package, and has the given code if one is given. */
  static is(error: unknown, code?: DsmErrorCode): error is DsmError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || ('code' in error && error.code === code);
  }
}

// On the prototypes, so that a printed error shows its code and outcome and nothing else.
Object.defineProperty(DsmError.prototype, 'name', { value: 'DsmError', configurable: true, writable: true });
Object.defineProperty(DsmError.prototype, brand, { value: true });
