import assert from 'node:assert/strict';
import { DsmError } from '@dsm/core';
import { Chance } from '@dsm/simulator';
import { hearing } from '../face/hearing.js';
import type { Stage } from '../face/stage.js';
import { eventually, hasEntry, reads, rejection } from '../face/waiting.js';
import { noSwaps, type Setting, type Topic } from './topic.js';

/** Compare-and-swap, by value and by version. */
export const swaps: readonly Topic[] = [
  { name: 'compareAndSwap writes where the value is the expected one', excuse: noSwaps, run: byValue },
  { name: 'compareAndSwap compares by structure', excuse: noSwaps, run: byStructure },
  { name: 'writeIf and deleteIf go by version', excuse: noSwaps, run: byVersion },
  { name: 'both values of a swap may be as large as any', excuse: noLargeSwaps, run: large },
  { name: 'of swaps that race from one value exactly one wins', excuse: noSwaps, run: race },
  { name: 'a failed swap changes nothing and notifies nobody', excuse: noSwaps, run: failsQuietly },
  { name: 'update applies its function to the newest value, exactly once', excuse: noSwaps, run: updates },
  { name: 'an update whose function fails applies nothing', excuse: noSwaps, run: failedUpdate },
  {
    name: 'methods of compare-and-swap are refused where there is none',
    excuse: ({ protocol }: Setting) =>
      protocol.guarantees.compareAndSwap ? `${protocol.name} has compare-and-swap` : undefined,
    run: unsupported,
  },
];

async function byValue(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const created = await first.compareAndSwap('k', undefined, 'one');
  assert.ok(created.ok);
  const current = { key: 'k', value: 'one', version: created.version };
  await hasEntry(stage, last, current);
  assert.deepEqual(await last.compareAndSwap('k', undefined, 'lost'), { ok: false, current });
  assert.deepEqual(await last.compareAndSwap('k', 'other', 'lost'), { ok: false, current });
  const won = await last.compareAndSwap('k', 'one', 'two');
  assert.ok(won.ok);
  assert.notEqual(won.version, created.version);
  await hasEntry(stage, first, { key: 'k', value: 'two', version: won.version });
  await first.delete('k');
  await reads(stage, last, 'k', undefined);
  const absent = { key: 'k', value: undefined, version: '' };
  assert.deepEqual(await last.compareAndSwap('k', 'two', 'lost'), { ok: false, current: absent });
}

function noLargeSwaps(setting: Setting): string | undefined {
  const { name, guarantees } = setting.protocol;
  return noSwaps(setting) ?? (guarantees.reads === 'server' ? `${name} has a limit of its own` : undefined);
}

/** A message with both in it is nearly twice as long as one of any write: it must fit into a frame. */
async function large(stage: Stage): Promise<void> {
  const { members, first, last } = await stage.group({ limits: { valueBytesMax: 2 ** 21 } });
  const [before, after] = ['before', 'after'].map((text) => text.padEnd(2 ** 21 - 100, '.'));
  const keys = ['k', 'l', 'm'];
  for (const key of keys) {
    await first.write(key, before);
    assert.ok((await first.compareAndSwap(key, before, after)).ok);
    const { ok } = await last.compareAndSwap(key, before, before);
    assert.ok(!ok);
  }
  await last.write('small', 1);
  for (const memory of members) await reads(stage, memory, 'k', after);
}

/** Pairs of values that are one for compareAndSwap, although their bytes differ. */
const same: readonly [unknown, unknown][] = [
  [
    { a: 1, b: { c: 2, d: 3 } },
    { b: { d: 3, c: 2 }, a: 1 },
  ],
  [
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
    new Map([
      ['b', 2],
      ['a', 1],
    ]),
  ],
  [new Set([1, 'two', 3]), new Set([3, 1, 'two'])],
  [new Uint8Array([1, 2]), new Uint8Array([0, 1, 2]).subarray(1)],
  [[Number.NaN], [Number.NaN]],
  [-0, 0],
  [{ when: new Date(5) }, { when: new Date(5) }],
];

