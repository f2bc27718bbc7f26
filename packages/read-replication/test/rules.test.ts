import { homeOf } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import type { Change, Message } from '../src/messages.js';
import { Places } from '../src/places.js';
import { changesPerRound } from '../src/record.js';
import { bytesOf, firstView, found, Group, textOf } from './fixtures/group.js';

// The home of every key is m0, and there is no backup, unless said otherwise.

const written = (version: number) => ({ kind: 'written', version });
const kinds = (group: Group) => group.sent.map(({ from, to, message }) => `${from}→${to} ${message.type}`);

/** A group in which members 1 and 2 hold copies of 'a'. */
function withCopies(options: ConstructorParameters<typeof Group>[0] = {}): Group {
  const group = new Group(options);
  group.write(0, 'a');
  group.settle();
  for (const reader of [1, 2]) group.read(reader);
  group.settle();
  group.sent.length = 0;
  return group;
}

describe('where variables are', () => {
  const { members } = firstView(5);
  const places = (directory: string | undefined, replicas: number | undefined) =>
    new Places(firstView(5), { directory, replicas });

  test('each key has the home that all members compute, and a majority in all holds its value', () => {
    for (const key of ['x', 'y', 'user:1']) {
      const left = members.filter(({ slot }) => slot !== homeOf(key, members));
      const next = homeOf(key, left);
      const last = homeOf(
        key,
        left.filter(({ slot }) => slot !== next),
      );
      expect(places(undefined, undefined).homeOf(key)).toBe(homeOf(key, members));
      expect(places(undefined, undefined).backupsOf(key)).toBe((1 << next) | (1 << last));
    }
  });

  test('a directory is the home of every key; a name of nobody is passed over', () => {
    for (const key of ['x', 'y', 'user:1']) {
      expect(places('m3', 1).homeOf(key)).toBe(3);
      expect(places('nobody', 1).homeOf(key)).toBe(homeOf(key, members));
      expect(places('m3', 5).backupsOf(key)).toBe(0b10111);
      expect(places('m3', 31).backupsOf(key)).toBe(0b10111);
      expect(places('m3', 1).backupsOf(key)).toBe(0);
    }
  });
});

describe('a read', () => {
  test('of a valid copy is answered at once, and tells nobody', () => {
    const group = withCopies();
    expect(found(group.read(1))).toBe('a');
    expect(textOf(group.at(1).peek('x')?.value ?? null)).toBe('a');
    expect(group.sent).toEqual([]);
  });

  test('without a copy asks the home, and puts its member in the copy set', () => {
    const group = new Group();
    const read = group.read(2);
    expect([found(read), group.at(2).peek('x')]).toEqual(['waits', undefined]);
    group.settle();
    expect(found(read)).toBe(undefined);
    expect(kinds(group)).toEqual(['2→0 fetch', '0→2 fetched']);
    expect(group.at(0).home.records.get('x')?.copies).toBe(0b100);
  });

  test('that begins while another one asks waits for the same answer', () => {
    const group = new Group();
    const reads = [group.read(1), group.read(1)];
    group.deliver(1, 0);
    reads.push(group.read(1));
    group.settle();
    expect(reads.map(found)).toEqual([undefined, undefined, undefined]);
    expect(group.sent).toHaveLength(2);
  });

  test('during a change is answered behind it', () => {
    const group = withCopies();
    const write = group.write(0, 'b');
    group.deliver(0, 1);
    const read = group.read(1);
    group.drain(1, 0);
    expect([found(read), write.result]).toEqual(['waits', undefined]);
    group.settle();
    expect(found(read)).toBe('b');
  });

  test('at the home shows the value before until the change is applied', () => {
    const group = withCopies();
    const write = group.write(1, 'b');
    group.drain(1, 0);
    expect(found(group.read(0))).toBe('a');
    group.settle();
    expect([found(group.read(0)), write.result]).toEqual(['b', written(2)]);
  });

  test('of its member waits for a change that the member asked for', () => {
    const group = withCopies();
    group.write(1, 'b');
    const read = group.read(1);
    expect([found(read), group.at(1).peek('x')]).toEqual(['waits', undefined]);
    group.settle();
    expect(found(read)).toBe('b');
    expect(kinds(group)).not.toContain('1→0 fetch');
  });
});

