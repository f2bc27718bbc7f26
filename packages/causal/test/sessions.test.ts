import { checkCausal, checkSessions, type Operation } from '@dsm/checker';
import { runs, timeoutMs } from '@dsm/conformance/chance';
import { Chance } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { Cluster } from './fixtures/cluster.js';
import { mutated } from './fixtures/interior.js';

describe('a session', () => {
  test('reads what it wrote, and depends on nothing that it has not read', () => {
    const cluster = new Cluster();
    cluster.write(1, 'others', 'y');
    cluster.deliver({ to: 0 });
    const session = cluster.session(0);
    session.write('mine');
    expect([session.read('x'), session.read('y')]).toEqual(['mine', 'others']);
    cluster.deliver({ from: 0, to: 2 });
    expect([cluster.read(2, 'x'), cluster.read(2, 'y')]).toEqual(['mine', undefined]);
    session.delete('x');
    expect(session.read('x')).toBe(undefined);
    cluster.deliver({ from: 0, to: 2 });
    expect(cluster.read(2, 'x')).toBe('mine');
  });

  test('goes on at another member once that has all it has seen, and not before', () => {
    const cluster = new Cluster();
    const session = cluster.session(0);
    session.write('mine');
    const { invoked, session: moved } = cluster.attach(1, session.context);
    expect(invoked.ended).toBe(false);
    cluster.deliver({ to: 1 });
    expect(invoked.ended).toBe(true);
    expect(moved.read()).toBe('mine');
    moved.write('and more', 'y');
    cluster.deliver({ to: 2, key: 'y' });
    expect(cluster.read(2, 'y')).toBe(undefined);
  });

  test('waits for what it has only read, too', () => {
    const cluster = new Cluster();
    cluster.write(2, 'read', 'y');
    cluster.deliver({ to: 0 });
    const session = cluster.session(0);
    expect(session.read('y')).toBe('read');
    const { invoked } = cluster.attach(1, session.context);
    expect(invoked.ended).toBe(false);
    cluster.deliver({ to: 1 });
    expect(invoked.ended).toBe(true);
  });

  test('that has done nothing goes on anywhere at once', () => {
    const cluster = new Cluster();
    expect(cluster.attach(1, cluster.session(0).context).invoked.ended).toBe(true);
  });

  test.each([
    [
      '',
      'causal1:',
      'causal1:2',
      'causal2:25:1',
      'causal1:25:1.-2',
      'causal1:25:1.1.1.1',
      `causal1:25:${'z'.repeat(30)}`,
    ],
  ])('is not taken up from what is no context: %s', (...contexts) => {
    const cluster = new Cluster();
    for (const context of contexts)
      expect(cluster.attach(1, context).invoked.code).toBe('DSM_INVALID_OPTION');
  });

  test('is not taken up from another group', () => {
    const cluster = new Cluster();
    const session = cluster.session(0);
    session.write(1);
    const other = session.context.replace(/^causal1:\w+/, 'causal1:zz');
    expect(cluster.attach(0, session.context).invoked.code).toBe(undefined);
    expect(cluster.attach(0, other).invoked.code).toBe('DSM_INVALID_OPTION');
  });
});

test('a snapshot has several keys of one moment, and is read like any of them', () => {
  const cluster = new Cluster();
  cluster.write(0, 1, 'x');
  cluster.write(0, 2, 'y');
  cluster.deliver({ to: 1 });
  expect(cluster.snapshot(1, 'x', 'y', 'z')).toEqual([1, 2, undefined]);
  cluster.write(1, 3, 'z');
  cluster.deliver({ to: 2, key: 'z' });
  expect(cluster.read(2, 'z')).toBe(undefined);
});

/** Clients that move between members all the time, under loss, repetition and reordering: what they saw. */
function wanderings(chance: Chance, replica?: ReturnType<typeof mutated>): Operation[] {
  const cluster = new Cluster(replica === undefined ? {} : { replica });
  const history: Operation[] = [];
  const clients = ['one', 'two', 'three'].map((name) => ({
    name,
    ...cluster.attach(chance.below(3), 'causal1'),
  }));
  for (let moment = 1; moment <= 120; moment += 1) {
    const flight = cluster.inFlight.length > 0 ? chance.pick(cluster.inFlight) : undefined;
    if (flight !== undefined && chance.happens(0.5)) {
      if (chance.happens(0.2)) cluster.remove(flight);
      else cluster.arrive(flight);
      continue;
    }
    const client = chance.pick(clients);
    const key = chance.pick(['x', 'y']);
    const common = { client: client.name, key, start: 2 * moment, end: 2 * moment + 1 };
    if (!client.invoked.ended) continue;
    if (chance.happens(0.3)) Object.assign(client, cluster.attach(chance.below(3), client.session.context));
    else if (chance.happens(0.4)) {
      client.session.write(moment, key);
      history.push({ ...common, op: 'write', value: moment });
    } else history.push({ ...common, op: 'read', value: client.session.read(key) as number | undefined });
    if (chance.happens(0.05)) cluster.tellLoss(0, chance.between(1, 2));
  }
  return history;
}

describe('clients that move between members', () => {
  test('see one causal order, with all session guarantees', { timeout: timeoutMs }, () => {
    let checked = 0;
    for (let seed = 1; seed <= runs(500); seed += 1) {
      const history = wanderings(new Chance(seed));
      if (history.length === 0) continue;
      expect(checkCausal(history), `seed ${seed}`).toMatchObject({ verdict: 'legal' });
      expect(checkSessions(history), `seed ${seed}`).toMatchObject({ verdict: 'legal' });
      checked += history.length;
    }
    expect(checked).toBeGreaterThan(runs(5_000));
  });

  test.each([
    [
      'without their context',
      mutated(() => ({
        attach(operation, _, past, host) {
          past.birth = 77;
          host.complete(operation, { kind: 'answered', value: undefined });
        },
      })),
    ],
    [
      'to a member that has not caught up',
      mutated((right) => ({
        attach(operation, context, past, host) {
          right.attach.call(this, operation, 'causal1', past, host);
          const counts = context.split(':').at(-1)?.split('.') ?? [];
          for (const [origin, count] of counts.entries()) past.see(origin, Number.parseInt(count, 36) || 0);
        },
      })),
    ],
  ])('%s do not', { timeout: timeoutMs }, (_, replica) => {
    const verdicts = Array.from({ length: 200 }, (_, seed) => {
      const history = wanderings(new Chance(seed + 1), replica);
      return history.length === 0 ? [] : checkSessions(history).broken;
    });
    expect(verdicts.some((broken) => broken !== undefined && broken.length > 0)).toBe(true);
  });
});
