import { describe, expect, test } from 'vitest';
import { tokensPerKey } from '../src/holding.js';
import { commandsPerHold, TokenReplica } from '../src/replica.js';
import { answerOf, bytesOf, firstView, Group } from './fixtures/group.js';

const all = tokensPerKey;

describe('section 3.1, counting tokens:', () => {
  test('in the beginning the home has all tokens, and the data', () => {
    const group = new Group();
    expect(answerOf(group.read(0))).toBe(undefined);
    expect(group.tokens()).toEqual([all, undefined, undefined]);
    expect(group.sent).toEqual([]);
  });

  test('a member reads only with a token and the data', () => {
    const group = new Group();
    const read = group.read(1);
    expect(answerOf(read)).toBe(null);
    group.settle();
    expect(answerOf(read)).toBe(undefined);
    expect(group.tokens()).toEqual([all - 1, 1, 0]);
    expect(group.said()).toEqual(['seek', 'seek', 'granted', 'close', 'close']);
    expect(answerOf(group.read(1))).toBe(undefined);
    expect(group.sent).toEqual([]);
  });

  test.each(['update', 'migrate'] as const)('a member writes only with all tokens (%s)', (writes) => {
    const group = new Group({ writes });
    group.read(2);
    group.settle();
    const write = group.write(1, 'new');
    group.deliver(1, 0);
    group.drain(0, 1);
    expect(group.tokens()).toEqual([0, all - 1, 1]);
    expect(write.result).toBe(undefined);
    expect(group.texts()).toEqual([null, undefined, undefined]);
    group.settle();
    expect(write.result).toEqual({ kind: 'written', version: 1 });
  });

  test('the data is with the owner token; other tokens say nothing of it', () => {
    const group = new Group({ writes: 'migrate' });
    group.write(0, 'old');
    group.read(1);
    group.settle();
    group.write(2, 'new');
    group.deliver(2, 1);
    expect(group.deliver(1, 2)).toEqual({ type: 'yielded', key: 'x', tokens: 1 });
    expect(group.texts()).toEqual(['old', null, null]);
    group.deliver(2, 0);
    expect(group.deliver(0, 2)).toMatchObject({ type: 'granted', tokens: all - 1, owner: true, version: 1 });
    expect(group.texts()).toEqual([null, null, 'new']);
  });
});

