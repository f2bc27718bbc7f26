export type { ZeromqCounts } from './counts.js';
export { generateKeys, type KeyPair } from './keys.js';
export type { ZeromqOptions } from './options.js';
export { type ZeromqTransport, type ZeromqWire, zeromq } from './zeromq.js';
