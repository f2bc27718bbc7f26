import { escaped } from './html.js';
import { figure } from './numbers.js';

/** One bar: its length, and a darker mark further out for a second value, where there is one. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly series: 'read' | 'write';
  /** Written behind the bar instead of the value. */
  readonly text?: string | undefined;
}

const size = { width: 1_000, label: 260, row: 26, bar: 14, margin: 190 };

/** Horizontal bars as inline SVG, to a linear scale from 0 or to a logarithmic one from 1. */
export function barsOf(title: string, bars: readonly Bar[], scale: 'linear' | 'logarithmic'): string {
  const shown = bars.filter(({ value }) => Number.isFinite(value));
  const largest = Math.max(1, ...shown.map(({ value }) => value));
  const room = size.width - size.label - size.margin;
  const lengthOf = (value: number): number => {
    const share =
      scale === 'linear' ? value / largest : Math.log10(Math.max(1, value)) / Math.log10(largest || 1);
    return Math.max(1, (Number.isFinite(share) ? share : 1) * room);
  };
  const height = shown.length * size.row + 4;
  const rows = shown.map((bar, index) => rowOf(bar, index * size.row, lengthOf(bar.value)));
  return `<svg viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${escaped(title)}">
<line class="axis" x1="${size.label}" x2="${size.label}" y1="0" y2="${height}"/>
${rows.join('\n')}
</svg>`;
}

function rowOf({ label, value, series, text }: Bar, top: number, length: number): string {
  const base = top + size.bar + 3;
  return `<text class="quiet" x="${size.label - 10}" y="${base}" text-anchor="end">${escaped(label)}</text>
<rect class="${series}" x="${size.label}" y="${top + 5}" width="${length.toFixed(1)}" height="${size.bar}" rx="2"/>
<text x="${(size.label + length + 8).toFixed(1)}" y="${base}">${escaped(text ?? figure(value))}</text>`;
}
