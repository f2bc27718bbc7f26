import { describe, expect, expectTypeOf, test } from 'vitest';
import { joinVia } from '../../src/memory/join.js';
import { type StandardSchema, types } from '../../src/memory/schema.js';
import type { Entry, SharedMemory, Swap, Version } from '../../src/memory/shared-memory.js';
import type { Guarantees } from '../../src/protocol.js';
import { memoryNetwork } from '../../src/transport/memory.js';
import { homeProtocol } from './fixtures/home-protocol.js';

/** A memory that is asked for types only: every method gives whatever is asked of it, and does nothing. */
function imagined<M>(): M {
  return new Proxy({}, { get: () => () => Promise.resolve() }) as M;
}

interface User {
  name: string;
}
type Variables = {
  counter: number;
  title: string;
  [user: `user:${string}`]: User;
};
type Swapping = Guarantees & { consistency: 'linearizable'; compareAndSwap: true };
type Plain = Guarantees & { compareAndSwap: false };

const memory = imagined<SharedMemory<Variables, Swapping>>();
const plain = imagined<SharedMemory<Variables, Plain>>();
const untyped = imagined<SharedMemory<Record<string, unknown>, Swapping>>();

/** Code that is compiled and not run. */
const compiled = (code: () => unknown) => expect(code).toBeTypeOf('function');

describe('keys and values', () => {
  test('have the types of the schema', () => {
    compiled(async () => {
      expectTypeOf(await memory.read('counter')).toEqualTypeOf<number | undefined>();
      expectTypeOf(await memory.read('user:7')).toEqualTypeOf<User | undefined>();
      expectTypeOf(await memory.entry('title')).toEqualTypeOf<Entry<'title', string>>();
      expectTypeOf(await memory.write('counter', 1)).toEqualTypeOf<Version>();
      expectTypeOf(await memory.compareAndSwap('counter', undefined, 2)).toEqualTypeOf<
        Swap<'counter', number>
      >();
      expectTypeOf(await memory.update('counter', (n) => (n ?? 0) + 1)).toEqualTypeOf<
        Entry<'counter', number>
      >();
      await memory.update('user:1', async (user) => ({ name: `${user?.name}` }));
      // @ts-expect-error: there is no such variable
      await memory.read('other');
      // @ts-expect-error: a counter is a number
      await memory.write('counter', 'ten');
      // @ts-expect-error: a user has a name
      await memory.write('user:1', {});
      // @ts-expect-error: what is expected is a number too
      await memory.compareAndSwap('counter', 'ten', 11);
      // @ts-expect-error: the function gives a number
      await memory.update('counter', (n) => `${n}`);
      // @ts-expect-error: a time limit is a number
      await memory.read('counter', { timeout: '5' });
      // @ts-expect-error: undefined is not written but deleted
      await memory.write('counter', undefined);
    });
  });

  test('are anything where no types are given', () => {
    compiled(async () => {
      expectTypeOf(await untyped.read('whatever')).toEqualTypeOf<unknown>();
      await untyped.write('whatever', { any: 'thing' });
      // @ts-expect-error: a key is a string
      await untyped.read(7);
    });
  });

  test('of a lost race are those of the entry', () => {
    compiled(async () => {
      const swap = await memory.compareAndSwap('counter', 1, 2);
      if (swap.ok) expectTypeOf(swap.version).toEqualTypeOf<string>();
      else expectTypeOf(swap.current).toEqualTypeOf<Entry<'counter', number>>();
      // @ts-expect-error: which of the two is asked first
      swap.current.value;
    });
  });
});

describe('watches', () => {
  test('of a key have its type', () => {
    compiled(async () => {
      for await (const entry of memory.watch('counter')) {
        expectTypeOf(entry).toEqualTypeOf<Entry<'counter', number>>();
      }
      memory.onChange('title', (entry) => expectTypeOf(entry).toEqualTypeOf<Entry<'title', string>>());
      await using watch = memory.watch('title', { every: true });
      expectTypeOf(watch[Symbol.asyncIterator]).toBeFunction();
      // @ts-expect-error: there is no such variable
      memory.watch('other');
      // @ts-expect-error: a listener is needed
      memory.onChange('counter');
    });
  });

  test('of a pattern have the types of the keys that match', () => {
    compiled(async () => {
      for await (const entry of memory.watch('user:*')) {
        expectTypeOf(entry).toEqualTypeOf<Entry<`user:${string}`, User>>();
      }
      memory.onChange('user:admin-*', (entry) => {
        expectTypeOf(entry).toEqualTypeOf<Entry<`user:admin-${string}`, User>>();
      });
      memory.onChange('t*', (entry) => expectTypeOf(entry).toEqualTypeOf<Entry<'title', string>>());
      for await (const { key, value } of memory.watch('*')) {
        expectTypeOf(key).toEqualTypeOf<'counter' | 'title' | `user:${string}`>();
        expectTypeOf(value).toEqualTypeOf<number | string | User | undefined>();
      }
      for await (const entry of untyped.watch('any:*')) {
        expectTypeOf(entry).toEqualTypeOf<Entry<`any:${string}`, unknown>>();
      }
      const prefix: string = await Promise.resolve('user');
      for await (const { key } of untyped.watch(`${prefix}:*`)) expectTypeOf(key).toExtend<string>();
      expectTypeOf(await memory.keys('user:*')).toEqualTypeOf<string[]>();
    });
  });
});

