export type { TcpCounts } from './counts.js';
export type { TcpOptions } from './options.js';
export { type TcpTransport, type TcpWire, tcp } from './tcp.js';