const different: readonly [unknown, unknown][] = [
  [
    [1, 2],
    [2, 1],
  ],
  [1, 1n],
  [null, undefined],
  [{ a: 1 }, { a: 1, b: 2 }],
  ['1', 1],
  [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  [new Map([['a', 1]]), { a: 1 }],
];

async function byStructure(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const swapped = async (value: unknown, expected: unknown) => {
    const version = await first.write('k', value);
    await hasEntry(stage, last, { key: 'k', value, version });
    return (await last.compareAndSwap('k', expected, 'swapped')).ok;
  };
  for (const [value, expected] of same) {
    assert.equal(await swapped(value, expected), true, `${String(value)} is equal`);
    await reads(stage, first, 'k', 'swapped');
  }
  for (const [value, expected] of different) {
    assert.equal(await swapped(value, expected), false, `${String(value)} differs`);
    await reads(stage, first, 'k', value);
  }
}

async function byVersion(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const old = await first.write('k', 'A');
  await reads(stage, last, 'k', 'A');
  await last.write('k', 'B');
  const version = await last.write('k', 'A');
  const current = { key: 'k', value: 'A', version };
  await hasEntry(stage, first, current);
  // The value is back, the version is not.
  assert.deepEqual(await first.writeIf('k', old, 'lost'), { ok: false, current });
  assert.deepEqual(await first.deleteIf('k', old), { ok: false, current });
  assert.deepEqual(await first.writeIf('k', '', 'lost'), { ok: false, current });
  const written = await first.writeIf('k', version, 'C');
  assert.ok(written.ok);
  await hasEntry(stage, last, { key: 'k', value: 'C', version: written.version });
  assert.deepEqual(await last.deleteIf('k', written.version), { ok: true, version: '' });
  const absent = { key: 'k', value: undefined, version: '' };
  await hasEntry(stage, first, absent);
  assert.deepEqual(await first.deleteIf('k', written.version), { ok: false, current: absent });
  assert.deepEqual(await first.writeIf('k', version, 'lost'), { ok: false, current: absent });
  const created = await last.writeIf('k', '', 'D');
  assert.ok(created.ok);
  await reads(stage, first, 'k', 'D');
}

async function race(stage: Stage): Promise<void> {
  const { members, first } = await stage.group({}, new Chance(stage.size));
  let previous: unknown = 'start';
  await first.write('k', previous);
  for (const memory of members) await reads(stage, memory, 'k', previous);
  for (let round = 0; round < 10; round += 1) {
    const expected = previous;
    // A member that serves itself would win each time: every other round is among the rest.
    const racing = round % 2 === 1 && members.length > 2 ? members.slice(1) : members;
    const attempts = [...racing, ...racing].map((memory, who) => {
      const value = { round, who };
      return memory.compareAndSwap('k', expected, value).then((swap) => ({ swap, value }));
    });
    const ended = await Promise.all(attempts);
    const winners = ended.filter(({ swap }) => swap.ok);
    assert.equal(winners.length, 1, `winners of round ${round}`);
    const won = winners[0]?.value;
    for (const { swap } of ended) if (!swap.ok) assert.deepEqual(swap.current.value, won);
    for (const memory of members) await reads(stage, memory, 'k', won);
    previous = won;
  }
}

async function failsQuietly(stage: Stage): Promise<void> {
  const { members, first, last } = await stage.group();
  const version = await first.write('k', 'kept');
  for (const memory of members) await reads(stage, memory, 'k', 'kept');
  const heard = hearing(members, '*');
  for (const memory of [first, last]) {
    assert.equal((await memory.compareAndSwap('k', 'other', 'lost')).ok, false);
    assert.equal((await memory.writeIf('k', '', 'lost')).ok, false);
    assert.equal((await memory.deleteIf('k', `${version}x`)).ok, false);
  }
  assert.deepEqual(await last.entry('k'), { key: 'k', value: 'kept', version });
  await first.write('k', 'end');
  await eventually(stage, () => {
    for (const values of heard) assert.equal(values.at(-1), 'end');
  });
  // A wake without a change may show once more what was there before.
  for (const values of heard) assert.ok(!values.includes('lost') && !values.includes(undefined));
}

async function updates(stage: Stage): Promise<void> {
  const { members, first } = await stage.group();
  const each = 15;
  const add = (n: unknown) => ((n as number | undefined) ?? 0) + 1;
  const all = members.flatMap((memory) => Array.from({ length: each }, () => memory.update('counter', add)));
  const values = (await Promise.all(all)).map(({ value }) => value as number);
  const total = members.length * each;
  assert.deepEqual(
    values.toSorted((x, y) => x - y),
    Array.from({ length: total }, (_, n) => n + 1),
  );
  const entry = await first.update('counter', async (n) => add(n));
  assert.deepEqual(entry, await first.entry('counter'));
  for (const memory of members) await reads(stage, memory, 'counter', total + 1);
}

async function failedUpdate(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const version = await first.write('k', 1);
  await reads(stage, last, 'k', 1);
  const reason = new RangeError('no');
  const throwing = () => {
    throw reason;
  };
  assert.equal(await rejection(last.update('k', throwing)), reason);
  assert.equal(await rejection(last.update('k', () => Promise.reject(reason))), reason);
  assert.deepEqual(await first.entry('k'), { key: 'k', value: 1, version });
}

async function unsupported(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const version = await first.write('k', 1);
  for (const memory of [first, last]) {
    for (const operation of [
      memory.compareAndSwap('k', 1, 2),
      memory.writeIf('k', version, 2),
      memory.deleteIf('k', version),
      memory.update('k', () => 2),
    ]) {
      const error = await rejection(operation);
      assert.ok(DsmError.is(error, 'DSM_UNSUPPORTED') && error.outcome === 'not-applied', String(error));
    }
    await reads(stage, memory, 'k', 1);
  }
}