describe('a change', () => {
  test('waits for every copy, and is then applied', () => {
    const group = withCopies({ size: 4 });
    const write = group.write(3, 'b');
    group.deliver(3, 0);
    expect(kinds(group)).toEqual(['3→0 change', '0→1 halt', '0→2 halt']);
    group.drain(0, 1);
    group.drain(1, 0);
    expect(textOf(group.at(0).peek('x')?.value ?? null)).toBe('a');
    group.settle();
    expect(write.result).toEqual(written(2));
    expect([1, 2, 3].map((at) => group.at(at).peek('x')?.version)).toEqual([undefined, undefined, 2]);
  });

  test('is held by every backup before it is applied, and read there after the second message', () => {
    const group = new Group({ replicas: 3 });
    const write = group.write(0, 'a');
    group.deliver(0, 1);
    group.deliver(0, 2);
    expect([1, 2].map((at) => textOf(group.at(at).holdings.get('x')?.entry.value ?? null))).toEqual([
      'a',
      'a',
    ]);
    expect([0, 1, 2].map((at) => group.at(at).peek('x'))).toEqual([undefined, undefined, undefined]);
    group.drain(1, 0);
    expect(write.result).toBe(undefined);
    group.drain(2, 0);
    expect(write.result).toEqual(written(1));
    expect([0, 1, 2].map((at) => group.at(at).peek('x')?.version)).toEqual([1, undefined, undefined]);
    group.settle();
    expect([0, 1, 2].map((at) => group.at(at).peek('x')?.version)).toEqual([1, 1, 1]);
  });

  test('renews copies where that is chosen: nobody reads the new value while another can read the old one', () => {
    const group = withCopies({ policy: 'update' });
    group.write(0, 'b');
    group.deliver(0, 1);
    expect([0, 1, 2].map((at) => group.at(at).peek('x')?.version)).toEqual([1, undefined, 1]);
    group.settle();
    expect([0, 1, 2].map((at) => group.at(at).peek('x')?.version)).toEqual([2, 2, 2]);
  });

  test('is applied together with no more than a message to the backups may name', () => {
    const group = new Group({ replicas: 2 });
    const writes = Array.from({ length: 2 * changesPerRound }, (_, n) => group.write(0, `${n}`));
    group.settle();
    expect(writes.every(({ result }) => result?.kind === 'written')).toBe(true);
    const applied = group.sent.flatMap(({ message }) => (message.type === 'store' ? [message.applied] : []));
    expect(applied.map((some) => some.length)).toEqual([1, changesPerRound, changesPerRound - 1]);
    const read = group.read(1);
    group.settle();
    expect(found(read)).toBe(`${writes.length - 1}`);
  });

  test('is applied together with those that waited behind it, each on what the one before leaves', () => {
    const group = withCopies();
    const changes = [
      group.write(0, 'b'),
      group.swap(0, 'b', 'c'),
      group.swap(0, 'b', 'd'),
      group.write(0, 'e'),
    ];
    group.settle();
    expect(changes.map(({ result }) => result)).toEqual([
      written(2),
      { kind: 'swapped', ok: true, entry: { value: bytesOf('c'), version: 3 } },
      { kind: 'swapped', ok: false, entry: { value: bytesOf('c'), version: 3 } },
      written(4),
    ]);
    // The first opened a round; the three others share the next one, which finds no copies.
    expect(kinds(group).filter((kind) => kind.endsWith('halt'))).toHaveLength(2);
  });

  test('of another member behind one leaves its reads the last value', () => {
    const group = withCopies({ size: 4 });
    group.write(0, 'b');
    group.write(1, 'c');
    const read = group.read(1);
    group.write(3, 'd');
    group.drain(1, 0);
    group.drain(3, 0);
    group.settle();
    expect(found(read)).toBe('d');
  });

  test('a swap that fails is told what it found, though the next change has come', () => {
    const group = withCopies({ size: 4 });
    group.write(0, 'b');
    const swap = group.swap(3, 'other', 'c');
    group.drain(3, 0);
    group.write(0, 'other');
    group.settle();
    expect(swap.result).toEqual({ kind: 'swapped', ok: false, entry: { value: bytesOf('b'), version: 2 } });
    expect(found(group.read(3))).toBe('other');
  });

  test('that is asked for again is not applied again, and gets its first result', () => {
    const group = new Group();
    group.write(1, 'a');
    group.settle();
    const { message } = group.sent[0] as { message: Change };
    group.write(2, 'b');
    group.settle();
    group.sent.length = 0;
    expect(() => {
      group.receive(1, 0, message);
      group.drain(0, 1);
    }).toThrowError('that nothing asked for');
    const answer = group.sent.find(({ to }) => to === 1)?.message;
    expect(answer).toMatchObject({ type: 'changed', operation: 1, outcome: 'applied', version: 1 });
    expect(textOf(group.at(0).peek('x')?.value ?? null)).toBe('b');
  });

  test('says which of its member are the first that has not ended, whatever their keys', () => {
    const group = new Group();
    const early = group.write(1, 'a', 'x');
    group.write(1, 'b', 'y');
    const floors = () =>
      group.sent.flatMap(({ message }) => (message.type === 'change' ? [message.floor] : []));
    expect(floors()).toEqual([early.operation, early.operation]);
    group.settle();
    const late = group.write(1, 'c', 'x');
    expect(floors().at(-1)).toBe(late.operation);
  });

  test('that is refused leaves reads behind it what the last change of its member leaves', () => {
    const group = withCopies({ size: 4 });
    group.perform(2, { kind: 'share', key: 'x', value: bytesOf('owned') });
    group.settle();
    group.read(1);
    group.settle();
    // A round is open while the two changes arrive that share the next one.
    group.write(0, 'b');
    const refused = group.perform(3, { kind: 'share', key: 'x', value: bytesOf('refused') });
    const read = group.read(3);
    group.write(3, 'c');
    group.drain(3, 0);
    group.settle();
    expect(refused.result?.kind).toBe('refused');
    expect(found(read)).toBe('c');
  });

  test('is remembered by home and backups until its member asks for a later one', () => {
    const group = new Group({ replicas: 2 });
    const remembered = () =>
      group.replicas.map(({ applied }) => [...applied].map(({ operation }) => operation));
    group.write(0, 'a');
    group.settle();
    expect(remembered()[0]).toEqual([1]);
    expect(remembered().flat()).toEqual([1, 1]);
    group.write(0, 'b');
    group.settle();
    expect(remembered().flat()).toEqual([2, 2]);
  });
});

