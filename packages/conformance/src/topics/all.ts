import { endings } from './endings.js';
import { figures } from './figures.js';
import { histories } from './histories.js';
import { readingAndWriting } from './reading-and-writing.js';
import { swaps } from './swaps.js';
import type { Topic } from './topic.js';
import { valuesAndKeys } from './values.js';
import { watches } from './watches.js';

/** Everything that is tried through the public interface. */
export const topics: readonly Topic[] = [
  ...readingAndWriting,
  ...valuesAndKeys,
  ...swaps,
  ...watches,
  ...histories,
  ...endings,
  ...figures,
];
