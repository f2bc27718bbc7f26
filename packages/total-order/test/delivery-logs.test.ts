import type { ReplicaId } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../src/batch.js';
import { DeliveryLogs, finalsAgree } from '../src/delivery-logs.js';
import type { TotalOrderReplica } from '../src/replica.js';

const names = ['rising', 'shared', 'acyclic', 'verdicts', 'keeps', 'uniform'] as const;
const properties = Object.fromEntries(names.map((name) => [name, name])) as Record<
  (typeof names)[number],
  string
>;

type Sketch = Partial<Batch> & { readonly time: number };

/** What the logs look at of a replica: what it delivered, as batches of initiator 0 numbered by their times. */
function member(self: ReplicaId, batches: readonly Sketch[], needed = 1): TotalOrderReplica {
  const kept = batches.map((batch) => ({
    initiator: 0,
    number: batch.time,
    group: 0b11,
    stage: 'delivered',
    verdicts: [true],
    ...batch,
  }));
  const last = kept.at(-1) ?? { time: 0, initiator: 0, number: 0 };
  return { self, kept, queue: [], last, storersNeeded: () => needed } as unknown as TotalOrderReplica;
}

/** Shows the logs one look after the other; the property that is broken at the last. */
function after(...looks: readonly (readonly TotalOrderReplica[])[]): string | undefined {
  const logs = new DeliveryLogs(properties);
  return looks.map((look) => logs.fault(look)?.property).at(-1);
}

const at = (...times: number[]) => times.map((time) => ({ time }));

describe('logs of deliveries', () => {
  test('are right where one member is behind, and where what all have is forgotten', () => {
    expect(
      after(
        [member(0, at(1)), member(1, [])],
        [member(0, at(1, 2, 3)), member(1, at(1))],
        [member(0, at(2, 3)), member(1, at(1, 2))],
        [member(0, at(3, 4)), member(1, at(3))],
      ),
    ).toBe(undefined);
  });

  test('must rise', () => {
    expect(after([member(0, at(2, 1))])).toBe('rising');
    expect(after([member(0, at(2))], [member(0, at(2, 1))])).toBe('rising');
    expect(after([member(0, at(2))], [member(0, at(2, 2))])).toBe('rising');
    expect(
      after(
        [member(0, at(2))],
        [{ ...member(0, at(2)), last: { time: 1, initiator: 0, number: 1 } } as never],
      ),
    ).toBe('rising');
  });

  test('must have what is shared in one order', () => {
    expect(after([member(0, at(1, 2)), member(1, at(2))])).toBe('shared');
    const [one, other] = [
      at(1, 3),
      [
        { time: 2, number: 3 },
        { time: 4, number: 1 },
      ],
    ];
    expect(after([member(0, one), member(1, other)])).toBe('shared');
  });

  test('must have no cycle over groups that overlap', () => {
    // x of 0 and 1, y of 1 and 2, z of 2 and 0: each member is right alone, and each pair has one in common only.
    const x = { number: 1, group: 0b011 };
    const y = { number: 2, group: 0b110 };
    const z = { number: 3, group: 0b101 };
    const ring = [
      member(0, [
        { time: 1, ...x },
        { time: 2, ...z },
      ]),
      member(1, [
        { time: 1, ...y },
        { time: 2, ...x },
      ]),
      member(2, [
        { time: 1, ...z },
        { time: 2, ...y },
      ]),
    ];
    expect(after(ring)).toBe('acyclic');
    expect(after(ring.slice(0, 2))).toBe(undefined);
  });

  test('must have the same verdicts', () => {
    const refused = [{ time: 1, verdicts: [false] }];
    expect(after([member(0, at(1)), member(1, refused)])).toBe('verdicts');
  });

  test('must be kept while somebody may ask', () => {
    const had = {
      ...member(0, []),
      last: { time: 1, initiator: 0, number: 1 },
    } as unknown as TotalOrderReplica;
    expect(after([member(0, at(1)), member(1, [])], [had, member(1, [])])).toBe('keeps');
    expect(after([member(0, at(1)), member(1, at(1))], [had, member(1, at(1))])).toBe(undefined);
  });

  test('must wait until enough store the final time', () => {
    const stores = { ...member(1, []), queue: [{ initiator: 0, number: 1, stage: 'final' }] } as never;
    const asked = { ...member(1, []), queue: [{ initiator: 0, number: 1, stage: 'proposed' }] } as never;
    expect(after([member(0, at(1), 2), stores])).toBe(undefined);
    expect(after([member(0, at(1), 2), asked])).toBe('uniform');
    expect(after([member(0, at(1), 2), member(1, [])])).toBe('uniform');
  });
});

test('two final times of one command are told apart from a proposal', () => {
  const pending = {
    ...member(1, []),
    queue: [{ initiator: 0, number: 1, stage: 'proposed', time: 9 }],
  } as never;
  expect(finalsAgree([member(0, at(1)), pending], 'one final')).toBe(undefined);
  expect(finalsAgree([member(0, at(1)), member(1, [{ time: 2, number: 1 }])], 'one final')?.property).toBe(
    'one final',
  );
});
