import type { ReplicaId } from '@dsm/core';
import type { Moment, Story } from '../story.js';
import { columnsOf, cut, legible } from './label.js';
import { endingOf, isUnderWay, type Span, type Threads, type Voyage } from './threads.js';

/** Everything in pixels at a font size of 12. */
const columnWidth = 7.23;
const levelHeight = 26;
const laneWidthMin = 110;
const leftEdge = 28;
const firstLevel = 64;
const labelColumnsMax = 44;
/** How far a nested operation is moved to the right. */
export const nesting = 6;

/** Where everything is in a picture of a story: members have an x, moments a y. */
export interface Chart {
  readonly xs: readonly number[];
  /** By index of a moment. What a member sends at once is sent from one point. */
  readonly ys: ReadonlyMap<number, number>;
  /** Where a message that is under way at the end is labelled: below all moments. */
  readonly openEnds: ReadonlyMap<Voyage, number>;
  /** How many operations of the same member an operation is drawn beside. */
  readonly depths: ReadonlyMap<Span, number>;
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
}

export function chartOf(story: Story, threads: Threads): Chart {
  const ys = levelsOf(story);
  const last = [...ys.values()].at(-1) ?? firstLevel - levelHeight;
  const open = threads.voyages.filter(isUnderWay);
  const openEnds = new Map(open.map((voyage, index) => [voyage, last + (index + 1) * levelHeight]));
  const depths = depthsOf(threads);
  const xs = [leftEdge];
  for (const lane of laneWidths(story, threads, depths)) xs.push((xs.at(-1) ?? leftEdge) + lane);
  const width = xs.pop() ?? leftEdge;
  return {
    xs,
    ys,
    openEnds,
    depths,
    width,
    top: firstLevel - levelHeight,
    bottom: last + (open.length + 1) * levelHeight,
  };
}

/** A label as it is drawn; the whole one is in the title of the same group. */
export function short(label: string): string {
  return cut(columnsOf(label), labelColumnsMax).join('');
}

/** What stands to the right of a lifeline at a moment: nothing for what an arrow is labelled with. */
export function besideLifeline(moment: Moment, index: number, { spanAt }: Threads): string | undefined {
  const label = spanAt.get(index)?.label ?? '';
  if (moment.kind === 'invoke') return label;
  if (moment.kind === 'return') return `${legible(moment.label)} ← ${label}`;
  return moment.kind === 'event' ? legible(moment.label) : undefined;
}

/** What a message is called that has no end in the story. */
export function openLabelOf({ flight, label }: Voyage): string {
  return `${flight} under way: ${label}`;
}

function levelsOf({ moments }: Story): Map<number, number> {
  const ys = new Map<number, number>();
  let y = firstLevel - levelHeight;
  moments.forEach((moment, index) => {
    const before = moments[index - 1];
    const together = moment.kind === 'send' && before?.kind === 'send' && before.at === moment.at;
    if (!together) y += levelHeight;
    ys.set(index, y);
  });
  return ys;
}

function depthsOf({ spans }: Threads): Map<Span, number> {
  const depths = new Map<Span, number>();
  const ends = new Map<ReplicaId, number[]>();
  for (const span of spans) {
    const taken = ends.get(span.at) ?? [];
    ends.set(span.at, taken);
    const free = taken.findIndex((end) => end < (span.began ?? 0));
    const depth = free < 0 ? taken.length : free;
    taken[depth] = span.ended ?? Number.POSITIVE_INFINITY;
    depths.set(span, depth);
  }
  return depths;
}

function laneWidths(story: Story, threads: Threads, depths: ReadonlyMap<Span, number>): number[] {
  const widths = threads.names.map((name) => Math.max(laneWidthMin, widthOf(short(name))));
  const ask = (lane: number, label: string, extra: number) => {
    widths[lane] = Math.max(widths[lane] ?? 0, widthOf(short(label)) + extra);
  };
  story.moments.forEach((moment, index) => {
    const span = threads.spanAt.get(index);
    const beside = besideLifeline(moment, index, threads);
    if (beside !== undefined && 'at' in moment) {
      ask(moment.at, beside, nesting * (span === undefined ? 0 : (depths.get(span) ?? 0)));
    }
    const voyage = threads.voyageAt.get(index);
    if (voyage !== undefined && moment.kind !== 'send') ask(laneOf(voyage), endingOf(voyage, index), 40);
  });
  for (const voyage of threads.voyages) if (isUnderWay(voyage)) ask(laneOf(voyage), openLabelOf(voyage), 40);
  return widths;
}

/** An arrow is labelled at its end. */
function laneOf({ from = 0, to = 0 }: Voyage): number {
  return from < to ? to - 1 : to;
}

function widthOf(label: string): number {
  return columnsOf(label).length * columnWidth + 32;
}
