export { Chance } from './chance.js';
export { drawSvg } from './space-time/svg.js';
export { drawText, type TextOptions } from './space-time/text.js';
export { transcriptOf } from './space-time/transcript.js';
export type { Moment, Story } from './story.js';
export type { Subject } from './subject.js';