describe('what is absent', () => {
  test('leaves nothing at its home when its copies are gone', () => {
    const group = new Group();
    group.write(0, 'a');
    group.settle();
    expect(group.at(0).home.records.size).toBe(1);
    group.write(0, undefined);
    group.settle();
    expect(group.at(0).home.records.size).toBe(0);
    expect([...group.at(0).holdings]).toEqual([]);
  });

  test('is known to a backup without asking, and leaves nothing there', () => {
    const group = new Group({ replicas: 3 });
    expect([1, 2].map((at) => found(group.read(at)))).toEqual([undefined, undefined]);
    for (const text of ['a', undefined]) {
      group.write(0, text);
      group.settle();
    }
    expect([1, 2].map((at) => [...group.at(at).holdings])).toEqual([[], []]);
    expect([1, 2].map((at) => found(group.read(at)))).toEqual([undefined, undefined]);
  });

  test('is held in 1,024 copies at most: the oldest is dropped, and its home told', () => {
    const group = new Group();
    for (let n = 0; n < 1_100; n += 1) {
      group.read(1, `absent ${n}`);
      group.settle();
    }
    expect([...group.at(1).holdings]).toHaveLength(1_024);
    expect(group.at(0).home.records.size).toBe(1_024);
    expect(found(group.read(1, 'absent 1099'))).toBe(undefined);
    group.write(0, 'a', 'absent 0');
    group.settle();
    expect(group.sent.some(({ message }) => message.type === 'halt')).toBe(false);
  });

  test('a copy of it is not dropped while an answer may put its member in the copy set again', () => {
    const group = new Group();
    for (let n = 0; n < 1_024; n += 1) {
      group.read(1, `absent ${n}`);
      group.settle();
    }
    group.read(1, 'one more');
    group.acquire(1, 'absent 0');
    group.drain(1, 0);
    group.deliver(0, 1);
    const forgets = () => group.sent.filter(({ message }) => message.type === 'forget');
    expect(forgets()).toEqual([]);
    group.settle();
    group.read(1, 'another');
    group.settle();
    expect(forgets()).toMatchObject(['absent 0', 'absent 1'].map((key) => ({ message: { key } })));
  });
});

