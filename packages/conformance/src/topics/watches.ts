import assert from 'node:assert/strict';
import type { Entry } from '@dsm/core';
import { isPrompt } from '../case.js';
import { hearing } from '../face/hearing.js';
import type { Face, Stage } from '../face/stage.js';
import { attended, ends, eventually, reads, rejection, throwsCode } from '../face/waiting.js';
import type { Setting, Topic } from './topic.js';

/** Watches and listeners. */
export const watches: readonly Topic[] = [
  { name: 'a watch yields the current entry first, then the newest', run: currentThenNewest },
  { name: 'a watch of an absent key begins with its absence', run: absentFirst },
  { name: 'a watch of a pattern shows the keys that match, and no others', run: patterns },
  { name: 'a slow consumer of a watch skips to the newest', run: skips },
  { name: 'a watch ends by break, abort and close', run: endings },
  { name: 'a listener hears of changes until it leaves', run: listeners },
  { name: 'a watch of every change shows each one, in one order', excuse: newestOnly, run: every },
  {
    name: 'a watch of every change is refused where changes have no order',
    excuse: ({ protocol }) =>
      protocol.changes === 'every' ? `${protocol.name} shows every change` : undefined,
    run: everyRefused,
  },
];

function newestOnly({ protocol }: Setting): string | undefined {
  return protocol.changes === 'every' ? undefined : `${protocol.name} shows the newest value only`;
}

type Watching = AsyncIterator<Entry>;

/** What a watch yields next, within the patience. */
async function next(stage: Stage, watch: Watching): Promise<unknown> {
  const { done, value } = await ends(stage, 'a watch that must yield', watch.next());
  assert.notEqual(done, true, 'the watch has ended');
  return value.value;
}

/** What a watch yields up to a value, which must come. */
async function upTo(stage: Stage, watch: Watching, last: unknown): Promise<unknown[]> {
  const values: unknown[] = [];
  do values.push(await next(stage, watch));
  while (values.at(-1) !== last);
  return values;
}

async function currentThenNewest(stage: Stage): Promise<void> {
  const { members, first, last } = await stage.group();
  await first.write('k', 'current');
  for (const memory of members) await reads(stage, memory, 'k', 'current');
  const all = members.map((memory) => memory.watch('k'));
  for (const watch of all) assert.equal(await next(stage, watch), 'current');
  for (const [writer, value] of [
    [last, 'second'],
    [first, 'third'],
    [first, undefined],
    [last, 'fifth'],
  ] as const) {
    const parked = attended(Promise.all(all.map((watch) => upTo(stage, watch, value))));
    const version = await (value === undefined ? writer.delete('k') : writer.write('k', value));
    for (const values of await parked) assert.deepEqual(values, [value]);
    if (isPrompt(stage.protocol)) assert.equal((await first.entry('k')).version, version);
  }
}

async function absentFirst(stage: Stage): Promise<void> {
  const { members, first } = await stage.group();
  for (const memory of members) {
    const watch = memory.watch(`unknown to ${memory.id}`);
    const entry = { key: `unknown to ${memory.id}`, value: undefined, version: '' };
    assert.deepEqual(await ends(stage, 'the first look', watch.next()), { done: false, value: entry });
    const parked = attended(next(stage, watch));
    await first.write(`unknown to ${memory.id}`, 'known');
    assert.equal(await parked, 'known');
    await watch.return?.();
  }
}

async function patterns(stage: Stage): Promise<void> {
  const { members, first, last } = await stage.group();
  await first.write('users', 'none');
  await first.write('user:1', 'one');
  for (const memory of members) await reads(stage, memory, 'user:1', 'one');
  await Promise.all(members.map((memory) => seesFamily(stage, memory, first, last)));
}

/** Watches a family from before to after some of its keys change; each member has its own. */
async function seesFamily(stage: Stage, memory: Face, first: Face, last: Face): Promise<void> {
  const family = `user:${memory.id}:`;
  const known = await memory.keys('user:*');
  const watch = memory.watch('user:*');
  const others = memory.watch('us*');
  const shown = new Map<string, unknown>();
  await first.write(`${family}2`, 'two');
  await last.write(`${family}3`, 'three');
  await last.write('users', 'still none');
  // What it knew when the watch began belongs to the first look.
  const wanted = new Map([
    [`${family}2`, 'two'],
    [`${family}3`, 'three'],
  ]);
  if (known.includes('user:1')) wanted.set('user:1', 'one');
  while ([...wanted].some(([key, value]) => shown.get(key) !== value)) {
    const { value } = await ends(stage, 'a watch of a family', watch.next());
    assert.ok(value.key.startsWith('user:'), `'${value.key}' is not of the family`);
    shown.set(value.key, value.value);
  }
  await upTo(stage, others, 'still none');
  await Promise.all([watch.return?.(), others.return?.()]);
}

