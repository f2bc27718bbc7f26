import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { attiyaRegister, join } from '@dsm/attiya-register';
import { freeTcpAddress } from '@dsm/conformance/transport';
import { zeromq } from '@dsm/transport-zeromq';
import { expect, onTestFinished, test } from 'vitest';
import { tcp } from '../src/index.js';

const names = ['a', 'b', 'c'] as const;

async function group(name: string, freeAddress: () => Promise<string>) {
  const entries = await Promise.all(names.map(async (id) => [id, await freeAddress()] as const));
  const members = Object.fromEntries(entries);
  const memories = await Promise.all(
    names.map((id) => join(attiyaRegister(), { id, members, group: name, transport: tcp() })),
  );
  onTestFinished(async () => {
    await Promise.all(memories.map((memory) => memory.close()));
  });
  return { members, memories };
}

async function freePath(): Promise<string> {
  return `unix://${joinPath(tmpdir(), `dsm-${randomUUID().slice(0, 13)}.sock`)}`;
}

test('two groups on one host, one over TCP and one over paths, do not hear of each other', async () => {
  const [one, other] = await Promise.all([group('one', freeTcpAddress), group('other', freePath)]);
  await Promise.all([
    one.memories[0]?.write('key', 'of one'),
    other.memories[0]?.write('key', 'of the other'),
  ]);
  for (const memory of one.memories) expect(await memory.read('key')).toBe('of one');
  for (const memory of other.memories) expect(await memory.read('key')).toBe('of the other');
}, 30_000);

test('who dials a group by mistake is told so where it is his own, and ignored where it is not', async () => {
  const { members, memories } = await group('one', freeTcpAddress);
  const stray = async (name: string) =>
    join(attiyaRegister(), {
      id: 'a',
      members: { ...members, a: await freeTcpAddress() },
      group: name,
      transport: tcp(),
      joinTimeout: name === 'one' ? 20_000 : 700,
    });
  await expect(stray('one')).rejects.toMatchObject({ code: 'DSM_PEER_MISMATCH' });
  await expect(stray('other')).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
  await memories[1]?.write('key', 'value');
  expect(await memories[2]?.read('key')).toBe('value');
}, 30_000);

test('a member over ZeroMQ and one over TCP do not meet, and neither comes to harm', async () => {
  const [a, b] = [await freeTcpAddress(), await freeTcpAddress()];
  const options = { members: { a, b }, joinTimeout: 700 };
  const joining = [
    join(attiyaRegister(), { id: 'a', ...options, transport: tcp() }),
    join(attiyaRegister(), { id: 'b', ...options, transport: zeromq() }),
  ];
  for (const end of await Promise.allSettled(joining)) {
    expect(end).toMatchObject({ status: 'rejected', reason: { code: 'DSM_TIMEOUT' } });
  }
}, 30_000);
