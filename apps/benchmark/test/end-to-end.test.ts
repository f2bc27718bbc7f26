import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../src/run.js';
import { Command, main } from './command.js';

const fixture = fileURLToPath(new URL('fixtures/systems.mjs', import.meta.url));
const command = new Command();
const { directory } = command;
const run: Command['run'] = (...programArguments) => command.run(...programArguments);
const tiny: Command['tiny'] = (...programArguments) => command.tiny(...programArguments);

afterAll(() => command.remove());

/** The JSON with every figure replaced by its type. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

/** Each of these runs three processes and more for a while: a few are enough for `npm test`. */
const deep = Boolean(process.env.DSM_DEEP);

describe('the benchmark of the register', () => {
  it('measures three processes, finds their history legal and writes everything down', async () => {
    const { status, printed, complained } = await tiny(
      // Half of them writes, or a slow machine makes none in a short while.
      ...'--workload ycsb-a --rounds 1 --curve 2 --weigh 20000 --scale members=1'.split(' '),
      ...'--json out.json --report out.html'.split(' '),
    );
    expect(complained).toBe('');
    expect(status).toBe(0);
    expect(printed).toMatch(/^attiya-register +linearizable .* legal$/m);
    expect(printed).toMatch(/^ +quorum\/quorum +writes/m);
    expect(printed).toMatch(/operations in .* all of them checked: legal/);
    const outcome = JSON.parse(readFileSync(join(directory, 'out.json'), 'utf8')) as Outcome;
    const percentiles = { p50: 'number', p99: 'number', p999: 'number' };
    const figuresOfPoint = {
      throughput: 'number',
      throughputSpread: ['number', 'number'],
      readUs: percentiles,
      writeUs: percentiles,
      verdict: 'string',
    };
    const offered = { offered: 'number', ...figuresOfPoint };
    const sizes = { operationsPerCpuSecond: 'number', residentBytes: 'number' };
    const grown = { at: 'number', ...sizes, ...figuresOfPoint };
    const points = expect.arrayContaining([['number', 'number']]);
    expect(shapeOf(outcome)).toEqual({
      machine: 'string',
      node: 'string',
      commit: 'string',
      date: 'string',
      rounds: 'number',
      floorUs: { p50: 'number', p99: 'number' },
      runs: [
        {
          system: 'string',
          guarantees: {
            consistency: 'string',
            compareAndSwap: 'boolean',
            reads: 'string',
            writes: 'string',
            survives: 'string',
            onPartition: 'string',
          },
          workload: 'string',
          members: 'number',
          clients: 'number',
          operations: 'number',
          failedOperations: 'number',
          seconds: 'number',
          throughput: 'number',
          operationsPerCpuSecond: 'number',
          spread: { throughput: ['number', 'number'], operationsPerCpuSecond: ['number', 'number'] },
          latencyUs: { read: percentiles, write: percentiles },
          messagesPerOperation: { read: 'number', write: 'number' },
          bytesPerOperation: 'number',
          startUpMs: 'number',
          residentBytes: 'number',
          residentBytesPer100kEntries: 'number',
          heapBytesPer100kEntries: 'number',
          cdf: { read: points, write: points },
          verdict: 'string',
          checkedOperations: 'number',
          convergedKeys: 'number',
        },
      ],
      curves: [{ system: 'string', points: [offered, offered] }],
      scaling: [{ of: 'string', system: 'string', points: [grown] }],
    });
    const [figures] = outcome.runs;
    expect(figures).toMatchObject({
      system: 'attiya-register',
      workload: 'ycsb-a',
      members: 3,
      clients: 6,
    });
    expect(figures?.verdict).toBe('legal');
    expect(figures?.operations).toBeGreaterThan(0);
    expect(figures?.checkedOperations).toBe(figures?.operations);
    expect(figures?.convergedKeys).toBe(50);
    expect(figures?.spread.throughput).toEqual([figures?.throughput, figures?.throughput]);
    // 20,000 entries of 100 bytes at three members, and what finds them.
    expect(figures?.heapBytesPer100kEntries).toBeGreaterThan(100 * 100_000);
    const [low, high] = outcome.curves[0]?.points ?? [];
    expect(high?.offered).toBeCloseTo((low?.offered ?? 0) * 2, -3);
    expect(high?.offered).toBeGreaterThan(figures?.throughput ?? Number.NaN);
    expect(outcome.curves[0]?.points.map(({ verdict }) => verdict)).toEqual(['legal', 'legal']);
    expect(outcome.scaling[0]).toMatchObject({ of: 'members', system: 'attiya-register' });
    expect(outcome.scaling[0]?.points[0]).toMatchObject({ at: 1, verdict: 'legal' });
    expect(printed).toMatch(/at the end all members held the same in 50 keys/);
    expect(readFileSync(join(directory, 'out.html'), 'utf8')).toContain('attiya-register');
  });

  it.runIf(deep)('counts what an uncontended read and write cost', async () => {
    const { printed } = await tiny('--clients', '1', '--workload', 'ycsb-a', '--json', 'one.json');
    const outcome = JSON.parse(readFileSync(join(directory, 'one.json'), 'utf8')) as Outcome;
    expect(outcome.runs[0]?.messagesPerOperation, printed).toEqual({ read: 4, write: 8 });
  });

  it.runIf(deep)('measures it over both transports, a row each', async () => {
    const { status, printed } = await tiny('--transport', 'both', '--json', 'both.json');
    expect(status, printed).toBe(0);
    const { runs } = JSON.parse(readFileSync(join(directory, 'both.json'), 'utf8')) as Outcome;
    expect(runs.map(({ system, verdict }) => [system, verdict])).toEqual([
      ['attiya-register over zeromq', 'legal'],
      ['attiya-register over tcp', 'legal'],
    ]);
  });

  it.runIf(deep)('replays a trace to its end and checks all of it', async () => {
    const lines = Array.from(
      { length: 900 },
      (_, index) => `1,${index},${index % 3 ? '2a' : '28'},${600 + index},${index % 40}`,
    );
    writeFileSync(
      join(directory, 'trace.csv.gz'),
      gzipSync(['version,time,op,size,lbn', ...lines].join('\n')),
    );
    const { status, printed } = await run(
      '--workload',
      'trace:trace.csv.gz',
      '--clients',
      '5',
      '--seconds',
      '0.01',
    );
    expect(printed).toMatch(/900 operations in .* all of them checked: legal/);
    expect(status).toBe(0);
  });

  it.runIf(deep)('keeps to a rate', async () => {
    const { status, printed } = await tiny('--rate', '500', '--seconds', '0.6');
    expect(status).toBe(0);
    const [, operations = ''] = /: ([\d,]+) operations in/.exec(printed) ?? [];
    expect(Number(operations)).toBeGreaterThan(200);
    expect(Number(operations)).toBeLessThan(420);
  });
});

