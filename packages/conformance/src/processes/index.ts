export { type Load, MemberProcess, type Source, type Told } from './member-process.js';
export { Processes } from './processes.js';
export { completed, progress } from './progress.js';