async function skips(stage: Stage): Promise<void> {
  const { members, first } = await stage.group();
  const all = members.map((memory) => memory.watch('k'));
  for (let n = 1; n <= 50; n += 1) await first.write('k', n);
  for (const memory of members) await reads(stage, memory, 'k', 50);
  for (const watch of all) assert.equal(await next(stage, watch), 50);
}

async function endings(stage: Stage): Promise<void> {
  const { last } = await stage.group();
  const controller = new AbortController();
  const aborted = last.watch('k', { signal: controller.signal });
  const broken = last.watch('k');
  const closed = [last.watch('k'), last.watch('*')];
  for (const watch of [aborted, broken, closed[0]]) await watch?.next();
  const parked = attended(rejection(aborted.next()));
  controller.abort('enough');
  assert.equal(await ends(stage, 'an aborted watch', parked), 'enough');
  assert.equal((await aborted.next()).done, true);
  for await (const { value } of last.watch('k')) {
    assert.equal(value, undefined);
    break;
  }
  await broken.return?.();
  assert.equal((await broken.next()).done, true);
  assert.equal(last.metrics().watchers, 2);
  const waiting = closed.map((watch) => watch.next());
  await last.close();
  const done = await ends(stage, 'watches of a closed member', Promise.all(waiting));
  for (const end of done) assert.deepEqual(end, { done: true, value: undefined });
  assert.equal(last.metrics().watchers, 0);
}

async function listeners(stage: Stage): Promise<void> {
  const { members, first } = await stage.group();
  await first.write('k', 'before');
  for (const memory of members) await reads(stage, memory, 'k', 'before');
  const heard = hearing(members, 'k*');
  const left = members.map((): unknown[] => []);
  const offs = members.map((memory, slot) => memory.onChange('k', ({ value }) => left[slot]?.push(value)));
  for (const value of ['one', 'two', 'three']) {
    await first.write('k', value);
    await eventually(stage, () => {
      for (const values of [...heard, ...left]) assert.equal(values.at(-1), value);
    });
  }
  for (const off of offs) off();
  await first.write('k', 'four');
  await eventually(stage, () => {
    for (const values of heard) assert.equal(values.at(-1), 'four');
  });
  for (const values of heard) assert.deepEqual(news(values), ['one', 'two', 'three', 'four']);
  for (const values of left) assert.deepEqual(news(values), ['one', 'two', 'three']);
}

/** Without the value from before, which a late wake may show once more. */
function news(values: readonly unknown[]): unknown[] {
  return values[0] === 'before' ? values.slice(1) : [...values];
}

async function every(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  const each = 30;
  const total = members.length * each;
  const all = members.map((memory) => memory.watch('*', { every: true }));
  const heard = hearing(members, '*');
  const writes = members.flatMap((memory, who) =>
    Array.from({ length: each }, (_, n) => memory.write(`k${n % 3}`, who * each + n)),
  );
  const writing = attended(Promise.all(writes));
  const shown = await Promise.all(all.map((watch) => many(stage, watch, total)));
  await writing;
  for (const values of shown) {
    assert.equal(new Set(values).size, total, 'each change is shown once');
    assert.deepEqual(values, shown[0], 'all members are shown one order');
  }
  await eventually(stage, () => {
    for (const values of heard) assert.deepEqual(values, shown[0]);
  });
}

async function many(stage: Stage, watch: Watching, count: number): Promise<unknown[]> {
  const values: unknown[] = [];
  while (values.length < count) values.push(await next(stage, watch));
  return values;
}

async function everyRefused(stage: Stage): Promise<void> {
  const { first } = await stage.group();
  throwsCode(() => first.watch('k', { every: true }), 'DSM_UNSUPPORTED');
  assert.equal(first.metrics().watchers, 0);
}
