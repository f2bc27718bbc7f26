import { describe, expect, it } from 'vitest';
import type { Plot } from '../../src/print/page/plot.js';
import { reportOf } from '../../src/print/report.js';
import { outcomeFrom } from '../../src/print/stored.js';
import { fullOutcome } from './full-outcome.js';
import { absent, outcome, run } from './made-up.js';
import { sampleOutcome } from './sample-outcome.js';

/** The page without what it is drawn and styled with. */
function marked(page: string): string {
  return page.replaceAll(/<(script|style)[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, '');
}

function plotsIn(page: string): Plot[] {
  return JSON.parse(/id="plots">(.*?)<\/script>/s.exec(page)?.[1] ?? '[]');
}

function headingsIn(page: string): string[] {
  return [...page.matchAll(/<h[12]>(.*?)<\/h/g)].map(([, heading = '']) => heading);
}

const page = reportOf(fullOutcome, outcomeFrom(JSON.parse(JSON.stringify(sampleOutcome.outcome))));
const plain = reportOf(sampleOutcome);

describe('reportOf', () => {
  it('is one page that loads nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(marked(page)).not.toMatch(/(?:src|href|action)=|https?:/);
    expect(page).not.toMatch(/url\(|@import|\bfetch\(|XMLHttpRequest|import\s*\(|sourceMappingURL|\bfrom '/);
    expect(page).toContain('var uPlot=');
    expect(page).toContain('Permission is hereby granted, free of charge');
  });

  it('is small', () => {
    expect(plain.length).toBeLessThan(100_000);
  });

  it('escapes what it is given', () => {
    expect(page).not.toContain('<i>');
    expect(page).toContain('broken &lt;i&gt;');
    expect(page).toContain('broken \\u003ci>');
    expect(page).toContain('&lt;/script&gt; stale');
  });

  it('says what the load was, and what measures it again', () => {
    expect(page).toContain(
      '<dt>load</dt><dd>values: 1,000 bytes; keys: 10,000; loop: closed; measured phase: 5 s;',
    );
    expect(page).toContain('<dt>again</dt><dd>npm run bench -- --rounds 3</dd>');
    const { command: _, ...older } = sampleOutcome.outcome;
    expect(reportOf({ ...sampleOutcome, outcome: older })).not.toContain('<dt>again');
  });

  it('has a section for everything that was measured', () => {
    expect(headingsIn(page)).toEqual([
      'ycsb-b, 3 members, 64 clients',
      'Which to choose',
      'Compared with an earlier run',
      'Throughput',
      'Latency',
      'Latency under load',
      'Distribution of latency',
      'Messages per operation',
      'Scaling',
      'Start and memory',
      'Verdicts',
      'All figures',
    ]);
    expect(page).not.toContain('Not measured in this run');
    expect(marked(page)).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('leaves out what was not measured, and says so', () => {
    expect(headingsIn(plain)).not.toContain('Scaling');
    expect(headingsIn(plain)).not.toContain('Latency under load');
    expect(headingsIn(plain)).not.toContain('Compared with an earlier run');
    expect(plain).toContain('Not measured in this run: latency under load (--curve) and scaling (--scale).');
    const bare = run('bare', {
      latencyUs: { read: absent, write: absent },
      messagesPerOperation: { read: Number.NaN, write: Number.NaN },
      startUpMs: Number.NaN,
      residentBytesPer100kEntries: null,
      heapBytesPer100kEntries: null,
      cdf: { read: [], write: [] },
      verdict: 'unchecked',
      checkedOperations: 0,
      convergedKeys: 0,
    });
    const least = reportOf({ outcome: outcome(bare), measured: [{ run: bare, notes: [] }], objections: [] });
    expect(headingsIn(least).slice(1)).toEqual(['Which to choose', 'Throughput', 'Verdicts', 'All figures']);
    expect(least).toContain('No history was checked, so nothing is recommended');
    expect(least).not.toContain('<script');
  });

  it('says that messages of servers are not counted', () => {
    expect(page).toContain('those between a server and its clients are not counted');
  });

  it('does not promise that a curve goes past saturation', () => {
    expect(page).toMatch(
      /the last rate is 1\.2 times what the closed\s+loop reached in the first round, which is not past/,
    );
  });

  it('says from when time counts, in a closed loop and in an open one', () => {
    expect(page).toContain('From the call to its result.');
    const open = run('paced', { rate: 5_000 });
    const paced = reportOf({ outcome: outcome(open), measured: [{ run: open, notes: [] }], objections: [] });
    expect(paced).not.toContain('From the call to its result.');
    expect(paced).toMatch(
      /Operations arrive at 5,000 a second, .* time counts from\s+when one was due to its result/,
    );
  });

  it('shows every run with its verdict and reason, and no bar for what was not measured', () => {
    for (const verdict of ['legal', 'illegal', 'unchecked'])
      expect(page).toContain(`class="verdict ${verdict}"`);
    expect(page).toContain('1,000 operations, all of them checked in every round for being linearizable.');
    expect(page).toContain(
      '512,345 operations, 256,000 of 512,345 checked in the round of which least was for',
    );
    expect(page).toContain('<pre>key &quot;k&quot;: stale');
    // Throughput twice; reads of three and writes of two; messages, which the second did not send; start and memory.
    expect(plain.match(/class="fill/g)).toHaveLength(2 * 3 + (3 + 2) + (2 + 2) + 3 * 3);
  });

  it('draws no percentile that too few operations were measured for, and has the points nonetheless', () => {
    const few = { p50: 300, p99: Number.NaN, p999: Number.NaN };
    const brief = run('brief', { writes: 50, latencyUs: { read: few, write: { ...few, p99: 900 } } });
    const [curve] = fullOutcome.outcome.curves;
    const points = (curve?.points ?? []).map((point) => ({
      ...point,
      writes: 51,
      readUs: few,
      writeUs: few,
    }));
    const curves = [{ system: 'brief', points }];
    const told = reportOf({
      outcome: { ...outcome(brief), curves },
      measured: [{ run: brief, notes: [] }],
      objections: [],
    });
    expect(marked(told)).not.toMatch(/NaN|undefined|Infinity/);
    expect(told).toContain('300 µs · – · –');
    expect(told).toContain('300 µs · 900 µs · –');
    expect(told).not.toContain('class="tail');
    expect(told).toContain('<li>a round of 50 writes tells too little for p99.9</li>');
    expect(plotsIn(told).map(({ title }) => title)).not.toContain('p99 of reads against offered load');
    expect(told).toContain(
      'Without a line, for a p99 takes 100 of them: reads of brief and writes of brief.',
    );
    expect(page).not.toContain('Without a line');
    expect(told).toContain('<td>51</td><td>300 µs</td><td>–</td><td>–</td>');
  });

  it('says how many swaps were lost', () => {
    const lossy = run('lossy', { swaps: 1_500, lostSwaps: 12 });
    const told = reportOf({ outcome: outcome(lossy), measured: [{ run: lossy, notes: [] }], objections: [] });
    expect(told).toContain('<li>12 of 1,500 swaps lost in all rounds together: they found another value');
  });

  it('has the figures behind each plot as a table, and names for those who cannot see', () => {
    const places = page.match(/data-plot="\d+" role="img" aria-label="[^"]+"/g) ?? [];
    expect(places).toHaveLength(2 + 2 + 2 + 2);
    expect(page.match(/<summary>The points of these lines/g)).toHaveLength(3);
    for (const figure of ['120,000', '118,800', '90 ms']) expect(page).toContain(`<td>${figure}</td>`);
    expect(page).toContain('<html lang="en">');
    for (const [table = ''] of page.matchAll(/<table>[\s\S]*?<\/table>/g))
      expect(table).toContain('<caption>');
  });

  it('draws a system in the same colour everywhere, and only points that were measured', () => {
    const plots = plotsIn(page);
    expect(plots.map(({ title }) => title)).toEqual([
      'p99 of reads against offered load',
      'p99 of writes against offered load',
      'Distribution of the latency of reads',
      'Distribution of the latency of writes',
      'Operations per second against members',
      'Operations per CPU second against members',
      'Operations per second against clients',
      'Operations per CPU second against clients',
    ]);
    const colours = new Set(
      plots.flatMap(({ series }) =>
        series.filter(({ label }) => label === 'attiya-register').map(({ colour }) => colour),
      ),
    );
    expect(colours).toEqual(new Set([0]));
    expect(plots[0]?.series[0]?.points).toEqual([
      [30_000, 800],
      [60_000, 1_200],
      [120_000, 90_000],
    ]);
    expect(plots[6]?.x.scale).toBe('logarithmic');
  });

  it('closes every element that it opens', () => {
    const open: string[] = [];
    for (const [, closing, name = '', rest] of marked(page).matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
      if (name === 'meta' || rest?.endsWith('/') === true) continue;
      if (closing === '/') expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('says that nothing was measured where nothing was', () => {
    expect(headingsIn(reportOf({ outcome: outcome(), measured: [], objections: [] }))[0]).toBe(
      'Nothing was measured',
    );
  });
});
