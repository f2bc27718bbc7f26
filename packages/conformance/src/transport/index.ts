export { freeTcpAddress } from '../free-ports.js';
export type { TransportSubject } from './subject.js';
export { transportConformance } from './transport-conformance.js';
