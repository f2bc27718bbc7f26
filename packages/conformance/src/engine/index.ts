export { Detour } from './detour.js';
export {
  type EngineOptions,
  type EngineSubject,
  engineCases,
  engineConformance,
} from './engine-conformance.js';
export { type EngineServer, engineOutages, type OutageSubject, outageCases } from './outages.js';
