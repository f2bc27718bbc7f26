import { escaped } from './html.js';
import type { Mark } from './palette.js';

/** A bar from the left edge, and a line over what the rounds ranged from and to. */
export interface Bar {
  readonly label: string;
  /** A word behind the label, such as a verdict that is not `legal`. */
  readonly badge?: string | undefined;
  readonly mark: Mark;
  readonly value: number;
  readonly range?: readonly [least: number, most: number] | undefined;
  readonly text: string;
}

/** Horizontal bars from zero as a list that a screen reader reads; absent figures have no bar. */
export function barsOf(title: string, bars: readonly Bar[]): string {
  const largest = Math.max(
    ...bars.flatMap(({ value, range }) => [value, ...(range ?? [])]).filter(Number.isFinite),
  );
  const rows = bars.map(({ label, badge, mark, value, range, text }) => {
    const fill = value > 0 && Number.isFinite(value) ? fillOf(mark, 0, value / largest) : '';
    const [least, most] = range ?? [value, value];
    const line =
      most > least ? `<span class="range" style="${extent(least / largest, most / largest)}"></span>` : '';
    return rowOf({ label, badge, lines: [{ track: fill + line, text }] });
  });
  return figureOf(title, rows);
}

/** One line of a latency figure; `middle` and `to` are NaN where they are not known. */
export interface Span {
  readonly kind: string;
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  readonly text: string;
}

/** Lines from the median over p99 to p99.9 on a logarithmic scale whose decades are marked. */
export function spansOf(
  title: string,
  rows: readonly { label: string; badge?: string | undefined; mark: Mark; spans: readonly Span[] }[],
  tick: (value: number) => string,
): string {
  const values = rows.flatMap(({ spans }) => spans.flatMap(({ from, middle, to }) => [from, middle, to]));
  const known = values.filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.floor(Math.log10(Math.min(...known)));
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(...known))) - low);
  const share = (value: number): number => (Math.log10(Math.max(value, 10 ** low)) - low) / decades;
  const lines = rows.map(({ label, badge, mark, spans }) => {
    const line = ({ kind, from, middle, to, text }: Span) => ({
      kind,
      text,
      track: Number.isFinite(from)
        ? `${fillOf(mark, share(from), share(Number.isFinite(middle) ? middle : from))}${
            Number.isFinite(to) ? tailOf(mark, share(middle), share(to)) : ''
          }`
        : '',
    });
    return rowOf({ label, badge, lines: spans.map(line) });
  });
  const ticks = Array.from(
    { length: decades + 1 },
    (_, decade) =>
      `<span style="left: ${percent(decade / decades)}">${escaped(tick(10 ** (low + decade)))}</span>`,
  );
  const axis = `<li class="axis" aria-hidden="true"><span></span>
<div class="line"><span></span><span class="track">${ticks.join('')}</span></div></li>`;
  return figureOf(title, [axis, ...lines, axis], `style="--decades: ${decades}"`, 'logarithmic');
}

interface Row {
  readonly label: string;
  readonly badge?: string | undefined;
  readonly lines: readonly { readonly kind?: string; readonly track: string; readonly text: string }[];
}

function rowOf({ label, badge, lines }: Row): string {
  const about = badge === undefined ? '' : ` <span class="badge ${badge}">${badge}</span>`;
  const drawn = lines.map(
    ({ kind, track, text }) =>
      `<div class="line"><span class="kind">${kind ?? ''}</span><span class="track" aria-hidden="true">${track}</span>
<span class="value">${escaped(text)}</span></div>`,
  );
  return `<li><span class="name">${escaped(label)}${about}</span><div>${drawn.join('')}</div></li>`;
}

function figureOf(title: string, rows: readonly string[], attribute = '', kind = ''): string {
  return `<figure ${attribute}><figcaption>${escaped(title)}</figcaption>
<ul class="bars ${kind}">${rows.join('\n')}</ul></figure>`;
}

function fillOf({ colour, pattern }: Mark, from: number, to: number): string {
  return `<span class="fill c${colour} p${pattern}" style="${extent(from, to)}"></span>`;
}

function tailOf({ colour }: Mark, from: number, to: number): string {
  return `<span class="tail c${colour}" style="${extent(from, to)}"></span>`;
}

function extent(from: number, to: number): string {
  return `left: ${percent(from)}; width: ${percent(Math.max(0, to - from))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
