import { DsmError } from './error.js';

/** Stands in for the ZeroMQ transport where there is none, as in a browser: a transport must be given to `join`. */
export function zeromq(): never {
  throw new DsmError(
    'DSM_INVALID_OPTION',
    'there is no default transport here: give `join` one as `transport`',
  );
}
