import { type Chart, openLabelOf, short } from './chart.js';
import { element, figure, type Markup } from './markup.js';
import { endingOf, type Threads, type Voyage } from './threads.js';

/** Half of a bar, so that arrows end beside it. */
const reach = 5;
const headLength = 9;
const headHalf = 4;
/** How far from the receiver an arrow ends that does not get there. */
const shortfall = 24;
const loopWidth = 26;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Stroke {
  readonly voyage: Voyage;
  readonly label: string;
  readonly style: 'received' | 'overtakes' | 'again' | 'lost' | 'open';
  /** The level of its end. */
  readonly y: number;
}

/** The arrows of all messages, and above them their labels. */
export function strokes(threads: Threads, chart: Chart): Markup[] {
  const all = threads.voyages.flatMap((voyage) => strokesOf(voyage, chart));
  const lines = all.map((stroke) => line(stroke, threads, chart));
  return [...lines, ...all.map((stroke) => caption(stroke, chart))];
}

function strokesOf(voyage: Voyage, { ys, openEnds }: Chart): Stroke[] {
  const { received, lost, overtaken } = voyage;
  const at = (moment: number) => ({ voyage, label: endingOf(voyage, moment), y: ys.get(moment) ?? 0 });
  const first = overtaken.length === 0 ? 'received' : 'overtakes';
  const all: Stroke[] = received.map((moment, index) => ({
    ...at(moment),
    style: index === 0 ? first : 'again',
  }));
  if (lost !== undefined) all.push({ ...at(lost), style: 'lost' });
  const open = openEnds.get(voyage);
  if (open !== undefined) all.push({ voyage, label: openLabelOf(voyage), y: open, style: 'open' });
  return all;
}

function line(stroke: Stroke, { names }: Threads, chart: Chart): Markup {
  const { voyage, label, style } = stroke;
  const { from, to, sent } = voyage;
  const tip = tipOf(stroke, chart);
  const ending = style === 'lost' ? [cross(tip)] : [];
  const attributes = { class: `flight ${style}` };
  if (from === undefined || to === undefined) {
    return element('g', attributes, element('title', {}, label), ...ending);
  }
  const start = {
    x: (chart.xs[from] ?? 0) + (from <= to ? reach : -reach),
    y: sent === undefined ? chart.top : (chart.ys.get(sent) ?? 0),
  };
  const title = element('title', {}, `${names[from]} → ${names[to]}: ${label}`);
  const far = { x: start.x + loopWidth * 1.3, y: tip.y };
  const d = from === to ? loop(start, far, tip) : `M${at(start)} L${at(tip)}`;
  const shaft = element('path', { class: 'shaft', d });
  const arrives = style !== 'lost' && style !== 'open';
  if (arrives) ending.push(head(from === to ? far : start, tip));
  return element('g', attributes, title, shaft, ...ending);
}

/** A message to oneself leaves to the right and comes back. */
function loop(start: Point, far: Point, tip: Point): string {
  return `M${at(start)} C${at({ x: far.x, y: start.y })} ${at(far)} ${at(tip)}`;
}

function tipOf({ voyage, style, y }: Stroke, { xs }: Chart): Point {
  const { from, to } = voyage;
  if (from === undefined || to === undefined) return { x: xs[0] ?? 0, y };
  const distance = style === 'lost' || style === 'open' ? shortfall : reach;
  if (from === to) return { x: (xs[to] ?? 0) + reach, y };
  return { x: (xs[to] ?? 0) + (from < to ? -distance : distance), y };
}

/** Below the end of its arrow, on the side it came from. */
function caption(stroke: Stroke, chart: Chart): Markup {
  const { voyage, label, style } = stroke;
  const { from = 0, to = 0 } = voyage;
  const tip = tipOf(stroke, chart);
  const self = from === to;
  const attributes = {
    class: `caption ${style}`,
    x: self ? tip.x + loopWidth + 2 : tip.x + (from < to ? -8 : 8),
    y: self ? tip.y + 4 : tip.y + 14,
    'text-anchor': from < to ? 'end' : 'start',
  };
  return element('text', attributes, short(label));
}

function head(start: Point, tip: Point): Markup {
  const length = Math.sqrt((tip.x - start.x) ** 2 + (tip.y - start.y) ** 2);
  const along = { x: (tip.x - start.x) / length, y: (tip.y - start.y) / length };
  const base = { x: tip.x - along.x * headLength, y: tip.y - along.y * headLength };
  const one = { x: base.x - along.y * headHalf, y: base.y + along.x * headHalf };
  const other = { x: base.x + along.y * headHalf, y: base.y - along.x * headHalf };
  return element('path', { class: 'head', d: `M${at(tip)} L${at(one)} L${at(other)} Z` });
}

/** Where something ends that was to go on. */
export function cross({ x, y }: Point): Markup {
  const size = 5;
  const falling = `M${at({ x: x - size, y: y - size })} L${at({ x: x + size, y: y + size })}`;
  const rising = `M${at({ x: x - size, y: y + size })} L${at({ x: x + size, y: y - size })}`;
  return element('path', { class: 'cross', d: `${falling} ${rising}` });
}

function at({ x, y }: Point): string {
  return `${figure(x)} ${figure(y)}`;
}
