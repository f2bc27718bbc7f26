import { homeOf, memoryNetwork, types } from '@dsm/core';
import { afterEach, describe, expect, it } from 'vitest';
import { join, type ReadReplicationOptions, readReplication } from '../src/index.js';

const schema = types<Record<string, unknown>>();
/** The home of every key here. */
const directory = 'a';

async function joined(size: number, options: ReadReplicationOptions) {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
  const addresses = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const transport = memoryNetwork();
  const protocol = readReplication({ directory, ...options });
  return Promise.all(
    names.map((id) => join(protocol, { id, members: addresses, schema, batch: false, transport })),
  );
}

type Memory = Awaited<ReturnType<typeof joined>>[number];
let members: Memory[] = [];
afterEach(() => Promise.all(members.map((member) => member.close())));

interface Roles {
  readonly home: Memory;
  readonly backups: readonly Memory[];
  readonly others: readonly Memory[];
}

/** A group, by what its members are to the key `x`. */
async function group(size: number, options: ReadReplicationOptions = {}): Promise<Roles> {
  members = await joined(size, options);
  const left = members.slice(1).map(({ id }, index) => ({ name: id, slot: index + 1 }));
  const backups: Memory[] = [];
  for (let count = Math.floor(size / 2); count > 0; count -= 1) {
    const slot = homeOf('x', left);
    backups.push(members[slot] as Memory);
    left.splice(
      left.findIndex((one) => one.slot === slot),
      1,
    );
  }
  const others = left.map(({ slot }) => members[slot] as Memory);
  return { home: members[0] as Memory, backups, others };
}

function sum(figure: (member: Memory) => number): number {
  return members.reduce((total, member) => total + figure(member), 0);
}

const sent = () => ({
  read: sum((member) => member.metrics().messages.out.read),
  write: sum((member) => member.metrics().messages.out.write),
});

/** Waits until everything that was sent has arrived. */
async function quiescent(): Promise<void> {
  await expect
    .poll(() => {
      const { read, write } = sent();
      return read + write - sum((member) => member.metrics().messages.in);
    })
    .toBe(0);
}

/** The messages that an operation causes, from quiescence to quiescence. */
async function cost(operation: () => Promise<unknown>): Promise<{ read: number; write: number }> {
  await quiescent();
  const before = sent();
  await operation();
  await quiescent();
  const after = sent();
  return { read: after.read - before.read, write: after.write - before.write };
}

const nothing = { read: 0, write: 0 };
const reads = (count: number) => ({ read: count, write: 0 });
const writes = (count: number) => ({ read: 0, write: count });

