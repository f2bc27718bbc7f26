import { attiyaRegister } from '@dsm/attiya-register';
import { inspection } from '@dsm/attiya-register/inspection';
import { describe, expect, test } from 'vitest';
import { explore, parseScript, type Scenario, type Subject } from '../../src/index.js';
import { type Mutant, mutants } from './fixtures/register-mutants.js';

type World = readonly [script: string, options: Omit<Scenario, 'script'>, states: number];

const register: Subject = { protocol: attiyaRegister(), inspection };
const timeoutMs = process.env.DSM_DEEP ? 600_000 : 60_000;

/** Worlds with the number of their states: where one changes, protocol or explorer has, and the commit says why. */
const worlds: readonly World[] = [
  ['w | r r', {}, 1_509],
  ['w | w', {}, 412],
  ['w | r | r', {}, 17_249],
  ['w & w', {}, 499],
  ['w | d r', {}, 5_915],
  ['wx | wy', {}, 491],
  ['w | w', { crashes: 1 }, 1_584],
  ['w | w', { duplicates: 1 }, 2_397],
  ['w | w', { drops: 2 }, 3_726],
  ['w | r', { duplicates: 1, drops: 1, crashes: 1 }, 18_657],
  ['w', { members: 5 }, 108],
];

const largeWorlds: readonly World[] = [
  // Before stores were numbered, an explorer written for the register alone had found as many states as this one.
  ['w | r r', { keepLate: true }, 341_205],
  ['w | w | r', {}, 28_680],
  ['w r | w r', {}, 130_896],
  ['wx wy | ry rx', {}, 126_814],
];

describe('every order of the messages of', () => {
  const chosen = process.env.DSM_DEEP ? [...worlds, ...largeWorlds] : worlds;
  test.each(chosen)(
    '%s with %o keeps every property, in %i states',
    { timeout: timeoutMs },
    (text, options, states) => {
      expect(explore(register, { script: parseScript(text), ...options })).toEqual({
        states,
        complete: true,
      });
    },
  );
});

describe('some order of messages shows that', () => {
  test.each(mutants)(
    '$mistake, which breaks: $breaks',
    { timeout: timeoutMs },
    ({ subject, breaks, script, world }) => {
      const { violation } = explore(subject, { script: parseScript(script), ...world });
      expect(violation?.property).toBe(breaks);
    },
  );

  test.each(mutants.slice(0, 2))(
    '$mistake, in the eyes of a user',
    { timeout: timeoutMs },
    ({ subject, script }) => {
      const { violation } = explore(subject, { script: parseScript(script), properties: ['linearizable'] });
      expect(violation?.property).toBe('linearizable');
    },
  );

  // What a correct replica ignores is left in flight: more states, the same findings, as few events.
  test.each(mutants)(
    '$mistake, without the reduction',
    { timeout: timeoutMs },
    ({ subject, breaks, script, world }) => {
      const scenario = { script: parseScript(script), ...world };
      const naive = explore(subject, { ...scenario, keepLate: true }).violation;
      expect(naive?.property).toBe(breaks);
      expect(naive?.schedule).toHaveLength(explore(subject, scenario).violation?.schedule.length ?? 0);
    },
  );
});

test('without the reduction the register keeps every property, in more states', () => {
  const { states, complete, violation } = explore(register, { script: parseScript('w | r'), keepLate: true });
  expect({ states, complete, violation }).toEqual({ states: 13_385, complete: true, violation: undefined });
  expect(explore(register, { script: parseScript('w | r') }).states).toBe(303);
});

describe('the shortest counter-example', () => {
  const [unwritten, , , , short] = mutants as [Mutant, Mutant, Mutant, Mutant, Mutant];

  test('shows the new-old inversion of reads that do not write back', () => {
    const script = parseScript('w | r r');
    const { violation } = explore(unwritten.subject, { script, properties: ['linearizable'] });
    expect(violation?.schedule).toEqual([
      "m0: write x 'a'",
      'probe 1 x from m0 to m1',
      'probed 1 0 from m1 to m0',
      'm1: read x',
      'query 1 x 0 from m1 to m0',
      "queried 1 32 'a' from m0 to m1",
      'm1: read x',
      'query 2 x 0 from m1 to m2',
      'queried 2 0 from m2 to m1',
    ]);
  });

  test('is told as a story, flight by flight', () => {
    const { violation } = explore(short.subject, { script: parseScript('w') });
    expect(violation?.detail).toBe('tag 32 of x was returned and is stored at 1');
    expect(violation?.story).toEqual({
      members: ['m0', 'm1', 'm2'],
      moments: [
        { kind: 'invoke', at: 0, operation: 0, label: "write x 'a'" },
        { kind: 'send', at: 0, to: 1, flight: 1, label: 'probe 1 x' },
        { kind: 'send', at: 0, to: 2, flight: 2, label: 'probe 1 x' },
        { kind: 'receive', at: 1, from: 0, flight: 1 },
        { kind: 'send', at: 1, to: 0, flight: 3, label: 'probed 1 0' },
        { kind: 'receive', at: 0, from: 1, flight: 3 },
        { kind: 'send', at: 0, to: 1, flight: 4, label: "store 2 1 x 32 'a'" },
        { kind: 'send', at: 0, to: 2, flight: 5, label: "store 2 1 x 32 'a'" },
        { kind: 'return', at: 0, operation: 0, label: 'ok' },
      ],
    });
  });

  test('is the same each time', () => {
    const run = () => explore(unwritten.subject, { script: parseScript('w | r r') });
    expect(run()).toEqual(run());
  });
});

test('a search that is given up says so', () => {
  const { states, complete } = explore(register, { script: parseScript('w | w'), statesMax: 100 });
  expect({ states, complete }).toEqual({ states: 100, complete: false });
});
