import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { outcomeIn, storedIn } from '../../src/print/stored.js';
import { sampleOutcome } from './sample-outcome.js';

const directory = mkdtempSync(join(tmpdir(), 'dsm-stored-'));
afterAll(() => rmSync(directory, { recursive: true }));

const { outcome } = sampleOutcome;
const written = JSON.stringify(outcome);

/** The JSON output with one thing changed. */
function changed(
  change: (parsed: { runs: Record<string, unknown>[] } & Record<string, unknown>) => void,
): string {
  const parsed = JSON.parse(written);
  change(parsed);
  return JSON.stringify(parsed);
}

describe('outcomeIn', () => {
  it('reads what was written, absent figures too', () => {
    const { runs, ...around } = outcomeIn(written);
    expect(around).toEqual({
      machine: outcome.machine,
      node: outcome.node,
      commit: outcome.commit,
      date: outcome.date,
      rounds: 3,
      load: outcome.load,
    });
    const open = { ...outcome.load, rate: 500, arrivals: 'fixed', seconds: null };
    expect(outcomeIn(JSON.stringify({ ...outcome, load: open })).load).toEqual(open);
    for (const [index, run] of runs.entries()) {
      const { spread, ...figures } = run;
      expect(outcome.runs[index]).toMatchObject(figures);
      expect(spread?.throughput).toEqual(outcome.runs[index]?.spread.throughput);
    }
    expect(runs[1]?.latencyUs.write.p50).toBeNaN();
  });

  it.each([
    ['', 'it is no JSON'],
    ['[]', 'the file is no object'],
    ['{"name": "something else"}', 'runs is no list'],
    [
      changed((parsed) => {
        parsed.runs = [];
      }),
      'it has no runs',
    ],
    [
      changed((parsed) => {
        delete parsed.machine;
      }),
      'machine is no text',
    ],
    [
      changed(({ runs }) => {
        (runs[1] as Record<string, unknown>).throughput = '12';
      }),
      'runs[1].throughput is no number',
    ],
    [
      changed(({ runs }) => {
        (runs[0] as Record<string, unknown>).latencyUs = {};
      }),
      'runs[0].latencyUs.read is no object',
    ],
    [
      changed(({ runs }) => {
        (runs[0] as Record<string, unknown>).verdict = 'fine';
      }),
      'runs[0].verdict is none of legal',
    ],
    [
      changed(({ runs }) => {
        (runs[0] as Record<string, unknown>).guarantees = null;
      }),
      'runs[0].guarantees is no object',
    ],
    [
      changed(({ runs }) => {
        (runs[0] as Record<string, unknown>).spread = { throughput: [1] };
      }),
      'runs[0].spread.throughput is no pair',
    ],
    [
      changed((parsed) => {
        parsed.load = { ...outcome.load, verified: 'yes' };
      }),
      'load.verified is neither true nor false',
    ],
    [
      changed((parsed) => {
        parsed.load = { ...outcome.load, arrivals: 'bursts' };
      }),
      'load.arrivals is none of poisson, fixed',
    ],
  ])('refuses what is none: %.20s', (text, reason) => {
    expect(() => outcomeIn(text)).toThrow(reason);
  });
});

describe('storedIn', () => {
  it('names the file that cannot be read, and the one that is something else', () => {
    expect(() => storedIn(join(directory, 'none.json'))).toThrow(
      /none\.json is no JSON output of the benchmark: .*ENOENT/,
    );
    const foreign = join(directory, 'foreign.json');
    writeFileSync(foreign, '{}');
    expect(() => storedIn(foreign)).toThrow(
      'foreign.json is no JSON output of the benchmark: runs is no list',
    );
  });
});