describe('methods', () => {
  test('are hidden without the guarantee', () => {
    compiled(async () => {
      await plain.write('counter', 1);
      // @ts-expect-error: there is no compare-and-swap
      await plain.compareAndSwap('counter', 1, 2);
      // @ts-expect-error: there is no compare-and-swap
      await plain.writeIf('counter', '', 2);
      // @ts-expect-error: there is no compare-and-swap
      await plain.deleteIf('counter', '');
      // @ts-expect-error: there is no compare-and-swap
      await plain.update('counter', () => 2);
      // @ts-expect-error: reads are not local
      plain.peek('counter');
      expectTypeOf<SharedMemory<Variables, Guarantees>>().not.toHaveProperty('compareAndSwap');
      const local = imagined<SharedMemory<Variables, Guarantees & { reads: 'local' }>>();
      expectTypeOf(local.peek('counter')).toEqualTypeOf<number | undefined>();
    });
  });

  test('show the guarantees of the protocol', () => {
    expectTypeOf(memory.guarantees.compareAndSwap).toEqualTypeOf<true>();
    expectTypeOf(plain.guarantees.compareAndSwap).toEqualTypeOf<false>();
    compiled(() => {
      // @ts-expect-error: guarantees are promised and not set
      memory.guarantees = imagined<typeof memory.guarantees>();
    });
  });
});

describe('a function that demands a guarantee', () => {
  function elect(
    shared: SharedMemory<
      { leader: string },
      Guarantees & { consistency: 'linearizable'; compareAndSwap: true }
    >,
  ): Promise<unknown> {
    return shared.compareAndSwap('leader', undefined, shared.id);
  }
  const join = joinVia(async () => memoryNetwork());
  const options = { id: 'a', members: { a: 'memory://a' }, schema: types<{ leader: string }>() };

  test('accepts a memory that gives it', async () => {
    await using shared = await join(homeProtocol(), options);
    expect(await elect(shared)).toMatchObject({ ok: true });
    expect(await shared.read('leader')).toBe('a');
  });

  test('refuses one that does not', () => {
    compiled(async () => {
      const without = await join(homeProtocol<false>({ swaps: false }), options);
      // @ts-expect-error: there is no compare-and-swap
      await elect(without);
      // @ts-expect-error: it is not said to be linearizable
      await elect(imagined<SharedMemory<{ leader: string }, Guarantees & { compareAndSwap: true }>>());
      type Causal = Guarantees & { consistency: 'causal'; compareAndSwap: true };
      // @ts-expect-error: it is causal only
      await elect(imagined<SharedMemory<{ leader: string }, Causal>>());
      // @ts-expect-error: the leader is a number there
      await elect(imagined<SharedMemory<{ leader: number }, Swapping>>());
    });
  });

  test('may leave open which other variables there are', () => {
    async function vote<S extends { leader: string }>(
      shared: SharedMemory<S, Guarantees & { compareAndSwap: true }>,
    ) {
      return shared.id;
    }
    compiled(() => vote(imagined<SharedMemory<{ leader: string; term: number }, Swapping>>()));
  });
});

describe('join', () => {
  const join = joinVia(async () => memoryNetwork());
  const schemaOf = <T>(): StandardSchema<T> => ({
    '~standard': { version: 1, vendor: 'by hand', validate: (value) => ({ value: value as T }) },
  });

  test('takes the types of values from schemas, families too', async () => {
    const schema = { counter: schemaOf<number>(), 'user:*': schemaOf<User>() };
    await using shared = await join(homeProtocol(), { id: 'a', members: { a: 'memory://s' }, schema });
    await shared.write('counter', 1);
    await shared.write('user:1', { name: 'Ann' });
    expectTypeOf(await shared.read('counter')).toEqualTypeOf<number | undefined>();
    expectTypeOf(await shared.read('user:1')).toEqualTypeOf<User | undefined>();
    compiled(async () => {
      // @ts-expect-error: a counter is a number
      await shared.write('counter', 'one');
      // @ts-expect-error: there is no such variable
      await shared.write('other', 1);
    });
  });

  test('without a schema takes any key and value', async () => {
    await using shared = await join(homeProtocol(), { id: 'a', members: { a: 'memory://n' } });
    await shared.write('any', [1]);
    expectTypeOf(await shared.read('any')).toEqualTypeOf<unknown>();
    expectTypeOf(shared.guarantees.reads).toEqualTypeOf<'server'>();
  });

  test('refuses options that cannot be', () => {
    compiled(async () => {
      // @ts-expect-error: a contact is a list of addresses
      await join(homeProtocol(), { id: 'a', contact: 'memory://b', address: 'memory://a' });
      // @ts-expect-error: a time limit is a number
      await join(homeProtocol(), { id: 'a', members: {}, timeout: '5' });
      // @ts-expect-error: there is no such limit
      await join(homeProtocol(), { id: 'a', members: {}, limits: { valueBytes: 1 } });
      // @ts-expect-error: a protocol is what its function returns
      await join(homeProtocol, { id: 'a', members: {} });
      const undefinedOnes = { timeout: undefined, schema: undefined, limits: { keyBytesMax: undefined } };
      const shared = await join(homeProtocol(), { id: 'a', members: {}, ...undefinedOnes });
      expectTypeOf(await shared.read('any')).toEqualTypeOf<unknown>();
    });
  });
});
