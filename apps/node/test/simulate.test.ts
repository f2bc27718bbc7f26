import { describe, expect, it } from 'vitest';
import { dsm, dsmProcess } from './fixtures/dsm.js';

const timeout = 120_000;

describe('dsm simulate --seed', { timeout }, () => {
  it('draws a run, says what it did and exits 0', async () => {
    const { code, out, err } = await dsm(['simulate', 'attiya-register', '--seed', '1']);
    expect(err).toBe('');
    expect(out).toMatch(/^ +a +b/);
    expect(out).toContain('┏ ');
    expect(out).toMatch(
      /attiya-register \{"reads":"quorum"\}, seed 1: \d+ operations, \d+ events; faults: \d+ drop/,
    );
    expect(out).toMatch(/trace hash [0-9a-f]{16}\nno violation\n$/);
    expect(code).toBe(0);
  });

  it('takes seed 1 where none is named, and does the same again', async () => {
    const [one, other] = await Promise.all([
      dsm(['simulate', 'attiya-register']),
      dsm(['simulate', 'attiya-register', '--seed', '1']),
    ]);
    expect(one).toEqual(other);
  });

  it('cuts a long diagram, and says so', async () => {
    const { out } = await dsm(['simulate', 'attiya-register', '--seed', '3']);
    expect(out).toMatch(/… \d+ more rows; --trace tells everything\n/);
    expect(out.split('\n').length).toBeLessThan(110);
  });

  it('tells everything in words with --trace', async () => {
    const { code, out } = await dsm(['simulate', 'attiya-register', '--seed', '3', '--trace']);
    expect(out.split('\n').length).toBeGreaterThan(110);
    expect(out).not.toContain('┏');
    expect(out).toMatch(/→/);
    expect(code).toBe(0);
  });

  it('does the same as a process, and the exit code is its own', async () => {
    const args = ['simulate', 'attiya-register', '--seed', '1'];
    expect(await dsmProcess(args)).toEqual(await dsm(args));
  });

  it('keeps to the number of members and to the faults that are named', async () => {
    const { out } = await dsm([
      'simulate',
      'attiya-register',
      '--seed',
      '3',
      '--members',
      '4',
      '--faults',
      'none',
    ]);
    expect(out).toMatch(/^ +a +b +c +d\n/);
    expect(out).toContain('faults: 0 drop, 0 duplicate, 0 delay, 0 reorder, 0 cut, 0 pause, 0 crash;');
  });

  it('runs other options of a protocol on some seeds', async () => {
    const { out } = await dsm(['simulate', 'attiya-register', '--seed', '361']);
    expect(out).toContain('attiya-register {"reads":"all"}, seed 361');
  });
});

describe('dsm simulate --seeds', { timeout }, () => {
  const counted = async (seeds: number, ...more: string[]) => {
    const ended = await dsmProcess(['simulate', 'attiya-register', '--seeds', `${seeds}`, ...more]);
    return { ...ended, hash: /trace hash {2}([0-9a-f]{8})\n/.exec(ended.out)?.[1] };
  };

  it('counts what happened and exits 0', async () => {
    const { code, out } = await counted(130);
    expect(out).toMatch(/^attiya-register: 130 seeds in [\d.]+ s, [\d,]+ a second\n/);
    expect(out).toMatch(/\noperations {2}[1-9][\d,]+\nevents {6}[1-9][\d,]+, [\d,]+ a second\n/);
    expect(out).toMatch(/\nfaults {6}[\d,]+: [\d,]+ drop, .* [\d,]+ crash\n/);
    expect(out).toMatch(/\nviolations {2}0\nundecided {3}0\n/);
    expect(out).toMatch(/\n +[\d,]+ {2}a read saw mixed tags\n/);
    expect(code).toBe(0);
  });

  it('comes to the same on one thread and on three', async () => {
    const on = (threads: string) => counted(12, '--first', '115', '--threads', threads);
    const [one, three] = await Promise.all([on('1'), on('3')]);
    expect(one.hash).toBeDefined();
    expect(three.hash).toBe(one.hash);
  });

  it('starts where it is told to', async () => {
    const [usual, later] = await Promise.all([counted(9), counted(9, '--first', '10')]);
    expect(later.out).toMatch(/^attiya-register: 9 seeds/);
    expect(later.hash).not.toBe(usual.hash);
  });

  it('draws a violation, says how to see it again and exits 1', async () => {
    const { code, out } = await dsmProcess([
      'simulate',
      './half-quorum.mjs',
      '--seeds',
      '400',
      '--faults',
      'drop,reorder',
    ]);
    expect(out).toMatch(/\nviolations {2}1\n/);
    expect(out).toContain('\nviolation: a majority stores what was returned\n');
    expect(out).toContain('┏ ');
    expect(code).toBe(1);
    const replay = /To see it again: npm run dsm -- (.*)\n$/.exec(out)?.[1]?.split(' ') ?? [];
    const again = await dsmProcess(replay);
    expect(again.out).toContain('violation: a majority stores what was returned\n');
    expect(again.code).toBe(1);
  });

  it('finds the same first violation on any number of threads', async () => {
    const replays = [1, 2, 4].map(async (threads) => {
      const { out } = await dsmProcess([
        'simulate',
        './half-quorum.mjs',
        '--seeds',
        '900',
        '--threads',
        `${threads}`,
      ]);
      return /To see it again: .*/.exec(out)?.[0];
    });
    const [first, ...others] = await Promise.all(replays);
    expect(first).toContain('--seed ');
    expect(others).toEqual([first, first]);
  });

  it('does not wait for a thread that has died', async () => {
    const { code, err } = await dsmProcess(['simulate', './dies.mjs', '--seeds', '10']);
    expect(err).toContain('a thread ended before its work was done');
    expect(code).not.toBe(0);
  });
});

describe('dsm simulate', { timeout }, () => {
  it.each([
    ['no protocol', [], /which protocol\?/],
    ['a protocol that there is not', ['paxos'], /there is no protocol 'paxos'/],
    ['two protocols', ['attiya-register', 'attiya-register'], /is too much/],
    ['a path where nothing is', ['./nowhere.mjs'], /cannot be loaded/],
    ['a module that fails', ['./fails.mjs'], /cannot be loaded: it fails to load/],
    ['a module without subjects', ['./nothing.mjs'], /exports no `subjects`/],
    ['a model without a checker', ['./unjudged.mjs'], /cannot be judged/],
    ['a seed that is none', ['attiya-register', '--seed', '0'], /--seed is a whole number from 1/],
    ['seeds that are none', ['attiya-register', '--seeds', 'many'], /--seeds is a whole number/],
    ['too many members', ['attiya-register', '--members', '32'], /--members is a whole number from 1 to 31/],
    ['an unknown fault', ['attiya-register', '--faults', 'drop,flood'], /not 'flood'/],
    ['a seed and seeds', ['attiya-register', '--seed', '1', '--seeds', '2'], /either --seed or --seeds/],
    ['a trace of many', ['attiya-register', '--seeds', '2', '--trace'], /either --trace or --seeds/],
    ['threads for one', ['attiya-register', '--threads', '2'], /--threads goes with --seeds/],
    ['an unknown option', ['attiya-register', '--fast'], /--fast/],
  ])('refuses %s with exit code 64 and the usage', async (_, args, reason) => {
    const { code, out, err } = await dsm(['simulate', ...args]);
    expect(err).toMatch(/^dsm: .*\n\nUsage: dsm/s);
    expect(err).toMatch(reason);
    expect(out).toBe('');
    expect(code).toBe(64);
  });
});
