import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

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
    // How many operations there are in a short while is the machine's affair.
    const perhaps = expect.stringMatching(/^(number|null)$/);
    const percentiles = { p50: perhaps, p99: perhaps, p999: perhaps };
    const figuresOfPoint = {
      throughput: 'number',
      throughputSpread: ['number', 'number'],
      reads: 'number',
      writes: 'number',
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
      command: 'string',
      load: {
        valueBytes: 'number',
        keys: 'number',
        rate: 'null',
        arrivals: 'null',
        seconds: 'number',
        warmUpSeconds: 'number',
        seed: 'number',
        verified: 'boolean',
      },
      floorUs: { p50: 'number', p99: perhaps },
      runs: [
        {
          system: 'string',
          transport: 'string',
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
          reads: 'number',
          writes: 'number',
          failedOperations: 'number',
          swaps: 'number',
          lostSwaps: 'number',
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
          checkedOf: 'number',
          convergedKeys: 'number',
        },
      ],
      curves: [{ system: 'string', points: [offered, offered] }],
      scaling: [{ of: 'string', system: 'string', points: [grown] }],
      unmeasured: [],
    });
    expect(outcome.load).toMatchObject({ valueBytes: 100, keys: 50, seconds: 0.3, warmUpSeconds: 0.1 });
    const [figures] = outcome.runs;
    expect(figures).toMatchObject({
      system: 'attiya-register',
      transport: 'zeromq',
      workload: 'ycsb-a',
      members: 3,
      clients: 6,
    });
    expect(figures?.verdict).toBe('legal');
    expect(figures?.operations).toBeGreaterThan(0);
    expect((figures?.reads ?? 0) + (figures?.writes ?? 0)).toBe(figures?.operations);
    expect(figures?.checkedOperations).toBe(figures?.operations);
    expect(figures?.checkedOf).toBe(figures?.operations);
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
});

describe('a system that cannot be measured', () => {
  it('is named with the reason, and loses nothing of what is measured beside it', async () => {
    const { status, printed, complained } = await tiny(
      ...'--protocols fleeting,lonely,dying --members 1 --rounds 2 --scale clients=2 --no-verify'.split(' '),
      ...'--json some.json --report some.html --curve 2 --weigh 300 --systems'.split(' '),
      fixture,
    );
    expect(complained).toBe('');
    expect(printed).toMatch(/^lonely +linearizable .* unchecked$/m);
    expect(printed).not.toMatch(/^fleeting +linearizable/m);
    expect(printed).toMatch(/^fleeting: not measured: member a: cannot join today$/m);
    const outcome = JSON.parse(readFileSync(join(directory, 'some.json'), 'utf8')) as Outcome;
    expect(outcome.runs.map(({ system }) => system)).toEqual(['lonely']);
    expect(outcome.scaling.map(({ system, points }) => [system, points.length])).toEqual([['lonely', 1]]);
    expect(outcome.unmeasured).toEqual([
      { system: 'fleeting', reason: 'member a: cannot join today' },
      { system: 'dying', reason: 'member a: its process ended with 3' },
    ]);
    expect(readFileSync(join(directory, 'some.html'), 'utf8')).toContain(
      'not measured</span> <strong>fleeting</strong>: member a: cannot join today',
    );
    expect(status).toBe(2);
  });

  it('at one size only leaves the others in place', async () => {
    const { status, printed } = await tiny(
      ...'--protocols crowded --members 1 --scale members=1,2 --no-verify --json sizes.json --systems'.split(
        ' ',
      ),
      fixture,
    );
    const { scaling } = JSON.parse(readFileSync(join(directory, 'sizes.json'), 'utf8')) as Outcome;
    expect(scaling[0]?.points.map(({ at }) => at)).toEqual([1]);
    expect(printed).toMatch(/^crowded with members 2: not measured: member [ab]: too many$/m);
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
