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
export { DsmError, type DsmErrorCode } from './memory/error.js';
export type { Security, Transport, TransportEvents, TransportOptions, Wire } from './transport/transport.js';
