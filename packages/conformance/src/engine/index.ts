export { Detour } from './detour.js';
export {
  type EngineOptions,
  type EngineSubject,
  engineCases,
  engineConformance,
} from './engine-conformance.js';
export { type ExampleSubject, engineExamples } from './engine-examples.js';
export { isInstalled, LocalServer, type Place, type ServerCommand } from './local-server.js';
export { type EngineServer, engineOutages, type OutageSubject, outageCases } from './outages.js';
