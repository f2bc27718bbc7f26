import assert from 'node:assert/strict';
import { isPrompt, seesOwnWrites } from '../case.js';
import type { Stage } from '../face/stage.js';
import { hasEntry, reads, readsOwn, sees } from '../face/waiting.js';
import { alone, type Setting, type Topic } from './topic.js';

/** The plain operations: read, entry, write, delete, and versions. */
export const readingAndWriting: readonly Topic[] = [
  { name: 'a member reads its own writes', run: ownWrites },
  { name: 'a write is read by every other member', excuse: alone, run: othersRead },
  { name: 'a key that was never written is absent', run: neverWritten },
  { name: 'a deleted key is absent, and can be written again', run: deleted },
  { name: 'a version names one write', run: versions },
  { name: 'awaited operations of a member apply in their order', run: inOrder },
  { name: 'keys are apart, however they are spelt', run: spellings },
  {
    name: 'what was acknowledged before a member closes is kept by the others',
    excuse: keptExcuse,
    run: kept,
  },
];

async function ownWrites(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  for (const memory of members) {
    // A key of its own: of concurrent writes a weaker consistency may let another one win.
    const key = `of ${memory.id}`;
    for (const value of ['first', 'second']) {
      await memory.write(key, value);
      await readsOwn(stage, memory, key, value);
      await sees(stage, memory, key, value);
    }
  }
}

async function othersRead(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  for (const writer of members) {
    for (const value of [`first of ${writer.id}`, `second of ${writer.id}`]) {
      await writer.write('shared', value);
      for (const reader of members) await reads(stage, reader, 'shared', value);
    }
  }
}

async function neverWritten(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  for (const memory of members) {
    assert.equal(await memory.read('nothing'), undefined);
    assert.deepEqual(await memory.entry('nothing'), { key: 'nothing', value: undefined, version: '' });
  }
  await members[0]?.write('something', 1);
  for (const memory of members) assert.equal(await memory.read('nothing'), undefined);
}

async function deleted(stage: Stage): Promise<void> {
  const { first, last, members } = await stage.group();
  for (const value of ['once', 'again']) {
    const version = await first.write('k', value);
    assert.notEqual(version, '');
    for (const memory of members) await reads(stage, memory, 'k', value);
    assert.equal(await last.delete('k'), '', 'the version of an absent entry');
    await readsOwn(stage, last, 'k', undefined);
    for (const memory of members) await reads(stage, memory, 'k', undefined);
    assert.deepEqual(await last.entry('k'), { key: 'k', value: undefined, version: '' });
  }
  // Nothing was there, so nothing changes.
  assert.equal(await last.delete('never'), '');
  assert.equal(await last.read('never'), undefined);
}

async function versions(stage: Stage): Promise<void> {
  const { first, last, members } = await stage.group();
  const given = new Set<string>();
  for (const writer of [first, first, last, first]) {
    const key = isPrompt(stage.protocol) ? 'k' : `of ${writer.id}`;
    // The same value each time: what differs is the write.
    const version = await writer.write(key, 'same');
    assert.equal(typeof version, 'string');
    assert.ok(version !== '' && !given.has(version), `version '${version}' was given before`);
    given.add(version);
    if (!seesOwnWrites(stage.protocol)) continue;
    const entry = { key, value: 'same', version };
    assert.deepEqual(await writer.entry(key), entry);
    for (const reader of members) await hasEntry(stage, reader, entry);
  }
}

async function inOrder(stage: Stage): Promise<void> {
  const { members } = await stage.group();
  await Promise.all(
    members.map(async (memory) => {
      const key = `of ${memory.id}`;
      for (let n = 0; n < 20; n += 1) {
        const value = n % 5 === 4 ? undefined : n;
        await (value === undefined ? memory.delete(key) : memory.write(key, value));
        await readsOwn(stage, memory, key, value);
      }
    }),
  );
  for (const writer of members) {
    await writer.write(`of ${writer.id}`, 'last');
    for (const reader of members) await reads(stage, reader, `of ${writer.id}`, 'last');
  }
}

async function spellings(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const keys = ['a', 'A', ' a', 'a ', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '*a', 'a*b'];
  const written = [...keys, '0', '-0', '\u0000', 'é', 'e\u0301', '😀', 'k'.repeat(1024), '😀'.repeat(256)];
  await Promise.all(written.map((key, n) => first.write(key, n)));
  for (const [n, key] of written.entries()) await reads(stage, last, key, n);
  for (const [n, key] of written.entries()) if (n % 2 === 0) await last.delete(key);
  for (const [n, key] of written.entries()) await reads(stage, first, key, n % 2 === 0 ? undefined : n);
}

function keptExcuse({ protocol, size }: Setting): string | undefined {
  const { survives } = protocol.guarantees;
  if (survives === 'none') return `${protocol.name} promises nothing once a member is gone`;
  return size - protocol.answersNeeded(size) < 1 ? 'nobody can go on without a member' : undefined;
}

async function kept(stage: Stage): Promise<void> {
  const { members, last } = await stage.group();
  await last.write('k', 'kept');
  for (const memory of members) await reads(stage, memory, 'k', 'kept');
  await last.close();
  for (const memory of members.slice(0, -1)) {
    await reads(stage, memory, 'k', 'kept');
    await memory.write(`of ${memory.id}`, 'after');
    await readsOwn(stage, memory, `of ${memory.id}`, 'after');
  }
}
