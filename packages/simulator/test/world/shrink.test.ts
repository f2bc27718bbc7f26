import type { Host } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { faultKinds } from '../../src/fault-kinds.js';
import { runSeeds, type Subject, simulate } from '../../src/index.js';
import { type Plan, planOf } from '../../src/plan.js';
import { perform } from '../../src/run.js';
import { shrink } from '../../src/shrink.js';
import { mutants } from '../explore/fixtures/register-mutants.js';
import { timeoutMs } from './fixtures/chance.js';
import { Ferry, ferry, type Message, type Request } from './fixtures/ferry.js';
import { type Hole, holes } from './fixtures/holes.js';

const quorum = mutants.find(({ mistake }) => mistake === 'half of the members are a quorum');
const forgetful = mutants.find(({ mistake }) => mistake === 'a lost message is never asked for again');

/** The first seed of a size that fails. */
function failing(subject: Subject, size: Plan['size']): { seed: number; plan: Plan; property: string } {
  for (let seed = 1; seed <= 600; seed += 1) {
    const plan = planOf(subject.protocol, { seed, faults: faultKinds });
    const violation = plan.size === size ? perform(subject, plan).violation : undefined;
    if (violation !== undefined) return { seed, plan, property: violation.property };
  }
  throw new Error(`no ${size} seed fails`);
}

const tasksOf = ({ clients }: Plan) => clients.reduce((sum, { tasks }) => sum + tasks.length, 0);

describe('shrinking', { timeout: timeoutMs }, () => {
  test.each(['tiny', 'medium', 'large'] as const)('leaves little of a %s run', (size) => {
    const subject = quorum?.subject as unknown as Subject;
    const { plan, property } = failing(subject, size);
    const smallest = shrink(subject, plan, property);
    expect(perform(subject, smallest).violation?.property).toBe(property);
    expect(smallest.size).toBe('tiny');
    expect(tasksOf(smallest)).toBeLessThanOrEqual(2);
    expect(smallest.members).toBeLessThanOrEqual(3);
    expect(smallest.clients.length).toBeLessThanOrEqual(2);
    expect(smallest.disturbances).toEqual([]);
  });

  test('keeps what a violation needs', () => {
    const subject = forgetful?.subject as unknown as Subject;
    const { plan, property } = failing(subject, 'tiny');
    const smallest = shrink(subject, plan, property);
    expect(smallest.network.dropRate).toBeGreaterThan(0);
    expect(smallest.network.duplicateRate).toBe(0);
    expect(tasksOf(smallest)).toBe(1);
  });

  test('makes a linked run smaller where no tiny one shows the violation', () => {
    // Tiny worlds have three members at most.
    class Fourth extends Ferry {
      override ask(request: Request, host: Host<Message>): void {
        if (this.self === 3) throw new Error('there is no room for a fourth');
        super.ask(request, host);
      }
    }
    const subject = ferry(Fourth);
    const { plan, property } = failing(subject, 'large');
    expect(property).toBe('a handler never throws');
    const smallest = shrink(subject, plan, property);
    expect(smallest).toMatchObject({ size: 'large', members: 4, disturbances: [] });
    expect(tasksOf(smallest)).toBe(1);
    expect(perform(subject, smallest).violation?.property).toBe(property);
  });
});

describe('a failure', { timeout: timeoutMs }, () => {
  const subject = quorum?.subject as unknown as Subject;

  test('is told with a diagram, and its seed shows it again', () => {
    const { failure, seeds } = runSeeds(subject, { seeds: 600 });
    expect(failure).toMatchObject({ seed: seeds, property: 'a majority stores what was returned' });
    expect(failure?.text).toMatch(/^violation: a majority stores what was returned\ntag \d+ of/);
    expect(failure?.text).toMatch(/\n +a +b/);
    expect(failure?.text).toContain('┏ ');
    expect(failure?.text).toMatch(/\d→[ab] (probe|store|query)/);
    expect(simulate(subject, failure?.seed as number).violation).toEqual({
      property: failure?.property,
      detail: failure?.detail,
    });
  });

  test('to come to rest shows in a tiny world, too', () => {
    const { subject: hoarding } = holes.find(({ mistake }) => mistake.includes('remembered')) as Hole;
    expect(failing(hoarding, 'tiny').property).toBe('the group comes to rest');
  });

  test('that goes on for ever is told by its beginning and its end', () => {
    const { subject: endless } = holes.find(({ mistake }) => mistake.includes('again and again')) as Hole;
    const { failure } = runSeeds(endless, { seeds: 1, shrinks: false });
    expect(failure?.text).toMatch(/\n… \d{4} more rows\n/);
    expect(failure?.text.split('\n').length).toBeLessThan(320);
  });

  test('ends the runs', () => {
    const { failure, seeds } = runSeeds(subject, { first: 2, seeds: 600, shrinks: false });
    expect(seeds).toBe((failure?.seed as number) - 1);
  });
});
