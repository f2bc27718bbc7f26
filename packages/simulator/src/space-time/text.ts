import type { Story } from '../story.js';
import { columnsOf, cut } from './label.js';
import { type Lanes, laneMin, laneOf, lanesOf, sinceText } from './lanes.js';
import { type Arrow, type Row, type Rows, rowsOf } from './row.js';
import { isUnderWay, type Threads, threadsOf, titleOf } from './threads.js';

/** How wide a diagram may be. */
export interface TextOptions {
  /** In columns; 100 for up to three members and 24 for each further one, when it is left out. */
  readonly width?: number | undefined;
}

/**
 * A space-time diagram for people: a lifeline for each member, time from top to bottom, rows numbered at the left.
 *
 * ```
 *     a                                 b
 * 1   ┏ write x = "1"                   │
 * 2   ┠ 1→b query x                     │
 * 3   ┃ ↑2 ╌ 1 query x ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌►├ 2→a tag 0
 * ```
 *
 * A thick lifeline has an operation under way. `1→b` departs as number 1, `↑2` names the row of the departure; a solid
 * arrow arrives in the moment after it was sent. Long labels end in `…`. No line is longer than the width, nor than
 * eight columns for each member and those of the row numbers, where the width is less than that.
 * Throws a `RangeError` when a moment is of a member that the story does not have.
 *
 * After the diagrams in L. Lamport: Time, clocks, and the ordering of events in a distributed system, CACM 21(7), 1978.
 */
export function drawText(story: Story, options: TextOptions = {}): string {
  const threads = threadsOf(story);
  const { names } = threads;
  if (names.length === 0) return '';
  const margin = `${story.moments.length} `.length + 1;
  const wanted = options.width ?? Math.max(100, 100 + 24 * (names.length - 3));
  const width = Math.max(wanted, margin + names.length * laneMin);
  const drawn = rowsOf(story, threads, Math.floor((width - margin) / names.length) - 3);
  const left = `${drawn.rows.length} `.length + 1;
  const lanes = lanesOf(names, drawn.rows, left, width);
  const head = new Line(width);
  names.forEach((name, slot) => {
    head.put(lanes.edges[slot] ?? 0, cut(columnsOf(name), room(lanes, slot) + 1));
  });
  const lines = drawn.rows.map((row, index) => lineOf(row, index + 1, lanes));
  return [head.toString(), ...lines, ...remainder(threads, drawn, width)].map((line) => `${line}\n`).join('');
}

/** A line of fixed-width characters. */
class Line {
  private readonly columns: string[];

  constructor(width: number) {
    this.columns = new Array<string>(width).fill(' ');
  }

  put(start: number, columns: readonly string[]): void {
    columns.forEach((character, index) => {
      this.columns[start + index] = character;
    });
  }

  toString(): string {
    return this.columns.join('').trimEnd();
  }
}

function lineOf({ arrow, text, glyphs }: Row, number: number, lanes: Lanes): string {
  const line = new Line(lanes.edges.at(-1) ?? 0);
  line.put(0, columnsOf(`${number}`));
  if (arrow !== undefined) putArrow(line, arrow, lanes);
  glyphs.forEach((glyph, slot) => {
    const crossed = arrow !== undefined && isBetween(slot, arrow);
    // An arrow goes on where a member that has ended has no lifeline to be crossed.
    if (glyph !== ' ' || !crossed) line.put(lanes.edges[slot] ?? 0, [glyph]);
  });
  if (text !== undefined) {
    const words = cut(columnsOf(text.words), room(lanes, text.at) - 1);
    line.put((lanes.edges[text.at] ?? 0) + 2, words);
  }
  return line.toString();
}

/** The columns to the right of a lifeline, but one that stays free before the next. */
function room({ edges }: Lanes, slot: number): number {
  return (edges[slot + 1] ?? 0) - (edges[slot] ?? 0) - 2;
}

function isBetween(slot: number, { from, to }: Arrow): boolean {
  return slot > Math.min(from, to) && slot < Math.max(from, to);
}

function putArrow(line: Line, arrow: Arrow, { edges }: Lanes): void {
  const { from, to, lost, direct } = arrow;
  const rightwards = from < to;
  const first = (edges[Math.min(from, to)] ?? 0) + 1;
  const after = edges[Math.max(from, to)] ?? 0;
  const shaft = new Array<string>(after - first).fill(direct ? '─' : '╌');
  line.put(first, shaft);
  if (rightwards) line.put(lost ? after - 2 : after - 1, lost ? ['×', ' '] : ['►']);
  else line.put(first, lost ? [' ', '×'] : ['◄']);

  const lane = laneOf(arrow);
  const free = (edges[lane + 1] ?? 0) - (edges[lane] ?? 0) - 1;
  const single = Math.abs(from - to) === 1;
  const words = wordsOn(arrow, single ? free - 2 : free);
  line.put(rightwards ? first : after - words.length, words);
}

/** What is written over an arrow, from the sender's lifeline on, in at most so many columns. */
function wordsOn({ from, to, label, direct, since }: Arrow, most: number): string[] {
  const columns = columnsOf(label);
  const dash = direct ? '─' : '╌';
  const origin = since === undefined ? '' : ` ${sinceText(since)} `;
  // The row of its sending is left out before anything is cut.
  const shown = origin.length + columns.length + 3 <= most ? origin : '';
  const middle = [' ', ...cut(columns, most - shown.length - 3), ' '];
  return from < to ? [...shown, dash, ...middle] : [...middle, dash, ...shown];
}

/** What has no end in the story. */
function remainder({ voyages, spans, names, gone }: Threads, { numberOf }: Rows, width: number): string[] {
  const rowOf = (index: number | undefined) => (index === undefined ? '' : `row ${numberOf.get(index)}: `);
  const lines = [
    ...spans
      .filter(({ ended }) => ended === undefined)
      .map(({ at, label, began }) => {
        const fate = gone.has(at) ? ' (has ended)' : '';
        return `${rowOf(began)}${names[at]}${fate}  ${label}`;
      }),
    ...voyages.filter(isUnderWay).map((voyage) => {
      const { from = 0, to = 0, sent } = voyage;
      const fate = gone.has(to) ? ' (has ended)' : '';
      return `${rowOf(sent)}${names[from]} → ${names[to]}${fate}  ${titleOf(voyage)}`;
    }),
  ];
  if (lines.length === 0) return [];
  const said = ['Still under way:', ...lines.map((line) => `  ${line}`)];
  return ['', ...said.map((line) => cut(columnsOf(line), width).join('').trimEnd())];
}
