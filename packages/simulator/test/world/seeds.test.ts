import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DsmError } from '@dsm/core';
import { Node } from '@dsm/core/node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type FaultKind,
  faultKinds,
  runSeeds,
  type Subject,
  simulate,
  UnjudgedError,
} from '../../src/index.js';
import { planOf } from '../../src/plan.js';
import { perform } from '../../src/run.js';
import { range, timeoutMs } from './fixtures/chance.js';
import { ferry } from './fixtures/ferry.js';
import { readingAll, register } from './fixtures/register.js';

/** The private side of a node, as far as it is replaced here. */
interface Interior {
  readonly greeter: { onRefuse(): void };
  readonly events: { entered(): void };
  start(wire: unknown): void;
  fail(error: DsmError): void;
}

/** What no number of seeds is to leave out. */
function unseen(counts: Readonly<Record<string, number>>): string[] {
  return Object.keys(counts).filter((name) => counts[name] === 0);
}

describe('the register', { timeout: timeoutMs }, () => {
  test('breaks nothing, whatever goes wrong, and everything does', () => {
    const { failure, undecided, sometimes, faults, operations, events } = runSeeds(register, range(300));
    expect(failure?.text).toBeUndefined();
    expect(undecided).toEqual([]);
    expect(unseen(sometimes)).toEqual([]);
    expect(Object.keys(sometimes)).toContain('a member that came back was told DSM_REMOVED');
    expect(unseen(faults)).toEqual([]);
    expect(operations).toBeGreaterThan(300 * 20);
    expect(events).toBeGreaterThan(operations * 10);
  });

  test('that reads from all breaks nothing', () => {
    const { failure, undecided } = runSeeds(readingAll, range(100));
    expect(failure?.text).toBeUndefined();
    expect(undecided).toEqual([]);
  });
});

describe('faults', { timeout: timeoutMs }, () => {
  test('do not happen where none may', () => {
    const { faults, failure, operations } = runSeeds(register, { seeds: 60, faults: [] });
    expect(failure).toBeUndefined();
    expect(operations).toBeGreaterThan(0);
    expect(unseen(faults)).toEqual([...faultKinds]);
  });

  test.each(faultKinds)('%s happens alone', (kind: FaultKind) => {
    const { faults, failure } = runSeeds(register, { seeds: 60, faults: [kind] });
    expect(failure?.text).toBeUndefined();
    expect(unseen(faults)).toEqual(faultKinds.filter((other) => other !== kind));
  });
});

describe('a frame that is late', { timeout: timeoutMs }, () => {
  const { network, ...others } = planOf(register.protocol, { seed: 3, members: 3, faults: [] });
  const delays = (delayUsMax: number) =>
    perform(register, { ...others, network: { ...network, delayRate: 1, delayUsMax } }).faults.delay;

  test('counts as a fault only where its link does not wait for it', () => {
    expect(others.size).not.toBe('tiny');
    expect(delays(250_000)).toBe(0);
    expect(delays(1_000_000)).toBeGreaterThan(0);
  });
});

describe('the number of members', { timeout: timeoutMs }, () => {
  test.each([1, 2, 7])('can be %i in all runs', (members) => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const { story, violation } = simulate(register, seed, { members });
      expect(violation).toBeUndefined();
      expect(story?.members).toHaveLength(members);
    }
  });
});

describe('a seed', { timeout: timeoutMs }, () => {
  test('means the same each time, told or untold, and alone or among others', () => {
    const hashes = (subject: Subject) => [1, 2, 3, 4, 5, 6].map((seed) => simulate(subject, seed).hash);
    expect(hashes(register)).toEqual(hashes(register));
    expect(new Set(hashes(register)).size).toBe(6);
    const alone = runSeeds(register, { first: 5, seeds: 1 });
    expect(alone.operations).toBe(simulate(register, 5).operations);
    expect(runSeeds(ferry(), { seeds: 9 }).hash).toBe(runSeeds(ferry(), { seeds: 9 }).hash);
  });

  test('depends on how fast the clocks of members run', () => {
    const plan = planOf(register.protocol, { seed: 6, members: 3, faults: ['drop'] });
    expect(plan.size).not.toBe('tiny');
    // Links measure by them when to send again.
    const network = { ...plan.network, dropRate: 0.3 };
    const hashOf = (...clockRates: number[]) => perform(register, { ...plan, network, clockRates }).hash;
    expect(hashOf(1, 1, 1)).toBe(hashOf(1, 1, 1));
    expect(hashOf(1, 0.5, 1)).not.toBe(hashOf(1, 1, 1));
  });

  // A changed hash means a changed protocol, link, group, node or simulator; the commit says why.
  test('does what it always did', () => {
    expect(runSeeds(register, { seeds: 30 }).hash).toBe('7f8aa790');
    expect(runSeeds(ferry(), { seeds: 30 }).hash).toBe('f976d743');
  });

  test('means the same in another process', () => {
    const program = `
      import { attiyaRegister } from '@dsm/attiya-register';
      import { inspection } from '@dsm/attiya-register/inspection';
      import { runSeeds } from '@dsm/simulator';
      console.log(runSeeds({ protocol: attiyaRegister(), inspection }, { seeds: 30 }).hash);`;
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd });
    expect(printed.toString().trim()).toBe(runSeeds(register, { seeds: 30 }).hash);
  });
});

describe('a process that comes back', { timeout: timeoutMs }, () => {
  afterEach(() => vi.restoreAllMocks());

  /** Lets nodes do something else with a refusal. */
  function refusedNodes(onRefuse: (node: Interior) => void): void {
    const nodes = Node.prototype as unknown as Interior;
    const { start } = nodes;
    vi.spyOn(nodes, 'start').mockImplementation(function (this: Interior, wire) {
      this.greeter.onRefuse = () => onRefuse(this);
      start.call(this, wire);
    });
  }

  test('must be told that it is refused', () => {
    refusedNodes(() => undefined);
    const { failure } = runSeeds(register, { seeds: 100, shrinks: false });
    expect(failure?.property).toBe('a member that lost its memory is refused');
  });

  test('must not enter the view', () => {
    refusedNodes((node) => node.events.entered());
    const { failure } = runSeeds(register, { seeds: 100, shrinks: false });
    expect(failure?.property).toBe('a member that lost its memory is refused');
    expect(failure?.detail).toMatch(/^\d entered the view again$/);
  });

  test('must be told so and nothing else', () => {
    refusedNodes((node) => node.fail(new DsmError('DSM_CLOSED', 'the door was shut')));
    const { failure } = runSeeds(register, { seeds: 100, shrinks: false });
    expect(failure?.detail).toContain('the door was shut');
  });
});

describe('what cannot be judged', () => {
  test('is refused before it is run', () => {
    const { protocol } = register;
    const guarantees = { ...protocol.guarantees, consistency: 'unheard-of' as 'none' };
    const subject = { protocol: { ...protocol, guarantees } };
    expect(() => runSeeds(subject, { seeds: 1 })).toThrow(UnjudgedError);
  });

  test('names the seed where an inspection fails', () => {
    const beforeOperation = () => {
      throw new Error('no idea');
    };
    const { protocol } = register;
    const inspection = { ...(register.inspection as NonNullable<Subject['inspection']>), beforeOperation };
    expect(() => runSeeds({ protocol, inspection }, { seeds: 1 })).toThrow('seed 1 of attiya-register');
  });
});
