import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../src/run.js';
import { Command } from './command.js';

const fixture = fileURLToPath(new URL('fixtures/systems.mjs', import.meta.url));
const command = new Command();
const { directory } = command;
const tiny: Command['tiny'] = (...programArguments) => command.tiny(...programArguments);

afterAll(() => command.remove());

describe('the benchmark of the register', () => {
  it('counts what an uncontended read and write cost', async () => {
    const { printed } = await tiny('--clients', '1', '--workload', 'ycsb-a', '--json', 'one.json');
    const outcome = JSON.parse(readFileSync(join(directory, 'one.json'), 'utf8')) as Outcome;
    expect(outcome.runs[0]?.messagesPerOperation, printed).toEqual({ read: 4, write: 8 });
  });

  it('measures it over both transports, a row each', async () => {
    const { status, printed } = await tiny('--transport', 'both', '--json', 'both.json');
    expect(status, printed).toBe(0);
    const { runs } = JSON.parse(readFileSync(join(directory, 'both.json'), 'utf8')) as Outcome;
    expect(runs.map(({ system, verdict }) => [system, verdict])).toEqual([
      ['attiya-register over zeromq', 'legal'],
      ['attiya-register over tcp', 'legal'],
    ]);
  });

  it('replays a trace to its end and checks all of it', async () => {
    const lines = Array.from(
      { length: 900 },
      (_, index) => `1,${index},${index % 3 ? '2a' : '28'},${600 + index},${index % 40}`,
    );
    writeFileSync(
      join(directory, 'trace.csv.gz'),
      gzipSync(['version,time,op,size,lbn', ...lines].join('\n')),
    );
    const { status, printed } = await command.run(
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

  it('keeps to a rate', async () => {
    const { status, printed } = await tiny('--rate', '500', '--seconds', '0.6');
    expect(status).toBe(0);
    const [, operations = ''] = /: ([\d,]+) operations in/.exec(printed) ?? [];
    expect(Number(operations)).toBeGreaterThan(200);
    expect(Number(operations)).toBeLessThan(420);
  });
});

describe('a system that is not what it says', () => {
  it('is illegal when it changes values', async () => {
    const { status, printed } = await tiny('--systems', fixture, '--protocols', 'mangling', '--members', '1');
    expect(printed).toMatch(/a value that nobody wrote: user0\d+ held 99 characters/);
    expect(status).toBe(1);
  });

  it('is illegal when its members never come to hold the same, although no read could tell', async () => {
    const { status, printed } = await tiny(...'--rate 20000 --protocols aloof --systems'.split(' '), fixture);
    expect(printed).toMatch(/^aloof +causal .* illegal$/m);
    expect(printed).toMatch(
      /rest members hold different values\n +key "user0\d+": a holds .*, b holds .*, c holds /,
    );
    expect(status).toBe(1);
  });

  it('is illegal when it is so at one size only', async () => {
    const { status, printed } = await tiny(
      ...'--protocols lonely --members 1 --scale members=2 --systems'.split(' '),
      fixture,
    );
    expect(printed).toMatch(/^lonely +linearizable .* legal$/m);
    expect(printed).toMatch(/^lonely with members 2: illegal: /m);
    expect(status).toBe(1);
  });

  it('is undecided when nothing can check it', async () => {
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

  it('is undecided when a member dies', async () => {
    const { status, printed } = await tiny('--systems', fixture, '--protocols', 'dying');
    expect(printed).toMatch(/^dying: not measured: member [abc]: its process ended with 3$/m);
    expect(status).toBe(2);
  });
});
