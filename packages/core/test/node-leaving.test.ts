import { expect, test, vi } from 'vitest';
import { three } from './fixtures/three.js';

const limits = { bytesInFlightMax: 2_000, earlyMax: 64 };

test('a member that goes does not ask those again who answer it no more, and so goes', () => {
  const { cluster, a, b, c } = three({ channels: 'unordered', membership: 'roster', limits });
  cluster.cut('a', 'b');
  for (let said = 0; said < 100; said += 1) a.say(`${said}`, 100);
  cluster.run(100);
  cluster.cuts.clear();
  const left = vi.fn();
  a.node.leave(left);
  // b is in reach: it has to be told, and a has been shedding what it said to b.
  cluster.run(1_500);
  expect(a.dropped('link-full')).toBeGreaterThan(50);
  expect(left).toHaveBeenCalledOnce();
  for (const other of [b, c]) expect(other.node.view?.members.map(({ name }) => name)).toEqual(['b', 'c']);
});
