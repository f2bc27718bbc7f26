import { expect, test } from 'vitest';
import type { Message } from '../src/messages.js';
import { Group, type Invoked } from './fixtures/group.js';

/** The only message of a type on a link, without taking it off. */
function onLink<Type extends Message['type']>(group: Group, type: Type, from: number, to: number) {
  const found = (group.links.get(`${from} ${to}`) ?? []).filter((message) => message.type === type);
  expect(found).toHaveLength(1);
  return found[0] as Extract<Message, { type: Type }>;
}

const ended = ({ result }: Invoked) => result !== undefined;
const texts = (group: Group, at: number) => group.changes[at]?.map(({ text }) => text);

test('the initiator raises its clock by one, and its own proposal rides on the request', () => {
  const group = new Group();
  group.write(0, 'a');
  expect(onLink(group, 'propose', 0, 1)).toMatchObject({ time: 1 });
  group.settle();
  const { clock } = group.at(0);
  group.write(0, 'b');
  expect(onLink(group, 'propose', 0, 1)).toMatchObject({ time: clock + 1 });
});

test('another subscriber raises its clock above all it has seen, queues the command and answers its proposal', () => {
  const group = new Group();
  for (const text of ['a', 'b', 'c']) {
    group.write(1, text);
    group.settle();
  }
  const { clock } = group.at(2);
  group.write(0, 'late');
  group.deliver(0, 2);
  expect(onLink(group, 'proposed', 2, 0)).toMatchObject({ time: clock + 2 });
  expect(group.at(2).queue).toMatchObject([{ time: clock + 2, stage: 'proposed' }]);
  expect(group.at(2).clock).toBe(clock + 2);
});

test('a proposal is above the one that rode on the request, too', () => {
  const group = new Group({ subscriptions: { x: ['m0', 'm1'], own: ['m0'] } });
  for (let left = 5; left > 0; left -= 1) group.write(0, 'nobody else hears of it', 'own');
  group.write(0, 'a');
  group.deliver(0, 1);
  expect(onLink(group, 'proposed', 1, 0)).toMatchObject({ time: 7 });
});

test('the final time is the largest of all proposals, and above the last final of this initiator', () => {
  const group = new Group();
  for (let left = 3; left > 0; left -= 1) {
    group.write(1, 'raises the clocks of 1 and 2 alone', 'y');
    group.drain(1, 2);
    group.drain(2, 1);
  }
  group.write(0, 'a');
  group.deliver(0, 1);
  group.deliver(0, 2);
  const times = [1, onLink(group, 'proposed', 2, 0).time];
  group.drain(1, 0);
  group.drain(2, 0);
  const { time } = onLink(group, 'commit', 0, 2);
  expect(time).toBeGreaterThanOrEqual(Math.max(...times));
  group.settle();
  group.write(0, 'b');
  group.deliver(0, 1);
  group.deliver(0, 2);
  group.deliver(1, 0);
  group.deliver(2, 0);
  expect(onLink(group, 'commit', 0, 1).time).toBeGreaterThan(time);
});

test('whoever learns a final time first raises its clock to it', () => {
  const group = new Group({ subscriptions: { x: ['m0', 'm1', 'm2'], own: ['m2'] } });
  for (let left = 9; left > 0; left -= 1) group.write(2, 'raises the clock of 2', 'own');
  group.write(0, 'a');
  group.settle();
  expect(group.replicas.map(({ clock }) => clock)).toEqual([10, 10, 10]);
});

test('only the proposals of all subscribers make a time final', () => {
  const group = new Group({ size: 5 });
  group.write(0, 'a');
  for (const to of [1, 2, 3]) {
    group.deliver(0, to);
    group.deliver(to, 0);
  }
  expect(group.sent.filter(({ message }) => message.type === 'commit')).toEqual([]);
  group.deliver(0, 4);
  group.deliver(4, 0);
  expect(group.sent.filter(({ message }) => message.type === 'commit')).toHaveLength(4);
});

