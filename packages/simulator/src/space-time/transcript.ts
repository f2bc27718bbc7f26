import type { Moment, Story } from '../story.js';
import { legible } from './label.js';
import { type Span, type Threads, threadsOf, type Voyage } from './threads.js';

/**
 * A story as text, one line for each moment, each with a line break: for golden files. A line starts with the member
 * at which it happens. Nothing is numbered over the whole story, so that one message more is one line more in a
 * comparison; only of things that are alike and under way at once the second is marked `(2)`.
 *
 * ```
 * a  write x = "1" begins
 * a → b  query x
 * b ← a  query x
 * a  write x = "1" returns ok
 * ```
 */
export function transcriptOf(story: Story): string {
  const threads = threadsOf(story);
  const titles = new Map<Voyage | Span, string>([...voyageTitles(threads), ...spanTitles(threads)]);
  return story.moments
    .map((moment, index) => `${lineOf(moment, index, threads, titles).trimEnd()}\n`)
    .join('');
}

type Titles = ReadonlyMap<Voyage | Span, string>;

function lineOf(moment: Moment, index: number, { names, voyageAt, spanAt }: Threads, titles: Titles): string {
  const voyage = voyageAt.get(index);
  const thing = voyage ?? spanAt.get(index);
  const title = thing === undefined ? '' : titles.get(thing);
  switch (moment.kind) {
    case 'invoke':
      return `${names[moment.at]}  ${title} begins`;
    case 'return':
      return `${names[moment.at]}  ${title} returns ${legible(moment.label)}`;
    case 'send':
      return `${names[moment.at]} → ${names[moment.to]}  ${title}`;
    case 'receive': {
      const again = voyage?.received[0] === index ? '' : ' again';
      return `${names[moment.at]} ← ${names[moment.from]}  ${title}${again}`;
    }
    case 'lose':
      return `${wayOf(voyage, names)}${title} is lost`;
    case 'event':
      return `${names[moment.at]}  ${legible(moment.label)}${moment.ends === true ? ' (end)' : ''}`;
  }
}

function wayOf(voyage: Voyage | undefined, names: readonly string[]): string {
  if (voyage?.from === undefined || voyage.to === undefined) return '';
  return `${names[voyage.from]} → ${names[voyage.to]}  `;
}

/** A thing that is there between two moments, both included. */
interface Stay<Thing> {
  readonly thing: Thing;
  readonly kin: string;
  readonly label: string;
  readonly first: number;
  readonly last: number;
}

function voyageTitles({ voyages }: Threads): Map<Voyage, string> {
  return titled(
    voyages.map((thing) => {
      const { flight, from, to, sent, received, lost } = thing;
      const label = sent === undefined ? `flight ${flight}` : thing.label;
      const ends = [...received, ...(lost === undefined ? [] : [lost])];
      const last = ends.reduce((latest, end) => Math.max(latest, end), -1);
      const first = sent ?? 0;
      return { thing, kin: `${from} ${to} ${label}`, label, first, last: last < 0 ? Infinity : last };
    }),
  );
}

function spanTitles({ spans }: Threads): Map<Span, string> {
  return titled(
    spans.map((thing) => {
      const { at, label, began = 0, ended = Infinity } = thing;
      return { thing, kin: `${at} ${label}`, label, first: began, last: ended };
    }),
  );
}

/** Gives each the lowest number that none of its kin has at the same time; the first number is left out. */
function titled<Thing>(stays: readonly Stay<Thing>[]): Map<Thing, string> {
  const numbers = new Map<string, number[]>();
  const sorted = [...stays].sort((one, other) => one.first - other.first);
  return new Map(
    sorted.map(({ thing, kin, label, first, last }) => {
      const lasts = numbers.get(kin) ?? [];
      numbers.set(kin, lasts);
      const free = lasts.findIndex((end) => end < first);
      const number = free < 0 ? lasts.length : free;
      lasts[number] = last;
      return [thing, number === 0 ? label : `${label} (${number + 1})`];
    }),
  );
}
