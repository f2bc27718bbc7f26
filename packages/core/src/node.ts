// For tools that run members in a world of their own, such as the simulator. Not for applications: it may change.
export { readHeader } from './codec/frame.js';
export { Node } from './node/node.js';
export type { NodeEvents, NodeOptions } from './node/node-options.js';
export type { World } from './node/world.js';
export type { Wire } from './transport/transport.js';
