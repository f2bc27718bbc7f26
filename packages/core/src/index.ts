export { equalValues } from './codec/equality.js';
export { Malformed } from './codec/malformed.js';
export { Place } from './codec/place.js';
export { Reader } from './codec/reader.js';
export { Slabs } from './codec/slab.js';
export { decodeValue, encodeValue } from './codec/value.js';
export { Writer } from './codec/writer.js';
export type { Connection, ConnectOptions, Engine, ServerReport, Swapped } from './engine/engine.js';
export {
  type EngineExtras,
  type EngineJoinOptions,
  type JoinEngine,
  joinEngine,
} from './engine/join-engine.js';
export { DsmError, type DsmErrorCode, type DsmOutcome, errorCodes } from './error.js';
export type { Face } from './face.js';
export { IdMap } from './id-map.js';
export type {
  Ended,
  Fault,
  Flight,
  Inspection,
  Inspector,
  OperationName,
  Sight,
} from './inspection.js';
export { isLoopbackHost } from './loopback-host.js';
export type { Members, ReplicaId } from './members.js';
export {
  count,
  each,
  everyone,
  includes,
  majority,
  membersMax,
  nobody,
  only,
  vote,
  without,
} from './members.js';
export { type Join, joinVia } from './memory/join.js';
export type { JoinOptions, Limits } from './memory/options.js';
export type { Schema, SchemaResult, StandardSchema, Types, VariablesOf } from './memory/schema.js';
export { types } from './memory/schema.js';
export type {
  CloseOptions,
  CompareAndSwap,
  Entry,
  Latencies,
  LocalReads,
  Metrics,
  OperationCounts,
  OperationKind,
  OperationOptions,
  PeerStatus,
  SharedMemory,
  Status,
  Swap,
  Variables,
  Version,
  Watch,
  WatchOptions,
} from './memory/shared-memory.js';
export type { Trace, TraceEvent } from './node/trace.js';
export type {
  Answer,
  Expectation,
  Guarantees,
  Host,
  Key,
  Member,
  MessageCodec,
  OperationId,
  Protocol,
  RawEntry,
  RawVersion,
  Replica,
  Result,
  Value,
  View,
} from './protocol.js';
export { ABSENT } from './protocol.js';
export { homeOf } from './rendezvous.js';
export { noTag, slotOf, type Tag, tagOf, timeOf } from './tag.js';
export { memoryNetwork } from './transport/memory.js';
export type {
  PeerAddress,
  Reply,
  Security,
  Transport,
  TransportEvents,
  TransportOptions,
  Wire,
} from './transport/transport.js';
