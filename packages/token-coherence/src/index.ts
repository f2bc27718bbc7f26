import { joinVia } from '@dsm/core';

export { DsmError, types } from '@dsm/core';

/** Joins a group over ZeroMQ, or over the `transport` that the options name. */
export const join = joinVia(async () => (await import('#transport')).zeromq());
