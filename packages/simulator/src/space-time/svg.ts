import type { Moment, Story } from '../story.js';
import { besideLifeline, type Chart, chartOf, nesting, short } from './chart.js';
import { element, type Markup } from './markup.js';
import { cross, strokes } from './strokes.js';
import { type Threads, threadsOf } from './threads.js';
import { transcriptOf } from './transcript.js';

/**
 * A space-time diagram as an SVG document of its own: a lifeline for each member, time from top to bottom, messages as
 * arrows that slant from their sending to their receipt, operations as bars. It has its own background in light and
 * in dark, and a description that says everything in words; nothing depends on colour alone. Several can stand in one
 * page. Throws a `RangeError` when a moment is of a member that the story does not have.
 */
export function drawSvg(story: Story): string {
  const threads = threadsOf(story);
  const transcript = transcriptOf(story);
  const chart = chartOf(story, threads);
  const id = `story-${fingerprint(`${threads.names.join(' ')}\n${transcript}`)}`;
  const names = threads.names.length === 0 ? 'nobody' : threads.names.join(', ');
  const document = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      id,
      role: 'img',
      'aria-labelledby': `${id}-title`,
      'aria-describedby': `${id}-description`,
      viewBox: `0 0 ${Math.ceil(chart.width)} ${Math.ceil(chart.bottom)}`,
      width: Math.ceil(chart.width),
      height: Math.ceil(chart.bottom),
    },
    element('title', { id: `${id}-title` }, `Space-time diagram of ${names}`),
    element('desc', { id: `${id}-description` }, transcript || 'Nothing happens.'),
    { xml: `<style>\n${styleOf(id)}\n</style>` },
    element('rect', { class: 'page', width: '100%', height: '100%' }),
    ...lifelines(story, threads, chart),
    ...bars(story, threads, chart),
    ...strokes(threads, chart),
    ...marks(story, threads, chart),
  );
  return `${document.xml}\n`;
}

function lifelines({ moments }: Story, { names }: Threads, { xs, ys, top, bottom }: Chart): Markup[] {
  return names.flatMap((name, slot) => {
    const x = xs[slot] ?? 0;
    const drawn: Markup[] = [element('text', { class: 'name', x, y: top - 12 }, short(name))];
    let start: number | undefined = top;
    moments.forEach((moment, index) => {
      if (!('at' in moment) || moment.at !== slot) return;
      const y = ys.get(index) ?? 0;
      start ??= y;
      if (moment.kind !== 'event' || moment.ends !== true) return;
      drawn.push(element('path', { class: 'lifeline', d: `M${x} ${start} V${y}` }));
      start = undefined;
    });
    if (start !== undefined)
      drawn.push(element('path', { class: 'lifeline', d: `M${x} ${start} V${bottom}` }));
    return drawn;
  });
}

/** An operation that does not return goes on to the end of its member, or of the picture. */
function bars(
  { moments }: Story,
  { names, spans }: Threads,
  { xs, ys, depths, top, bottom }: Chart,
): Markup[] {
  return spans.map((span) => {
    const { at, label, began, ended } = span;
    const isEnd = (moment: Moment, index: number) =>
      moment.kind === 'event' && moment.ends === true && moment.at === at && index > (began ?? 0);
    const crash = moments.findIndex(isEnd);
    const last = ended ?? (crash < 0 ? undefined : crash);
    const y = began === undefined ? top : (ys.get(began) ?? 0);
    const foot = last === undefined ? bottom : (ys.get(last) ?? 0);
    const x = (xs[at] ?? 0) - 4 + nesting * (depths.get(span) ?? 0);
    const bar = element('rect', { class: 'bar', x, y, width: 8, height: Math.max(2, foot - y), rx: 2 });
    const fate = ended === undefined ? ' (does not return)' : '';
    return element('g', {}, element('title', {}, `${names[at]}: ${label}${fate}`), bar);
  });
}

/** What happens at a member alone, and the points from which messages leave. */
function marks({ moments }: Story, threads: Threads, { xs, ys, depths }: Chart): Markup[] {
  return moments.flatMap((moment, index) => {
    if (!('at' in moment) || moment.kind === 'receive') return [];
    const x = xs[moment.at] ?? 0;
    const y = ys.get(index) ?? 0;
    if (moment.kind === 'send') return [element('circle', { class: 'departure', cx: x, cy: y, r: 2.5 })];
    const span = threads.spanAt.get(index);
    const words = besideLifeline(moment, index, threads) ?? '';
    const indent = 12 + nesting * (span === undefined ? 0 : (depths.get(span) ?? 0));
    const text = element('text', { class: moment.kind, x: x + indent, y: y + 4 }, short(words));
    const group = [element('title', {}, `${threads.names[moment.at]}: ${words}`)];
    if (moment.kind === 'event') {
      group.push(
        moment.ends === true ? cross({ x, y }) : element('circle', { class: 'event', cx: x, cy: y, r: 4 }),
      );
    }
    return [element('g', {}, ...group, text)];
  });
}

/** Names a story by what happens in it (FNV-1a), so that styles and descriptions in one page do not mix. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function styleOf(id: string): string {
  return `
#${id} { --page: #ffffff; --ink: #1f2328; --faint: #818b98; --bar: #b6d4fe; --edge: #0969da; }
#${id} { --lost: #c21c2c; --overtakes: #8a4b00; }
@media (prefers-color-scheme: dark) {
#${id} { --page: #0d1117; --ink: #e6edf3; --faint: #7d8590; --bar: #1b3f72; --edge: #58a6ff; }
#${id} { --lost: #ff7b72; --overtakes: #e3a23c; }
}
#${id} text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: var(--ink); white-space: pre; }
#${id} text { paint-order: stroke; stroke: var(--page); stroke-width: 5px; stroke-linejoin: round; }
#${id} .name { font-weight: bold; }
#${id} .invoke, #${id} .return { font-weight: bold; }
#${id} .page { fill: var(--page); }
#${id} path { fill: none; stroke: var(--ink); stroke-width: 1.3; }
#${id} .lifeline { stroke: var(--faint); stroke-width: 1; }
#${id} .bar { fill: var(--bar); stroke: var(--edge); }
#${id} circle { fill: var(--ink); }
#${id} .head { fill: var(--ink); }
#${id} .cross { stroke: var(--lost); stroke-width: 2.5; }
#${id} .lost path { stroke: var(--lost); }
#${id} .again .shaft, #${id} .open .shaft { stroke-dasharray: 5 4; }
#${id} .overtakes path { stroke: var(--overtakes); }
#${id} .overtakes .head { fill: var(--overtakes); }
#${id} text.lost { fill: var(--lost); }
#${id} text.overtakes { fill: var(--overtakes); }
`.trim();
}
