export { Chance } from './chance.js';
export type { Moment, Story } from './story.js';
export type { Subject } from './subject.js';
