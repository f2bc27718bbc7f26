import assert from 'node:assert/strict';
import type { Face, Stage } from '../face/stage.js';
import { eventually, reads, readsOwn, refused, throwsCode } from '../face/waiting.js';
import type { Topic } from './topic.js';

/** What can be stored under which keys, and whose it is afterwards. */
export const valuesAndKeys: readonly Topic[] = [
  { name: 'values of every kind arrive as they were written', run: kinds },
  { name: 'what is read is the reader’s own', run: readerOwns },
  { name: 'what was written may be changed afterwards', run: writerOwns },
  { name: 'a refused value changes nothing', run: refusedValues },
  { name: 'a refused key changes nothing', run: refusedKeys },
  { name: 'keys() lists what was written and leaves out what was deleted', run: listing },
];

/** By name, one value of every kind that can be stored. */
const samples: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  zero: 0,
  'negative zero': -0,
  'not a number': Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  'negative infinity': Number.NEGATIVE_INFINITY,
  fraction: 0.1,
  'largest safe integer': Number.MAX_SAFE_INTEGER,
  'smallest number': Number.MIN_VALUE,
  negative: -1,
  'empty text': '',
  text: 'naïve 😀 \u0000 text',
  'long text': 'é'.repeat(70_000),
  bigint: 12345678901234567890123n,
  'negative bigint': -(2n ** 64n),
  'small bigint': 0n,
  date: new Date(1_234_567_890_123),
  'date before the epoch': new Date(-1),
  bytes: new Uint8Array([0, 1, 255]),
  'no bytes': new Uint8Array(0),
  'many bytes': new Uint8Array(300_000).map((_, index) => index % 251),
  'array buffer': new Uint8Array([1, 2, 3]).buffer,
  'data view': new DataView(new Uint8Array([4, 5, 6]).buffer),
  int8: new Int8Array([-1, 1]),
  clamped: new Uint8ClampedArray([1, 255]),
  int16: new Int16Array([-300, 300]),
  uint16: new Uint16Array([65_535]),
  int32: new Int32Array([-70_000]),
  uint32: new Uint32Array([4_294_967_295]),
  float32: new Float32Array([0.5, Number.NaN, -0]),
  float64: new Float64Array([0.1, Number.NaN, -0]),
  'big int64': new BigInt64Array([-1n]),
  'big uint64': new BigUint64Array([2n ** 64n - 1n]),
  'empty object': {},
  object: { a: 1, b: 'two', 'with space': null },
  'awkward keys': JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2, "": 3}'),
  'empty array': [],
  array: [1, 'two', null, [3, [4]]],
  map: new Map<unknown, unknown>([
    ['a', 1],
    [2, new Map([['b', new Set([1])]])],
    [Number.NaN, 'number'],
  ]),
  'empty map': new Map(),
  set: new Set<unknown>([1, 'two', null, Number.NaN]),
  'empty set': new Set(),
  nested: { list: [new Map([['k', { when: new Date(0), big: [1n], bytes: new Uint8Array([7]) }]])] },
  deep: Array.from({ length: 60 }).reduce<unknown>((inner) => [inner], 'core'),
};

