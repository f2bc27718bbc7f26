import { checked, timeoutMs } from '@dsm/conformance/chance';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cluster } from './fixtures/cluster.js';

type Sorted = readonly number[];

const union = (one: unknown, other: unknown): Sorted =>
  [...new Set([...(one as Sorted), ...(other as Sorted)])].sort((a, b) => a - b);
const largest = (one: unknown, other: unknown): number => Math.max(one as number, other as number);

/** What happens next: a write at a member, or the delivery, twice perhaps, of some message in flight. */
const events = fc.array(
  fc.oneof(
    fc.record({ at: fc.nat(2), value: fc.nat(9) }),
    fc.record({ flight: fc.nat(50), twice: fc.boolean() }),
    fc.record({ lost: fc.nat(50) }),
  ),
  { maxLength: 60 },
);

/** A group after such events, healed. */
function after(happening: readonly Happening[], cluster: Cluster): Cluster {
  for (const event of happening) {
    const flights = cluster.inFlight;
    if ('at' in event) {
      cluster.write(event.at, [event.value], 'set');
      cluster.write(event.at, event.value, 'max');
    } else if (flights.length === 0) continue;
    else if ('lost' in event) cluster.remove(flights[event.lost % flights.length] as never);
    else {
      const flight = flights[event.flight % flights.length] as (typeof flights)[number];
      if (event.twice) flights.push({ ...flight });
      cluster.arrive(flight);
    }
  }
  cluster.settle();
  for (const [one, other] of [
    [0, 1],
    [1, 2],
    [0, 2],
  ] as const)
    cluster.tellLoss(one, other);
  cluster.settle();
  return cluster;
}

type Happening = { at: number; value: number } | { flight: number; twice: boolean } | { lost: number };

describe('a merge', () => {
  test('of all writes is the same at every member, in whatever order they arrived', {
    timeout: timeoutMs,
  }, () => {
    const property = fc.property(events, (happening) => {
      const cluster = after(happening, new Cluster({ merge: { set: union, 'm*': largest } }));
      const written = happening.flatMap((event) => ('at' in event ? [event.value] : []));
      for (const { self, contents } of cluster.replicas) {
        expect(cluster.read(self, 'set')).toEqual(written.length === 0 ? undefined : union(written, []));
        expect(cluster.read(self, 'max')).toBe(written.length === 0 ? undefined : Math.max(...written));
        expect(contents.entry('set').version).toBe(cluster.at(0).contents.entry('set').version);
      }
    });
    fc.assert(property, checked(300));
  });

  test('merges a causally later write, too', () => {
    const cluster = new Cluster({ merge: { set: union } });
    cluster.write(0, [1, 2], 'set');
    cluster.settle();
    cluster.write(1, [3], 'set');
    cluster.settle();
    for (const { self } of cluster.replicas) expect(cluster.read(self, 'set')).toEqual([1, 2, 3]);
  });

  test('that was read is a dependency with all that was merged', () => {
    const cluster = new Cluster({ size: 4, merge: { set: union } });
    cluster.write(0, [1], 'set');
    cluster.write(1, [2], 'set');
    cluster.deliver({ to: 2 });
    expect(cluster.read(2, 'set')).toEqual([1, 2]);
    cluster.write(2, 'seen both', 'y');
    cluster.deliver({ to: 3, key: 'y' });
    cluster.deliver({ to: 3, from: 1, key: 'set' });
    expect(cluster.read(3, 'y')).toBe(undefined);
    cluster.deliver({ to: 3, from: 0, key: 'set' });
    expect(cluster.read(3, 'y')).toBe('seen both');
  });

  test('is of its key alone, by the longest pattern that fits', () => {
    const cluster = new Cluster({ size: 1, merge: { 'a*': union, 'a:*': largest, 'a:b': () => 'exact' } });
    for (const key of ['ax', 'b']) for (const value of [[1], [2]]) cluster.write(0, value, key);
    for (const key of ['a:x', 'a:b']) for (const value of [2, 1]) cluster.write(0, value, key);
    expect(['ax', 'b', 'a:x', 'a:b'].map((key) => cluster.read(0, key))).toEqual([[1, 2], [2], 2, 'exact']);
  });

  test('that was deleted would come back, so a delete is refused', () => {
    const cluster = new Cluster({ merge: { set: union } });
    cluster.write(0, [1], 'set');
    expect(cluster.delete(0, 'set').code).toBe('DSM_UNSUPPORTED');
    expect(cluster.session(0).delete('set').code).toBe('DSM_UNSUPPORTED');
    expect(cluster.read(0, 'set')).toEqual([1]);
    expect(cluster.delete(0, 'other').code).toBe(undefined);
  });
});