describe('everybody learns of a change', () => {
  test('whether the copy was halted, renewed or is not there, once', () => {
    for (const policy of ['invalidate', 'update'] as const) {
      const group = new Group({ size: 5, policy, replicas: 2 });
      group.write(0, 'a');
      group.settle();
      group.read(1);
      group.read(2);
      group.settle();
      for (const changes of group.changes) changes.length = 0;
      group.write(1, 'b');
      group.settle();
      expect(group.changes).toEqual([['x'], ['x'], ['x'], ['x'], ['x']]);
      expect(group.replicas.map((replica) => [...replica.keys()])).toEqual(Array(5).fill(['x']));
      group.write(2, undefined);
      group.settle();
      expect(group.replicas.map((replica) => [...replica.keys()])).toEqual(Array(5).fill([]));
    }
  });

  test('and nobody of a swap that failed, or of write access that changed nothing', () => {
    const group = withCopies({ replicas: 2 });
    for (const changes of group.changes) changes.length = 0;
    group.swap(2, 'other', 'b');
    group.settle();
    const access = group.acquire(1);
    group.settle();
    const grant = (access.result as { value: number }).value;
    group.perform(1, { kind: 'release', key: 'x', grant });
    group.settle();
    expect(group.changes).toEqual([[], [], []]);
  });
});

test('what is sealed is what the next view must know', () => {
  const group = new Group({ replicas: 2 });
  group.perform(1, { kind: 'share', key: 'x', value: bytesOf('a') });
  group.settle();
  group.acquire(2);
  group.settle();
  const variable = { key: 'x', entry: { value: bytesOf('a'), version: 1 }, owner: 1 };
  const grant = { key: 'x', holder: 2, grant: 2 };
  const sealed = group.replicas.map((replica) => replica.seal());
  const [home, ...others] = sealed;
  const applied = [{ origin: 1, operation: 1, version: 1 }];
  expect(home).toEqual({ last: 2, variables: [variable], grants: [grant], applied });
  const backups = others.filter(({ variables }) => variables.length > 0);
  expect(backups.map(({ variables, applied }) => [variables, applied])).toEqual([[[variable], applied]]);
  expect(sealed[2]?.grants).toEqual([grant]);
});

test('answers that nothing asked for are refused', () => {
  const group = new Group();
  const entry = { value: null, version: 0 };
  const unasked: Message[] = [
    { type: 'fetched', key: 'x', entry, keeps: true },
    { type: 'granted', key: 'x', operation: 9, grant: 1, entry },
  ];
  for (const message of unasked) expect(() => group.receive(0, 1, message)).toThrowError('asked for');
});

test('views cannot change yet', () => {
  const group = new Group();
  expect(() => group.at(1).enter(firstView(3), [])).toThrowError('views cannot change yet');
});
