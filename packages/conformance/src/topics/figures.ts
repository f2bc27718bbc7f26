import assert from 'node:assert/strict';
import type { Stage } from '../face/stage.js';
import { eventually, refused, throwsCode } from '../face/waiting.js';
import type { Topic } from './topic.js';

/** What a member tells of itself. */
export const figures: readonly Topic[] = [
  { name: 'a member says who it is and what it promises', run: identity },
  { name: 'status is that of a group that is complete', run: status },
  { name: 'metrics count operations by kind and messages by purpose', run: metrics },
  {
    name: 'peek reads the local value at once',
    excuse: ({ protocol }) =>
      protocol.guarantees.reads === 'local' ? undefined : `${protocol.name} has no local reads`,
    run: peek,
  },
  {
    name: 'peek is refused where there are no local reads',
    excuse: ({ protocol }) =>
      protocol.guarantees.reads === 'local' ? `${protocol.name} has local reads` : undefined,
    run: peekRefused,
  },
];

async function identity(stage: Stage): Promise<void> {
  const { members, first } = await stage.group();
  for (const [slot, memory] of members.entries()) {
    assert.equal(memory.id, `m${slot}`);
    assert.equal(memory.protocol, stage.protocol.name);
    assert.deepEqual(memory.guarantees, stage.protocol.guarantees);
    assert.deepEqual(JSON.parse(JSON.stringify(memory.guarantees)), memory.guarantees, 'guarantees are data');
  }
  await refused(first.remove('nobody'), 'DSM_UNSUPPORTED', 'DSM_INVALID_OPTION');
}

async function status(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  const names = members.map(({ id }) => id);
  for (const memory of members) {
    const { state, since, reason, view, peers } = memory.status();
    assert.deepEqual([state, reason], ['ready', undefined]);
    assert.ok(since instanceof Date && !Number.isNaN(since.getTime()));
    assert.deepEqual(view?.members, names);
    assert.deepEqual(
      Object.keys(peers).toSorted(),
      names.filter((name) => name !== memory.id),
    );
    for (const peer of Object.values(peers)) {
      const kinds = [typeof peer.connected, typeof peer.suspected, typeof peer.lastSeenMs];
      assert.deepEqual(kinds, ['boolean', 'boolean', 'number']);
    }
  }
}

async function metrics(stage: Stage): Promise<void> {
  const { members, last } = await stage.group();
  const before = last.metrics();
  for (const value of [1, 2, 3]) await last.write('k', value);
  await last.delete('k');
  for (let left = 2; left > 0; left -= 1) await last.read('k');
  await last.entry('k');
  const { operations, messages, frames, bytes } = last.metrics();
  const done = { write: 4, read: 3, swap: 0 } as const;
  for (const kind of ['read', 'write', 'swap'] as const) {
    const { ok, failed, unknown, latency } = operations[kind];
    assert.equal(ok - before.operations[kind].ok, done[kind], `completed operations of kind ${kind}`);
    assert.deepEqual([failed, unknown], [0, 0]);
    assert.ok(latency.count === ok && latency.p50Us <= latency.maxUs);
  }
  assert.deepEqual(Object.keys(messages.out).toSorted(), ['read', 'write']);
  for (const count of [messages.in, frames.in, frames.out, bytes.in, bytes.out]) {
    assert.ok(Number.isSafeInteger(count) && count >= 0);
  }
  if (members.length === 1) assert.deepEqual([frames.out, messages.out], [0, { read: 0, write: 0 }]);
  for (const memory of members) {
    await eventually(stage, () => assert.equal(memory.metrics().operationsPending, 0));
    assert.deepEqual([memory.metrics().watchers, memory.metrics().listenerErrors], [0, 0]);
    assert.deepEqual(JSON.parse(JSON.stringify(memory.metrics())), memory.metrics(), 'metrics are data');
  }
}

async function peek(stage: Stage): Promise<void> {
  const { members, first } = await stage.group();
  assert.equal(first.peek('k'), undefined);
  await first.write('k', { list: [1] });
  assert.deepEqual(first.peek('k'), { list: [1] });
  for (const memory of members) {
    await eventually(stage, () => assert.deepEqual(memory.peek('k'), { list: [1] }));
    assert.deepEqual(await memory.read('k'), { list: [1] });
  }
}

async function peekRefused(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  for (const memory of members) throwsCode(() => memory.peek('k'), 'DSM_UNSUPPORTED');
}