describe.each([{ size: 3 }, { size: 5 }])('in a group of $size', ({ size }) => {
  const backupsCount = Math.floor(size / 2);
  const othersCount = size - 1 - backupsCount;
  /** Of a write at the home, when nobody else has a copy. */
  const alone = 3 * backupsCount + othersCount;

  it('a read costs nothing at the home, at a backup and where there is a copy; otherwise two messages', async () => {
    const { home, backups, others } = await group(size);
    await home.write('x', 1);
    for (const member of [home, ...backups]) expect(await cost(() => member.read('x'))).toEqual(nothing);
    for (const member of others) {
      expect(await cost(() => member.read('x'))).toEqual(reads(2));
      expect(await cost(() => member.read('x'))).toEqual(nothing);
      expect(await cost(() => member.entry('x'))).toEqual(nothing);
    }
  });

  it('absence is known where a value would be', async () => {
    const { home, backups, others } = await group(size);
    for (const member of [home, ...backups]) expect(await cost(() => member.read('x'))).toEqual(nothing);
    for (const member of others) {
      expect(await cost(() => member.read('x'))).toEqual(reads(2));
      expect(await cost(() => member.read('x'))).toEqual(nothing);
    }
  });

  it('a write at the home costs three per backup, two per copy and one for each member without', async () => {
    const { home, others } = await group(size);
    expect(await cost(() => home.write('x', 1))).toEqual(writes(alone));
    for (const [readers, member] of others.entries()) {
      await member.read('x');
      for (const earlier of others.slice(0, readers)) await earlier.read('x');
      expect(await cost(() => home.write('x', readers))).toEqual(writes(alone + readers + 1));
    }
    expect(await cost(() => home.delete('x'))).toEqual(writes(alone));
  });

  it('a write elsewhere costs two more, and its own copy nothing', async () => {
    const { backups, others } = await group(size);
    const [backup, other] = [backups[0], others[0]] as [Memory, Memory];
    // Its answer is the last of the three messages of a backup, or tells the member without a copy.
    expect(await cost(() => backup.write('x', 1))).toEqual(writes(alone + 1));
    expect(await cost(() => other.write('x', 2))).toEqual(writes(alone + 1));
    expect(await cost(() => other.write('x', 3))).toEqual(writes(alone + 1));
    expect(await cost(() => other.read('x'))).toEqual(nothing);
    // The copy of the one that wrote has to be halted now.
    expect(await cost(() => backup.write('x', 4))).toEqual(writes(alone + 2));
  });

  it('a swap costs what a write costs; one that fails, the question and the answer', async () => {
    const { home, others } = await group(size);
    const other = others[0] as Memory;
    expect(await cost(() => home.compareAndSwap('x', undefined, 1))).toEqual(writes(alone));
    expect(await cost(() => home.compareAndSwap('x', 'another', 2))).toEqual(nothing);
    expect(await cost(() => other.compareAndSwap('x', 'another', 2))).toEqual(writes(2));
    expect(await cost(() => other.compareAndSwap('x', 1, 2))).toEqual(writes(alone + 1));
  });

  it('with renewed copies, a write costs three per copy, and the next read nothing', async () => {
    const { home, others } = await group(size, { policy: 'update' });
    await home.write('x', 1);
    for (const member of others) await member.read('x');
    expect(await cost(() => home.write('x', 2))).toEqual(writes(3 * (size - 1)));
    for (const member of others) expect(await cost(() => member.read('x'))).toEqual(nothing);
  });

  it('write access costs two per copy, one per backup at its end, and makes writes no dearer', async () => {
    const { home, others } = await group(size);
    const [other] = others as [Memory];
    await home.write('x', 1);
    for (const member of others) await member.read('x');
    const halts = 2 * (size - 2);
    let access: Awaited<ReturnType<Memory['acquireWrite']>> | undefined;
    const acquire = async () => {
      access = await other.acquireWrite('x');
    };
    expect(await cost(acquire)).toEqual(writes(2 + halts));
    expect(await cost(async () => access?.write(2))).toEqual(writes(alone + 1));
    expect(await cost(async () => access?.read())).toEqual(nothing);
    expect(await cost(() => other.hasWriteAccess('x'))).toEqual(nothing);
    expect(await cost(async () => access?.release())).toEqual(writes(1 + backupsCount));
  });
});

it('a variable of one member alone costs nothing there', async () => {
  members = await joined(1, {});
  const [only] = members as [Memory];
  for (const operation of [
    () => only.read('x'),
    () => only.write('x', 1),
    () => only.compareAndSwap('x', 1, 2),
    async () => (await only.acquireWrite('x')).release(),
  ]) {
    expect(await cost(operation)).toEqual(nothing);
  }
});

it('reads of one member that find no copy share a question', async () => {
  const { others } = await group(3);
  const other = others[0] as Memory;
  expect(await cost(() => Promise.all(Array.from({ length: 50 }, () => other.read('x'))))).toEqual(reads(2));
});

it('writes that wait for a change are applied together', async () => {
  const { home, others } = await group(3);
  const other = others[0] as Memory;
  const all = Array.from({ length: 50 }, (_, n) => home.write('x', n));
  await Promise.all(all);
  // The first alone, the others together.
  expect(sent().write).toBe(2 * 4);
  expect(await other.read('x')).toBe(49);
});