describe('section 3.2, persistent requests:', () => {
  test('a reader is given a token by the owner, by nobody else', () => {
    const group = new Group({ size: 5, writes: 'migrate' });
    group.write(0, 'data');
    for (const slot of [1, 2]) group.read(slot);
    group.settle();
    const read = group.read(4);
    group.deliver(4, 3);
    const write = group.write(3, 'new');
    for (const slot of [1, 2]) {
      group.deliver(3, slot);
      expect(group.deliver(slot, 3).type).toBe('yielded');
    }
    // It has two tokens, knows of an older read, and has no data.
    expect(group.holding(3)).toMatchObject({ tokens: 2, owner: false, valid: false });
    expect(group.links.get('3 4')?.map(({ type }) => type)).toEqual(['seek']);
    group.settle();
    expect(answerOf(read)).toBe('data');
    expect(write.result).toEqual({ kind: 'written', version: 2 });
  });

  test('every member remembers a request until it is closed', () => {
    const group = new Group();
    group.write(1, 'one');
    group.deliver(1, 2);
    expect(group.holding(2).requests).toMatchObject([{ slot: 1, time: 1, reading: false }]);
    group.settle();
    for (const slot of [0, 1, 2]) expect(group.holding(slot).requests).toEqual([]);
  });

  test('tokens that arrive after a request are passed on to it', () => {
    const group = new Group({ writes: 'migrate' });
    const first = group.write(1, 'first');
    group.deliver(1, 0);
    const second = group.write(2, 'second');
    group.drain(2, 1);
    group.drain(2, 0);
    // All tokens are on their way to 1, which does not know yet that it is to give them away.
    group.deliver(0, 1);
    expect(first.result).toEqual({ kind: 'written', version: 1 });
    expect(group.tokens()).toEqual([0, 0, 0]);
    group.settle();
    expect(second.result).toEqual({ kind: 'written', version: 2 });
    expect(group.tokens()).toEqual([0, 0, all]);
  });

  test('a member that gathers tokens gives them to an older request', () => {
    const group = new Group({ writes: 'migrate' });
    group.read(2);
    group.settle();
    const older = group.write(1, 'older');
    const younger = group.write(2, 'younger');
    expect(group.tokens()).toEqual([all - 1, 0, 1]);
    group.deliver(2, 0);
    group.deliver(0, 2);
    expect(younger.result).toEqual({ kind: 'written', version: 1 });
    expect(older.result).toBe(undefined);
    group.settle();
    expect(older.result).toEqual({ kind: 'written', version: 2 });
  });

  test('of two requests of one time that of the lower slot is the older', () => {
    const group = new Group({ writes: 'migrate' });
    group.read(2);
    group.settle();
    const [lower, higher] = [group.write(1, 'lower'), group.write(2, 'higher')];
    group.deliver(1, 2);
    expect(group.tokens()).toEqual([all - 1, 0, 0]);
    group.deliver(2, 1);
    group.drain(1, 0);
    group.drain(2, 0);
    group.settle();
    expect([lower, higher].map(({ result }) => result)).toEqual([
      { kind: 'written', version: 1 },
      { kind: 'written', version: 2 },
    ]);
  });

  test('a read that waits for an older write is served after it', () => {
    const group = new Group({ writes: 'migrate' });
    group.read(2);
    group.settle();
    const write = group.write(0, 'new');
    group.deliver(0, 1);
    const read = group.read(1);
    group.drain(1, 0);
    expect(group.holding(0).requests).toMatchObject([{ slot: 0 }, { slot: 1, reading: true, served: false }]);
    group.settle();
    expect(write.result).toEqual({ kind: 'written', version: 1 });
    expect(answerOf(read)).toBe('new');
  });

  test('a read older than a write of the owner is served before it', () => {
    const group = new Group({ writes: 'migrate' });
    group.read(2);
    group.settle();
    const read = group.read(1);
    group.deliver(1, 2);
    // The younger write asks while the read is still on its way.
    const write = group.write(2, 'new');
    group.drain(1, 0);
    group.deliver(2, 0);
    group.settle();
    expect(answerOf(read)).toBe(undefined);
    expect(write.result).toEqual({ kind: 'written', version: 1 });
  });

  test('what asks after it has heard of others is younger than they are', () => {
    const group = new Group();
    group.write(1, 'one');
    group.deliver(1, 2);
    group.write(2, 'two');
    expect(group.holding(2).requests.map(({ slot, time }) => [slot, time])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});

describe('writes that update:', () => {
  test('nobody reads a new value before everybody keeps it', () => {
    const group = new Group();
    for (const slot of [1, 2]) group.read(slot);
    group.settle();
    const write = group.write(0, 'new');
    group.deliver(0, 1);
    group.deliver(0, 2);
    group.drain(1, 0);
    group.drain(2, 0);
    group.deliver(0, 1);
    group.deliver(1, 0);
    expect(write.result).toBe(undefined);
    expect(group.texts()).toEqual([undefined, null, null]);
    expect(group.deliver(0, 2)).toMatchObject({ type: 'update', version: 1 });
    expect(group.deliver(2, 0)).toMatchObject({ type: 'updated', version: 1 });
    expect(write.result).toEqual({ kind: 'written', version: 1 });
    expect(group.texts()).toEqual(['new', null, null]);
    group.settle();
    expect(group.texts()).toEqual(['new', 'new', 'new']);
    expect(group.tokens()).toEqual([all - 2, 1, 1]);
  });

  test('a reader that knows of a write asks nobody: its token comes with the write', () => {
    const group = new Group();
    const write = group.write(1, 'new');
    group.deliver(1, 2);
    group.said();
    const read = group.read(2);
    expect(group.sent).toEqual([]);
    group.settle();
    expect(group.said()).not.toContain('seek');
    expect(write.result?.kind).toBe('written');
    expect(answerOf(read)).toBe('new');
  });

  test('writes of one member share a round, in the order in which they were asked for', () => {
    const group = new Group();
    const writes = [group.write(1, 'one'), group.swap(1, 'one', 'two'), group.swap(1, 'one', 'three')];
    group.settle();
    expect(writes.map(({ result }) => result)).toMatchObject([
      { kind: 'written', version: 1 },
      { kind: 'swapped', ok: true, entry: { version: 2 } },
      { kind: 'swapped', ok: false, entry: { version: 2 } },
    ]);
    expect(group.sent.filter(({ message }) => message.type === 'update')).toHaveLength(2);
    expect(group.texts()).toEqual(['two', 'two', 'two']);
  });

  test('a swap that fails shows nobody anything', () => {
    const group = new Group();
    group.write(0, 'value');
    group.settle();
    group.said();
    const swap = group.swap(1, 'other', 'new');
    group.settle();
    expect(swap.result).toMatchObject({ kind: 'swapped', ok: false });
    expect(group.said()).toEqual(['seek', 'seek', 'granted', 'yielded', 'share', 'share']);
    expect(group.texts()).toEqual(['value', 'value', 'value']);
  });
});

describe('writes that migrate:', () => {
  test('a holder of all tokens asks nobody, and nobody has to know', () => {
    const group = new Group({ writes: 'migrate' });
    group.write(1, 'one');
    group.settle();
    group.said();
    const results = ['two', 'three'].map((text) => group.write(1, text).result);
    const swap = group.swap(1, 'three', 'four');
    expect([...results, swap.result]).toMatchObject([
      { kind: 'written', version: 2 },
      { kind: 'written', version: 3 },
      { kind: 'swapped', ok: true, entry: { version: 4 } },
    ]);
    expect(group.sent).toEqual([]);
  });

  test('while others wait a member has its turn for so many writes, and no more', () => {
    const group = new Group({ writes: 'migrate' });
    const mine = Array.from({ length: commandsPerHold + 1 }, (_, n) => group.write(1, `mine ${n}`));
    const theirs = group.write(2, 'theirs');
    group.deliver(2, 1);
    group.settle();
    expect(mine.map(({ result }) => result)).toMatchObject(
      mine.map((_, n) => ({ version: n < commandsPerHold ? n + 1 : n + 2 })),
    );
    expect(theirs.result).toEqual({ kind: 'written', version: commandsPerHold + 1 });
  });

  test('others are told of keys that come and go', () => {
    const group = new Group({ writes: 'migrate' });
    const known = () => group.replicas.map((replica) => [...replica.keys()]);
    group.write(0, 'here');
    group.settle();
    expect(group.said()).toEqual(['announce', 'announce']);
    expect(known()).toEqual([['x'], ['x'], ['x']]);
    group.write(0, 'still here');
    expect(group.said()).toEqual([]);
    group.write(0, undefined);
    group.settle();
    expect(group.said()).toEqual(['announce', 'announce']);
    expect(known()).toEqual([[], [], []]);
    group.write(2, 'again');
    group.settle();
    expect(group.said()).not.toContain('announce');
    expect(known()).toEqual([['x'], ['x'], ['x']]);
  });
});

describe('an initial value', () => {
  test('is at the home, known to all, and first read with a token', () => {
    const group = new Group({ initial: { x: 'first' } });
    expect(group.texts()).toEqual(['first', null, null]);
    expect(group.replicas.map((replica) => [...replica.keys()])).toEqual([['x'], ['x'], ['x']]);
    const read = group.read(2);
    group.settle();
    expect(answerOf(read)).toBe('first');
    expect(group.write(2, 'second').result).toBe(undefined);
    group.settle();
    expect(group.texts()).toEqual(['second', 'second', 'second']);
  });

  test('is what a swap finds', () => {
    const group = new Group({ initial: { x: 'first' }, writes: 'migrate' });
    const swap = group.swap(1, 'first', 'second');
    group.settle();
    expect(swap.result).toMatchObject({ kind: 'swapped', ok: true, entry: { version: 2 } });
  });
});

describe('what the next view must know', () => {
  test('is every value, readable or not, with its version', () => {
    const group = new Group();
    group.write(0, 'kept');
    group.settle();
    group.said();
    group.write(1, 'shown');
    while (!group.said().includes('update')) group.deliver(...(group.ways()[0] as [number, number]));
    group.deliver(1, 2);
    const sealed = group.replicas.map((replica) => replica.seal().entries);
    const [kept, shown] = [
      { value: bytesOf('kept'), version: 1 },
      { value: bytesOf('shown'), version: 2 },
    ];
    expect(sealed).toEqual([[['x', kept]], [['x', kept]], [['x', shown]]]);
    expect(group.at(2).seal().clock).toBe(1);
  });

  test('cannot be taken over yet', () => {
    const replica = new TokenReplica(0, { writes: 'update', initial: new Map() });
    expect(() => replica.enter(firstView(1), [{ clock: 0, entries: [] }])).toThrowError(
      'views cannot change',
    );
    replica.enter(firstView(1), []);
    expect(() => replica.enter(firstView(1), [])).toThrowError('views cannot change');
  });
});