test('a command that is final waits for a smaller proposal', () => {
  const group = new Group();
  group.write(0, 'first');
  group.deliver(0, 2);
  const second = group.write(1, 'second');
  group.deliver(1, 0);
  group.deliver(1, 2);
  group.deliver(0, 1);
  group.drain(2, 1);
  group.drain(0, 1);
  // 1 has all proposals for its own, and its time is final; that of 0 has none yet, and is smaller.
  group.deliver(1, 2);
  expect(group.at(2).queue.map(({ stage, initiator }) => [stage, initiator])).toEqual([
    ['proposed', 0],
    ['stable', 1],
  ]);
  expect(group.textAt(2)).toBe(undefined);
  group.settle();
  expect(texts(group, 2)).toEqual(['first', 'second']);
  expect(ended(second)).toBe(true);
});

test('equal times are ordered by the slot of the initiator, at every member', () => {
  const group = new Group({ size: 2 });
  group.write(0, 'from 0');
  group.write(1, 'from 1');
  group.settle();
  expect(group.at(0).kept.map(({ time }) => time)).toEqual([2, 2]);
  for (const at of [0, 1]) expect(texts(group, at)).toEqual(['from 0', 'from 1']);
});

test('a later command of a member gets its final time after the earlier one, between groups too', () => {
  const group = new Group({ subscriptions: { x: ['m0', 'm1'], y: ['m0', 'm2'], own: ['m1'] } });
  for (let left = 9; left > 0; left -= 1) group.write(1, 'raises the clock of 1', 'own');
  group.write(0, 'one', 'x');
  group.write(0, 'two', 'y');
  group.deliver(0, 2);
  group.deliver(2, 0);
  expect(group.at(0).queue.map(({ stage }) => stage)).toEqual(['proposed', 'proposed']);
  group.settle();
  expect(group.changes[0]).toEqual([
    { key: 'x', text: 'one' },
    { key: 'y', text: 'two' },
  ]);
  expect(group.at(0).kept.map(({ time }) => time)).toEqual([10, 11]);
});

test('a command joins no batch to other subscribers, and none before a command to others', () => {
  const group = new Group({ subscriptions: { x: ['m0', 'm1'], y: ['m0', 'm2'] } });
  for (const key of ['x', 'x', 'y', 'y', 'x']) group.write(0, key, key);
  expect(group.at(0).drafts.map(({ commands }) => commands.map(({ key }) => key).join(''))).toEqual([
    'x',
    'x',
    'y',
    'y',
    'x',
  ]);
  group.settle();
  expect(texts(group, 0)).toEqual(['x', 'x', 'y', 'y', 'x']);
  for (const [at, key] of [
    [1, 'x'],
    [2, 'y'],
  ] as const) {
    expect(new Set(texts(group, at))).toEqual(new Set([key]));
  }
});

test('in a view of up to four a final time is delivered as soon as it is known', () => {
  const group = new Group({ size: 4 });
  const write = group.write(0, 'a');
  for (const to of [1, 2, 3]) {
    group.deliver(0, to);
    expect(ended(write)).toBe(false);
    group.deliver(to, 0);
  }
  expect(ended(write)).toBe(true);
});

test('in a larger view nobody delivers, the writer included, before f + 1 subscribers store the final time', () => {
  const group = new Group({ size: 5 });
  const write = group.write(0, 'a');
  for (const to of [1, 2, 3, 4]) {
    group.deliver(0, to);
    group.deliver(to, 0);
  }
  group.deliver(0, 1);
  expect(group.textAt(1)).toBe(undefined);
  group.deliver(1, 0);
  expect([ended(write), group.textAt(0)]).toEqual([false, undefined]);
  group.deliver(0, 2);
  group.deliver(2, 0);
  expect([ended(write), group.textAt(0), group.textAt(2)]).toEqual([true, 'a', undefined]);
  group.settle();
  expect(group.replicas.map((_, at) => group.textAt(at))).toEqual(['a', 'a', 'a', 'a', 'a']);
});

