import { expect, test } from 'vitest';
import { Group } from './fixtures/group.js';

// Defects of earlier programs for this problem. Each is named after what went wrong there.

test('a commit with a smaller timestamp is not stuck for ever', () => {
  const group = new Group();
  const slow = group.write(0, 'asked for first');
  group.deliver(0, 1);
  group.deliver(0, 2);
  const quick = group.write(1, 'committed first');
  group.drain(1, 2);
  group.drain(2, 1);
  group.drain(0, 1);
  group.drain(1, 0);
  group.drain(0, 1);
  group.drain(1, 2);
  group.settle();
  expect([slow, quick].map(({ result }) => result?.kind)).toEqual(['written', 'written']);
  for (const { queue } of group.replicas) expect(queue).toEqual([]);
  for (const changes of group.changes) expect(changes).toEqual(group.changes[0]);
});

test('an initiator keeps getting callbacks after its own first write', () => {
  const group = new Group();
  group.write(0, 'own');
  group.settle();
  for (const [at, text] of [
    [1, 'one'],
    [2, 'two'],
    [0, 'own again'],
    [1, 'last'],
  ] as const) {
    group.write(at, text);
    group.settle();
  }
  const texts = group.changes[0]?.map(({ text }) => text);
  expect(texts).toEqual(['own', 'one', 'two', 'own again', 'last']);
});

test('an initiator delivers its own command once', () => {
  const group = new Group();
  const write = group.write(0, 'own');
  group.settle();
  expect(write.result?.kind).toBe('written');
  for (const changes of group.changes) expect(changes).toEqual([{ key: 'x', text: 'own' }]);
});

test('two concurrent CAS from the same value never both succeed', () => {
  for (const [first, second] of [
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 0],
  ] as const) {
    const group = new Group();
    group.write(2, 'start');
    group.settle();
    const swaps = [group.swap(first, 'start', `by ${first}`), group.swap(second, 'start', `by ${second}`)];
    group.settle();
    const won = swaps.filter(({ result }) => result?.kind === 'swapped' && result.ok);
    expect(won).toHaveLength(1);
    for (const at of [0, 1, 2]) expect(group.textAt(at)).toBe(`by ${won[0]?.at}`);
  }
});

test('a failed CAS calls nobody, and changes nothing', () => {
  const group = new Group();
  group.write(0, 'kept');
  group.settle();
  const { version } = group.at(0).peek('x');
  const swap = group.swap(1, 'another value', 'lost');
  group.settle();
  expect(swap.result).toMatchObject({ kind: 'swapped', ok: false, entry: { version } });
  for (const changes of group.changes) expect(changes).toEqual([{ key: 'x', text: 'kept' }]);
  for (const at of [0, 1, 2]) expect(group.at(at).peek('x').version).toBe(version);
});

test('a value is not there before it is delivered', () => {
  const group = new Group();
  group.write(0, 'pending');
  group.deliver(0, 1);
  for (const at of [0, 1]) expect(group.textAt(at)).toBe(undefined);
});

test('a member that does not subscribe to a variable receives no message about it', () => {
  const group = new Group({ size: 5, subscriptions: { x: ['m0', 'm2', 'm4'], 'family:*': ['m1', 'm2'] } });
  group.write(0, 'a');
  group.swap(2, undefined, 'b');
  group.settle();
  expect(group.sent.filter(({ to }) => to === 1 || to === 3)).toEqual([]);
  const { length } = group.sent;
  group.write(1, 'c', 'family:7');
  group.settle();
  expect(group.sent.slice(length).filter(({ to }) => to !== 1 && to !== 2)).toEqual([]);
  for (const at of [1, 3]) expect([...group.at(at).keys()].includes('x')).toBe(false);
});

test('a member that does not subscribe is refused, and nothing is sent', () => {
  const group = new Group({ subscriptions: { x: ['m0', 'm1'] } });
  const refused = { kind: 'refused', code: 'DSM_NOT_SUBSCRIBED' };
  for (const operation of [group.read(2), group.write(2, 'a'), group.swap(2, undefined, 'b')]) {
    expect(operation.result).toMatchObject(refused);
  }
  expect(group.sent).toEqual([]);
  expect([0, 1, 2].map((at) => group.at(at).subscribes('x'))).toEqual([true, true, false]);
});