describe('a system that is not what it says', () => {
  it('is illegal when its members read stale values', async () => {
    // At a rate: who asks nobody does more in a moment than is judged in seconds.
    const { status, printed } = await tiny(
      ...'--rate 20000 --protocols lonely --systems'.split(' '),
      fixture,
    );
    expect(printed).toMatch(/^lonely +linearizable .* illegal$/m);
    expect(printed).toMatch(/key "user0\d+": /);
    expect(status).toBe(1);
  });

  it.runIf(deep)('is illegal when it changes values', async () => {
    const { status, printed } = await tiny('--systems', fixture, '--protocols', 'mangling', '--members', '1');
    expect(printed).toMatch(/a value that nobody wrote: user0\d+ held 99 characters/);
    expect(status).toBe(1);
  });

  it.runIf(deep)(
    'is illegal when its members do not come to hold the same, although nobody could tell from what was read',
    async () => {
      const { status, printed } = await tiny(
        ...'--rate 20000 --protocols aloof --systems'.split(' '),
        fixture,
      );
      expect(printed).toMatch(/^aloof +causal .* illegal$/m);
      expect(printed).toMatch(
        /rest members hold different values\n +key "user0\d+": a holds .*, b holds .*, c holds /,
      );
      expect(status).toBe(1);
    },
  );

  it.runIf(deep)('is illegal when it is so at one size only', async () => {
    const { status, printed } = await tiny(
      ...'--protocols lonely --members 1 --scale members=2 --systems'.split(' '),
      fixture,
    );
    expect(printed).toMatch(/^lonely +linearizable .* legal$/m);
    expect(printed).toMatch(/^lonely with members 2: illegal: /m);
    expect(status).toBe(1);
  });

  it.runIf(deep)('is undecided when nothing can check it', async () => {
    const { status, printed } = await tiny(
      '--systems',
      fixture,
      '--protocols',
      'swapping',
      '--members',
      '1',
      '--workload',
      'ycsb-f',
    );
    expect(printed).toMatch(/compare-and-swap|cas/);
    expect(status).toBe(2);
  });

  it.runIf(deep)('is undecided when a member dies', async () => {
    const { status, complained } = await tiny('--systems', fixture, '--protocols', 'dying');
    expect(complained).toMatch(/member [abc]: its process ended with 3/);
    expect(status).toBe(2);
  });
});

describe('the command', () => {
  it('says what is wrong with its arguments, and prints nothing else', async () => {
    expect(await run('--members', 'many')).toEqual({
      status: 64,
      printed: '',
      complained: 'benchmark: --members must be a whole number from 1 to 31, not "many"\nSee --help.\n',
    });
  });

  it('helps', async () => {
    const { status, printed } = await run('--help');
    expect(printed).toMatch(/--protocols a,b\|all/);
    expect(status).toBe(0);
  });

  it('says loudly that a peer is not installed', async () => {
    const child = spawn(
      process.execPath,
      [main, '--peers', 'redis', '--protocols', 'lonely', '--systems', fixture],
      {
        env: { ...process.env, PATH: directory },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let complained = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complained += text;
    });
    const [status] = (await once(child, 'close')) as [number];
    expect(complained).toMatch(/redis \(node-redis\) cannot be measured: there is no redis-server on PATH/);
    expect(status).toBe(64);
  });

  it('leaves no process behind when it is interrupted', async () => {
    const child = command.start('--systems', fixture, '--protocols', 'announcing', '--seconds', '600');
    const members = new Set<number>();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      for (const [, id] of text.matchAll(/member (\d+)/g)) members.add(Number(id));
      if (members.size === 3) child.kill('SIGINT');
    });
    // It closes when the last process that can write to its pipe is gone: the members too.
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(130);
    expect(members.size).toBe(3);
  });
});