test('a variable of few in a large view waits for no more than its subscribers', () => {
  const group = new Group({ size: 7, subscriptions: { x: ['m0', 'm1', 'm2'] } });
  const write = group.write(0, 'a');
  group.settle([2]);
  group.deliver(0, 2);
  group.deliver(2, 0);
  group.settle([2]);
  expect([ended(write), group.at(1).queue.map(({ stage }) => stage)]).toEqual([false, ['final']]);
  group.settle();
  expect([ended(write), group.textAt(2)]).toEqual([true, 'a']);
});

test('two subscribers in a larger view need not wait for it, nor does fast delivery', () => {
  const subscriptions = { x: ['m0', 'm1'] };
  for (const options of [{ subscriptions }, { delivery: 'fast' as const }]) {
    const group = new Group({ size: 5, ...options });
    group.write(0, 'a');
    group.settle();
    expect(group.sent.filter(({ message }) => /committed|stable/.test(message.type))).toEqual([]);
    expect(group.textAt(1)).toBe('a');
  }
});

test('the promise of a write resolves at its own delivery, that of a swap with the verdict computed there', () => {
  const group = new Group();
  const first = group.swap(0, undefined, 'mine');
  const second = group.swap(1, undefined, 'yours');
  group.settle();
  expect([first.result, second.result]).toMatchObject([
    { kind: 'swapped', ok: true },
    { kind: 'swapped', ok: false },
  ]);
});

test('a local read sends nothing and ends at once, with what was delivered here', () => {
  const group = new Group();
  group.write(0, 'a');
  const read = group.read(0);
  expect(read.result).toMatchObject({ kind: 'read', entry: { value: null, version: 0 } });
  expect(group.sent).toHaveLength(2);
});

test('an ordered read takes its place in the order, and sees every write that has ended', () => {
  const group = new Group({ reads: 'ordered' });
  const write = group.write(0, 'a');
  for (const to of [1, 2]) {
    group.deliver(0, to);
    group.deliver(to, 0);
  }
  expect([ended(write), group.textAt(2)]).toEqual([true, undefined]);
  const read = group.read(2);
  expect(ended(read)).toBe(false);
  group.settle();
  expect(read.result).toMatchObject({ kind: 'read', entry: group.at(0).peek('x') });
  expect(group.textAt(2)).toBe('a');
});

test('every subscriber sees the same sequence of changes over all variables it shares with others', () => {
  const group = new Group({ subscriptions: { x: ['m0', 'm1'], y: ['m1', 'm2'], z: ['m0', 'm1', 'm2'] } });
  for (const [at, key] of [
    [0, 'x'],
    [1, 'y'],
    [2, 'z'],
    [0, 'z'],
    [1, 'x'],
    [2, 'y'],
  ] as const) {
    group.write(at, `by ${at}`, key);
  }
  group.settle();
  const of = (at: number, keys: string) => group.changes[at]?.filter(({ key }) => keys.includes(key));
  expect(group.changes[1]).toHaveLength(6);
  expect(of(0, 'xz')).toEqual(of(1, 'xz'));
  expect(of(2, 'yz')).toEqual(of(1, 'yz'));
});

test('what an initiator is asked for while a batch has no final time leaves as one batch', () => {
  const group = new Group();
  const writes = Array.from({ length: 300 }, (_, n) => group.write(0, `${n}`, `k${n % 7}`));
  group.settle();
  const sizes = group.sent.flatMap(({ to, message }) =>
    to === 1 && message.type === 'propose' ? [message.commands.length] : [],
  );
  expect(sizes).toEqual([1, 128, 128, 43]);
  expect(writes.every(ended)).toBe(true);
  for (const at of [0, 1, 2]) expect(texts(group, at)).toEqual(writes.map((_, n) => `${n}`));
  const versions = new Set(
    writes.map(({ result }) => (result?.kind === 'written' ? result.version : undefined)),
  );
  expect(versions.size).toBe(300);
});

