export type { Counterexample } from './counterexample.js';
export { renderHistory } from './drawing.js';
export { History, parseHistory, readHistory } from './history.js';
export { HistoryError } from './history-error.js';
export type { Instant } from './instant.js';
export { checkLinearizable, type LinearizableOptions, type LinearizableReport } from './linearizable.js';
export { type Operation, type OperationName, parseOperation, serialiseOperation } from './operation.js';
export type { Json } from './value.js';
export type { Verdict } from './verdict.js';
