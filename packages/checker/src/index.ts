export { type CausalLevel, type CausalOptions, type CausalReport, checkCausal } from './causal.js';
export type { BadPattern } from './causal-patterns.js';
export {
  type Content,
  type ConvergenceOptions,
  type ConvergenceReport,
  checkConvergence,
  type Divergence,
  type ReplicaState,
} from './convergence.js';
export type { Counterexample, KeyCounterexample } from './counterexample.js';
export type { Delivery, DeliveryLog, SentCommand, Timestamp } from './delivery-log.js';
export { renderHistory } from './drawing.js';
export { History, parseHistory, readHistory } from './history.js';
export { HistoryError } from './history-error.js';
export type { Instant } from './instant.js';
export { checkLinearizable, type LinearizableOptions, type LinearizableReport } from './linearizable.js';
export { type Operation, type OperationName, parseOperation, serialiseOperation } from './operation.js';
export { checkSequential, type SequentialOptions, type SequentialReport } from './sequential.js';
export { checkSessions, type SessionsOptions, type SessionsReport } from './session-guarantees.js';
export {
  checkTotalOrder,
  type DeliveryCounterexample,
  type TotalOrderProperty,
  type TotalOrderReport,
  type TotalOrderRun,
} from './total-order.js';
export type { Json } from './value.js';
export type { Verdict } from './verdict.js';
export type { SessionGuarantee } from './version-order.js';
