import type { Outcome, Run } from '../../run.js';
import { type Bar, barsOf, spansOf } from '../bars.js';
import { duration, figure, megabytes } from '../numbers.js';
import type { Mark } from '../palette.js';

type Marks = ReadonlyMap<string, Mark>;

const kinds = ['read', 'write'] as const;
const unmarked: Mark = { colour: 0, pattern: 0 };

/** How many operations each system completed, and how many it completes with a second of processor time. */
export function throughputSection({ runs, rounds }: Outcome, marks: Marks): string {
  const bars = (name: 'throughput' | 'operationsPerCpuSecond'): Bar[] =>
    runs.map((run) => ({
      ...headOf(run, marks),
      value: run[name],
      range: rounds > 1 ? run.spread[name] : undefined,
      text: figure(run[name]),
    }));
  const range = rounds > 1 ? ' The thin line is what the rounds ranged from and to.' : '';
  return `<section><h2>Throughput</h2>
<p class="about">How much was done, and how much a second of processor time is good for, of all members and the
server if there is one.${range}</p>
<div class="two">${barsOf('Operations per second', bars('throughput'))}
${barsOf('Operations per second of processor time', bars('operationsPerCpuSecond'))}</div></section>`;
}

/** Percentiles of the latency of reads and of writes. */
export function latencySection({ runs }: Outcome, marks: Marks): string {
  const rows = runs.map((run) => ({
    ...headOf(run, marks),
    spans: kinds
      .filter((kind) => Number.isFinite(run.latencyUs[kind].p50))
      .map((kind) => {
        const { p50, p99, p999 } = run.latencyUs[kind];
        const text = [p50, p99, p999].map(duration).join(' · ');
        return { kind: `${kind}s`, from: p50, middle: p99, to: p999, text };
      }),
  }));
  const shown = rows.filter(({ spans }) => spans.length > 0);
  if (shown.length === 0) return '';
  const rate = runs[0]?.rate;
  const since =
    rate === undefined
      ? 'From the call to its result.'
      : `Operations arrive at ${figure(rate)} a second, whether or not earlier ones are done, and time counts from
when one was due to its result: the wait for a client that is free counts, too.`;
  return `<section><h2>Latency</h2>
<p class="about">${since} A bar begins where half of the operations are done (p50) and ends where
99 of 100 are (p99); the line goes on to 999 of 1,000 (p99.9). The scale is logarithmic: further left is better.</p>
${spansOf('p50 · p99 · p99.9', shown, duration)}</section>`;
}

/** Messages that an operation causes. */
export function messagesSection({ runs }: Outcome, marks: Marks): string {
  const figures = kinds.flatMap((kind) => {
    const bars = runs
      .filter(({ messagesPerOperation }) => Number.isFinite(messagesPerOperation[kind]))
      .map((run) => ({
        ...headOf(run, marks),
        value: run.messagesPerOperation[kind],
        text: figure(run.messagesPerOperation[kind]),
      }));
    return bars.length === 0 ? [] : [barsOf(`Messages per ${kind}`, bars)];
  });
  if (figures.length === 0) return '';
  return `<section><h2>Messages per operation</h2>
<p class="about">Messages of protocols to other members; those between a server and its clients are not counted, which
is not to say that there are none. On one machine a message costs processor time; between machines it costs the network
as well.</p>
<div class="two">${figures.join('\n')}</div></section>`;
}

/** Memory and the time to start. */
export function costSection({ runs }: Outcome, marks: Marks): string {
  const figures = [
    measured(
      runs,
      marks,
      'From the order to join until all have joined',
      ({ startUpMs }) => startUpMs,
      milliseconds,
    ),
    measured(
      runs,
      marks,
      'What one member holds for 100,000 more entries',
      ({ heapBytesPer100kEntries }) => heapBytesPer100kEntries,
      megabytes,
    ),
    measured(
      runs,
      marks,
      'What all members and the server hold for 100,000 more entries',
      ({ residentBytesPer100kEntries }) => residentBytesPer100kEntries,
      megabytes,
    ),
  ].filter((each) => each !== '');
  if (figures.length === 0) return '';
  return `<section><h2>Start and memory</h2>
<div class="two">${figures.join('\n')}</div></section>`;
}

function measured(
  runs: readonly Run[],
  marks: Marks,
  title: string,
  of: (run: Run) => number | null,
  text: (value: number) => string,
): string {
  const bars = runs.flatMap((run) => {
    const value = of(run);
    if (value === null || !Number.isFinite(value)) return [];
    return [{ ...headOf(run, marks), value, text: text(value) }];
  });
  return bars.length === 0 ? '' : barsOf(title, bars);
}

function milliseconds(value: number): string {
  return duration(value * 1_000);
}

function headOf(
  { system, verdict }: Run,
  marks: Marks,
): { label: string; mark: Mark; badge: string | undefined } {
  return {
    label: system,
    mark: marks.get(system) ?? unmarked,
    badge: verdict === 'legal' || verdict === 'unchecked' ? undefined : verdict,
  };
}
