export { freeTcpAddress, type TransportSubject } from './subject.js';
export { transportConformance } from './transport-conformance.js';