async function kinds(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const entries = Object.entries(samples);
  await Promise.all(entries.map(([name, value]) => first.write(name, value)));
  for (const [name, value] of entries) {
    await readsOwn(stage, first, name, value);
    await reads(stage, last, name, value);
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
}

interface Changeable {
  list: number[];
  bytes: Uint8Array;
  map: Map<string, number[]>;
}

/** A value that can be changed in many ways; a new one at each call. */
function changeable(): Changeable {
  return { list: [1], bytes: new Uint8Array([1, 2]), map: new Map([['a', [1]]]) };
}

function spoil(value: unknown): void {
  const { list, bytes, map } = value as Changeable;
  list.push(2);
  bytes.fill(9);
  map.get('a')?.push(2);
  map.set('b', []);
}

async function readerOwns(stage: Stage): Promise<void> {
  const { first, last, members } = await stage.group();
  await first.write('k', changeable());
  for (const memory of [first, last]) {
    await reads(stage, memory, 'k', changeable());
    spoil(await memory.read('k'));
    spoil((await memory.entry('k')).value);
    const watch = memory.watch('k');
    spoil((await watch.next()).value?.value);
    await watch.return?.();
  }
  for (const memory of members) await reads(stage, memory, 'k', changeable());
}

async function writerOwns(stage: Stage): Promise<void> {
  const { first, last, members } = await stage.group();
  for (const [key, writer] of Object.entries({ one: first, other: last })) {
    const value = changeable();
    const bytes = new Uint8Array([1, 2, 3]);
    const writing = [writer.write(key, value), writer.write(`${key} bytes`, bytes)];
    spoil(value);
    bytes.fill(9);
    await Promise.all(writing);
    spoil(value);
    for (const memory of members) {
      await reads(stage, memory, key, changeable());
      await reads(stage, memory, `${key} bytes`, new Uint8Array([1, 2, 3]));
    }
  }
}

class Instance {
  readonly field = 1;
}

/** What cannot be stored, each with its name. */
function unstorable(): [string, unknown][] {
  const cycle: unknown[] = [];
  cycle.push([cycle]);
  return [
    ['undefined', undefined],
    ['undefined within', { a: [undefined] }],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['an instance', new Instance()],
    ['an instance within', new Map([['k', new Instance()]])],
    ['a cycle', cycle],
    ['an invalid date', new Date(Number.NaN)],
    ['a lone surrogate', '\ud800'],
    ['too many bytes', new Uint8Array(70_000)],
  ];
}

async function refusedValues(stage: Stage): Promise<void> {
  const { first, last } = await stage.group({ limits: { valueBytesMax: 65_536 } });
  const version = await first.write('k', 'before');
  for (const [name, value] of unstorable()) {
    const error = await refused(first.write('k', value), 'DSM_INVALID_VALUE');
    assert.equal(error.outcome, 'not-applied', name);
  }
  await readsOwn(stage, first, 'k', 'before');
  await reads(stage, last, 'k', 'before');
  assert.equal((await first.entry('k')).version, version);
  if (!stage.protocol.guarantees.compareAndSwap) return;
  for (const [, value] of unstorable()) {
    await refused(last.compareAndSwap('k', 'before', value), 'DSM_INVALID_VALUE');
    await refused(last.writeIf('k', version, value), 'DSM_INVALID_VALUE');
    await refused(
      last.update('k', () => value),
      'DSM_INVALID_VALUE',
    );
  }
  await reads(stage, first, 'k', 'before');
}

async function refusedKeys(stage: Stage): Promise<void> {
  const { first } = await stage.group();
  const wrong: unknown[] = ['', '*', 'a*', 'k'.repeat(1025), 'é'.repeat(513), '\ud800', undefined, 1, ['k']];
  for (const key of wrong as string[]) {
    for (const operation of [first.read(key), first.entry(key), first.write(key, 1), first.delete(key)]) {
      const { outcome } = await refused(operation, 'DSM_INVALID_KEY');
      assert.equal(outcome, 'not-applied');
    }
    if (typeof key === 'string' && key.endsWith('*')) continue;
    throwsCode(() => first.watch(key), 'DSM_INVALID_KEY');
    throwsCode(() => first.onChange(key, () => undefined), 'DSM_INVALID_KEY');
  }
  assert.deepEqual(await first.keys(), []);
}

async function listing(stage: Stage): Promise<void> {
  const { members, first, last } = await stage.group();
  const written = ['user:1', 'user:2', 'user', 'other', '__proto__'];
  await Promise.all(written.map((key) => first.write(key, key)));
  await reads(stage, last, 'other', 'other');
  await last.delete('other');
  const remaining = written.filter((key) => key !== 'other');
  for (const memory of members) {
    for (const key of written) await reads(stage, memory, key, key === 'other' ? undefined : key);
  }
  await listsOf(stage, members, '*', remaining);
  await listsOf(stage, members, 'user:*', ['user:1', 'user:2']);
  await listsOf(stage, members, 'user', ['user']);
  await listsOf(stage, members, 'nothing*', []);
}

/** Every key is known to somebody, and nobody knows of others. */
async function listsOf(stage: Stage, members: readonly Face[], pattern: string, keys: readonly string[]) {
  await eventually(stage, async () => {
    const known = await Promise.all(members.map((memory) => memory.keys(pattern)));
    for (const list of known) assert.equal(new Set(list).size, list.length, 'a key is listed once');
    assert.deepEqual([...new Set(known.flat())].toSorted(), keys.toSorted(), `keys('${pattern}')`);
  });
}