test('a large value closes its batch', () => {
  const group = new Group();
  const large = 'v'.repeat(300_000);
  for (const text of ['first', large, 'next', 'last']) group.write(0, text);
  group.settle();
  const sizes = group.sent.flatMap(({ to, message }) =>
    to === 1 && message.type === 'propose' ? [message.commands.length] : [],
  );
  expect(sizes).toEqual([1, 1, 2]);
});

test('so does a large value that a swap expects', () => {
  const group = new Group();
  const large = 'v'.repeat(300_000);
  group.write(0, 'first');
  group.swap(0, large, 'next');
  group.swap(0, large, 'last');
  group.settle();
  const sizes = group.sent.flatMap(({ to, message }) =>
    to === 1 && message.type === 'propose' ? [message.commands.length] : [],
  );
  expect(sizes).toEqual([1, 1, 1]);
});

test('what is sealed: entries, pending commands with all known proposals, delivered ones that others may need', () => {
  const group = new Group();
  group.write(0, 'a');
  group.settle([2]);
  group.write(1, 'b', 'y');
  group.deliver(1, 0);
  expect(group.at(0).seal()).toMatchObject({
    entries: [],
    batches: [
      {
        initiator: 0,
        final: false,
        proposals: [
          { member: 0, time: 1 },
          { member: 1, time: 2 },
        ],
      },
      {
        initiator: 1,
        final: false,
        proposals: [
          { member: 1, time: 3 },
          { member: 0, time: 4 },
        ],
      },
    ],
  });
  group.settle();
  const { clock, entries, batches } = group.at(2).seal();
  expect(clock).toBe(group.at(2).clock);
  expect(entries.map(([key]) => key)).toEqual(['x', 'y']);
  expect(batches).toMatchObject([
    { final: true, verdicts: [true] },
    { final: true, verdicts: [true] },
  ]);
});

test('what is sealed says of a time that it is final as soon as it is known, delivered or not', () => {
  const group = new Group({ size: 5 });
  group.write(0, 'a');
  for (const to of [1, 2, 3, 4]) {
    group.deliver(0, to);
    group.deliver(to, 0);
  }
  group.deliver(0, 1);
  const [final, proposed] = [1, 2].map((at) => group.at(at).seal().batches);
  expect(final).toMatchObject([{ final: true, time: 2, verdicts: undefined }]);
  expect(proposed).toMatchObject([{ final: false, time: 2, verdicts: undefined }]);
});

test('delivered commands are kept no longer than until all subscribers are known to have them', () => {
  const group = new Group();
  for (let n = 1; n <= 50; n += 1) {
    group.write(n % 3, `${n}`);
    group.settle();
    for (const { kept } of group.replicas) expect(kept.length).toBeLessThanOrEqual(6);
  }
});

test('what all of one group have delivered says nothing of another group', () => {
  const group = new Group({ subscriptions: { y: ['m0', 'm1'] } });
  group.write(0, 'for three');
  for (const other of [1, 2]) {
    group.drain(0, other);
    group.drain(other, 0);
  }
  group.drain(0, 1);
  group.write(0, 'for two', 'y');
  group.settle([2]);
  // Member 2 has not delivered the first.
  expect(group.at(1).kept.map(({ number }) => number)).toEqual([1, 2]);
});

test('a deleted variable leaves nothing behind', () => {
  const group = new Group();
  group.write(0, 'a');
  group.settle();
  group.write(1, undefined);
  group.settle();
  for (const replica of group.replicas) expect([...replica.keys()]).toEqual([]);
  expect(group.changes[2]?.at(-1)).toEqual({ key: 'x', text: undefined });
});

test('a group of one needs nobody', () => {
  const group = new Group({ size: 1 });
  expect(group.write(0, 'a').result).toMatchObject({ kind: 'written' });
  expect(group.swap(0, 'a', 'b').result).toMatchObject({ kind: 'swapped', ok: true });
  expect(group.sent).toEqual([]);
  expect(group.at(0).kept).toEqual([]);
});
