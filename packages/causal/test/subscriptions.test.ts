import { runs, timeoutMs } from '@dsm/conformance/chance';
import { memoryNetwork } from '@dsm/core';
import { Chance } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { causal, join } from '../src/index.js';
import { inspection } from '../src/inspection.js';
import { Cluster } from './fixtures/cluster.js';

const subscriptions = { x: ['m0', 'm1'], 'y*': ['m1', 'm2'], z: ['m0', 'm2'] };
const holders: Readonly<Record<string, readonly number[]>> = {
  x: [0, 1],
  y1: [1, 2],
  z: [0, 2],
  all: [0, 1, 2],
};

describe('a member that does not subscribe to a key', () => {
  test('is told of its updates, and never of their values', () => {
    const cluster = new Cluster({ subscriptions });
    cluster.write(0, 'secret', 'x');
    const told = cluster
      .flights()
      .map(({ to, message }) => [to, 'value' in message && message.value !== undefined]);
    expect(told).toEqual([
      [1, true],
      [2, false],
    ]);
    cluster.settle();
    expect([...cluster.at(2).keys()]).toEqual([]);
    expect(cluster.at(2).journal.applied).toEqual([1, 0, 0]);
    expect([0, 1, 2].map((at) => cluster.at(at).subscribes('x'))).toEqual([true, true, false]);
    expect(cluster.woken).toEqual([['x'], ['x'], []]);
  });

  test('passes on what depends on it, in order', () => {
    const cluster = new Cluster({ subscriptions });
    cluster.write(0, 1, 'x');
    cluster.deliver({ to: 1 });
    cluster.read(1, 'x');
    cluster.write(1, 2, 'y1');
    cluster.deliver({ to: 2, key: 'y1' });
    expect(cluster.read(2, 'y1')).toBe(undefined);
    cluster.deliver({ to: 2, key: 'x' });
    expect(cluster.read(2, 'y1')).toBe(2);
  });

  test('cannot pass on a value: who lacks it gets it from one that has it', () => {
    const cluster = new Cluster({ subscriptions });
    cluster.write(0, 1, 'x');
    cluster.drop({ to: 1 });
    cluster.settle();
    cluster.write(2, 2, 'y1');
    cluster.settle();
    cluster.repeat(1, 2);
    cluster.settle();
    expect([cluster.read(1, 'x'), cluster.read(1, 'y1')]).toEqual([undefined, 2]);
    cluster.repeat(1, 0);
    cluster.settle();
    expect(cluster.read(1, 'x')).toBe(1);
  });

  test('is refused before anything is sent if it is no member', async () => {
    const options = { id: 'a', members: { a: 'memory:a' }, transport: memoryNetwork() };
    const joining = join(causal({ subscriptions: { x: ['a', 'nobody'] } }), options);
    await expect(joining).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
  });

  test('stops the group if it is no member', () => {
    expect(() => new Cluster({ subscriptions: { x: ['nobody'] } })).toThrow(
      expect.objectContaining({ code: 'DSM_INVALID_OPTION' }),
    );
  });
});

test('overlapping subscriptions converge under loss, repetition and reordering', {
  timeout: timeoutMs,
}, () => {
  for (let seed = 1; seed <= runs(300); seed += 1) {
    const chance = new Chance(seed);
    const cluster = new Cluster({ subscriptions });
    const inspector = inspection.inspector();
    const look = () => {
      const { replicas } = cluster;
      const sight = { replicas, crashed: 0, keys: Object.keys(holders), flights: () => cluster.inFlight };
      expect(inspector.fault(sight), `seed ${seed}`).toBe(undefined);
    };
    for (let event = 0; event < 80; event += 1) {
      const flight = cluster.inFlight.length > 0 ? chance.pick(cluster.inFlight) : undefined;
      const [key, members] = chance.pick(Object.entries(holders));
      const at = chance.pick(members);
      if (flight !== undefined && chance.happens(0.15)) cluster.remove(flight);
      else if (flight !== undefined && chance.happens(0.6)) cluster.arrive(flight);
      else if (chance.happens(0.8)) cluster.write(at, event, key);
      else cluster.delete(at, key);
      look();
    }
    for (let round = 0; round < 2; round += 1) {
      cluster.settle();
      for (const [one, other] of [
        [0, 1],
        [1, 2],
        [0, 2],
      ] as const)
        cluster.tellLoss(one, other);
    }
    cluster.settle();
    look();
    for (const { journal } of cluster.replicas)
      expect(journal.applied).toEqual(cluster.at(0).journal.applied);
    for (const [key, members] of Object.entries(holders)) {
      for (const at of members)
        expect(cluster.read(at, key)).toEqual(cluster.read(members[0] as number, key));
    }
    expect(cluster.replicas.every((replica) => inspection.idle(replica))).toBe(true);
  }
});
