export type { Subject } from '@dsm/simulator';
export type { Case, World } from './case.js';
export { casesFor } from './cases.js';
export { conformance } from './conformance.js';
export type { ConformanceOptions } from './options.js';
