import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { DsmError, type Security } from '@dsm/core';
import { expect, onTestFinished, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { Credentials } from '../src/credentials.js';
import { generateKeys } from '../src/index.js';
import { decide } from '../src/options.js';
import { inboxSocket, planOf } from '../src/plan.js';
import { decodeZ85 } from '../src/z85.js';
import { Child, freeAddress, member, numbered, type Peers, text, until } from './network.js';

const keys = { a: generateKeys(), b: generateKeys(), c: generateKeys() };
const members = { a: keys.a.publicKey, b: keys.b.publicKey, c: keys.c.publicKey };
type Name = keyof typeof keys;

function securityOf(name: Name): Security {
  return { secretKey: keys[name].secretKey, members };
}

/** A client of a's that has some member's keys, none, or those of nobody, and goes by any name. */
function stranger(
  address: string,
  own: { publicKey: string; secretKey: string } | undefined,
  routingId: string,
) {
  const curve = own && {
    curvePublicKey: own.publicKey,
    curveSecretKey: own.secretKey,
    curveServerKey: members.a,
  };
  const dealer = new Dealer({ linger: 0, reconnectInterval: 20, routingId, ...curve });
  onTestFinished(() => dealer.close());
  dealer.connect(address);
  return dealer;
}

/** The name by which the first outlet of a member would go at another. */
function idOf(from: Name, to: Name): string {
  return new Credentials(from, securityOf(from)).routingId(`${from}/1.1`, to);
}

test('members with their keys hear each other, both ways, beyond this machine or not', async () => {
  const [addressA, addressB] = [await freeAddress(), await freeAddress()];
  const a = await member({
    self: 'a',
    listen: addressA.replace('127.0.0.1', '*'),
    peers: [[1, { name: 'b', address: addressB }]],
    security: securityOf('a'),
  });
  const b = await member({
    self: 'b',
    listen: addressB,
    peers: [[0, { name: 'a', address: addressA }]],
    security: securityOf('b'),
    onFrame: (_, answer) => answer(Buffer.from('answer')),
  });
  await until('they reach each other', () => a.reached.includes(1) && b.reached.includes(0));
  for (const [number, bytes] of [0, 4, 1_000, 100_000, 5_000_000].entries()) {
    a.wire.send(1, numbered(number, bytes));
    b.wire.send(0, numbered(number, bytes));
  }
  await until('all frames and answers have arrived', () => a.frames.length === 10 && b.frames.length === 5);
  expect(b.frames.map((frame) => frame.byteLength)).toEqual([0, 4, 1_000, 100_000, 5_000_000]);
  expect(a.frames.filter((frame) => text(frame) === 'answer')).toHaveLength(5);
  expect([a.wire.counts, b.wire.counts]).toEqual(Array(2).fill({ lost: 0, refused: 0, faults: 0 }));
});

test('a frame as large as allowed passes encrypted', async () => {
  const listen = await freeAddress();
  const bounds = { frameBytesMax: 10_000 };
  const a = await member({ self: 'a', listen, security: securityOf('a'), ...bounds });
  const b = await member({
    self: 'b',
    listen: await freeAddress(),
    peers: [[0, { name: 'a', address: listen }]],
    security: securityOf('b'),
    ...bounds,
  });
  await until('b reaches a', () => b.reached.length > 0);
  b.wire.send(0, new Uint8Array(10_000));
  await until('a hears b', () => a.frames.length === 1);
});

test('a member comes back in another process', async () => {
  const listen = await freeAddress();
  const a = await member({ self: 'a', listen, security: securityOf('a') });
  const peers: Peers = [[0, { name: 'a', address: listen }]];
  const addressB = await freeAddress();
  for (let incarnation = 1; incarnation <= 2; incarnation += 1) {
    const child = new Child({ self: 'b', incarnation, listen: addressB, peers, security: securityOf('b') });
    await until('b reaches a', () => child.reached.length > 0);
    child.command({ do: 'send', to: 0, text: `from ${incarnation}` });
    await until('a hears b', () => a.frames.length === incarnation);
    await child.kill();
  }
  expect(a.frames.map(text)).toEqual(['from 1', 'from 2']);
});

test.each([
  { who: 'nobody has the key of', own: generateKeys(), routingId: idOf('b', 'a') },
  { who: 'speaks in the clear', own: undefined, routingId: idOf('b', 'a') },
])('a client that $who is refused and counted', async ({ own, routingId }) => {
  const listen = await freeAddress();
  const a = await member({ self: 'a', listen, security: securityOf('a') });
  const dealer = stranger(listen, own, routingId);
  dealer.send('let me in').catch(() => undefined);
  await until('it is refused', () => a.wire.counts.refused > 0);
  const friend = stranger(listen, keys.b, idOf('b', 'a'));
  await friend.send('hello');
  await until('a member is heard', () => a.frames.length > 0);
  expect(a.frames.map(text)).toEqual(['hello']);
  expect(a.senders).toEqual(['b']);
});

test.each([
  { what: 'claims to be another member', routingId: 'c/1.1' },
  { what: 'claims to be another member, proven by itself', routingId: idOf('b', 'a').replace('b/', 'c/') },
  { what: 'has no proof of being itself', routingId: 'b/1.1' },
  { what: 'shows the proof of another incarnation', routingId: idOf('b', 'a').replace('/1.1/', '/2.1/') },
  { what: 'repeats the proof that it gives to another member', routingId: idOf('b', 'c') },
  { what: 'repeats the proof that another member gives to it', routingId: idOf('c', 'b') },
  { what: 'turns the proof around that it was given', routingId: idOf('a', 'b').replace('a/', 'b/') },
  { what: 'goes by a name that nobody has', routingId: idOf('b', 'a').replace('b/', 'd/') },
])('a member that $what is refused and counted', async ({ routingId }) => {
  const listen = await freeAddress();
  const a = await member({ self: 'a', listen, security: securityOf('a') });
  const dealer = stranger(listen, keys.b, routingId);
  await dealer.send('let me in');
  await dealer.send('again');
  await until('both are refused', () => a.wire.counts.refused === 2);
  const friend = stranger(listen, keys.b, idOf('b', 'a'));
  await friend.send('hello');
  await until('the member is heard by its own name', () => a.frames.length > 0);
  expect(a.frames.map(text)).toEqual(['hello']);
});

test('a client does not take who listens at an address for the member expected there', async () => {
  const listen = await freeAddress();
  const c = await member({ self: 'c', listen, security: securityOf('c') });
  const a = await member({
    self: 'a',
    listen: await freeAddress(),
    peers: [[1, { name: 'b', address: listen }]],
    security: securityOf('a'),
  });
  await until('c has turned it away', () => c.wire.counts.refused > 0);
  a.wire.send(1, numbered(1));
  await until('the frame is lost', () => a.wire.counts.lost === 1);
  expect([a.reached, c.frames]).toEqual([[], []]);
});

test('without a gatekeeper nobody is let in', async () => {
  const listen = await freeAddress();
  const { events } = { events: { frame: () => {}, reachable: () => {} } };
  const options = { self: 'a', incarnation: 1, listen, peers: new Map(), frameBytesMax: 100, events };
  const plan = planOf({ ...options, security: securityOf('a') }, decide({}));
  const router = new Router(inboxSocket(plan));
  onTestFinished(() => router.close());
  const seen: string[] = [];
  router.events.on('handshake', () => seen.push('let in'));
  router.events.on('handshake:error:other', () => seen.push('refused'));
  await router.bind(listen);
  stranger(listen, keys.b, idOf('b', 'a'));
  await until('something is decided', () => seen.length > 0);
  expect(seen[0]).toBe('refused');
});

test('transports with keys that were closed, some of them twice, leave their place to others', async () => {
  for (let round = 0; round < 3; round += 1) {
    const listens = [await freeAddress(), await freeAddress()];
    const both = await Promise.all(
      listens.map((listen) => member({ self: 'a', listen, security: securityOf('a') })),
    );
    for (const [index, listen] of listens.entries()) {
      const friend = stranger(listen, keys.b, idOf('b', 'a'));
      await friend.send('hello');
      await until('it is heard', () => both[index]?.frames.length === 1);
    }
    await Promise.all(both.flatMap(({ wire }) => [wire.close(), wire.close()]));
  }
});

test.skipIf(process.platform !== 'linux')('closed transports leave no threads behind', async () => {
  const threads = () => readdirSync('/proc/self/task').length;
  const open = async () => member({ self: 'a', listen: await freeAddress(), security: securityOf('a') });
  for (let round = 0; round < 3; round += 1) await (await open()).wire.close();
  const before = threads();
  for (let round = 0; round < 10; round += 1) await (await open()).wire.close();
  expect(threads()).toBeLessThan(before + 10);
});

test('a process that has closed a transport with keys ends by itself', async () => {
  const peers: Peers = [[1, { name: 'b', address: await freeAddress() }]];
  const child = new Child({ self: 'a', listen: await freeAddress(), peers, security: securityOf('a') });
  await child.said('open');
  const exited = once(child.process, 'exit');
  child.command({ do: 'close' });
  expect(await exited).toEqual([0, null]);
});

test('however many names are tried, not all are remembered', () => {
  const credentials = new Credentials('a', securityOf('a'));
  for (let number = 0; number < 3_000; number += 1) credentials.memberBehind(Buffer.from(`b/${number}/x`));
  expect(Reflect.get(credentials, 'verdicts').size).toBeLessThanOrEqual(1_024);
});

test.each([
  { what: 'is malformed', security: { ...securityOf('a'), secretKey: 'x'.repeat(39) } },
  { what: 'is too short', security: { ...securityOf('a'), secretKey: 'x'.repeat(35) } },
  { what: 'is not in Z85', security: { ...securityOf('a'), secretKey: '"'.repeat(40) } },
  { what: 'is not that of its public key', security: { ...securityOf('a'), secretKey: keys.b.secretKey } },
  { what: 'of a peer is missing', security: { ...securityOf('a'), members: { a: members.a } } },
  { what: 'of its own is missing', security: { ...securityOf('a'), members: { b: members.b } } },
  { what: 'of somebody is malformed', security: { ...securityOf('a'), members: { ...members, c: 'x' } } },
])('a key that $what is an invalid option', async ({ security }) => {
  const peers: Peers = [[1, { name: 'b', address: await freeAddress() }]];
  const error: unknown = await member({ self: 'a', listen: await freeAddress(), peers, security }).catch(
    (reason: unknown) => reason,
  );
  expect(DsmError.is(error, 'DSM_INVALID_OPTION')).toBe(true);
});

test('keys and addresses within a process exclude each other', async () => {
  const error: unknown = await member({
    self: 'a',
    listen: 'inproc://security',
    security: securityOf('a'),
  }).catch((reason: unknown) => reason);
  expect(DsmError.is(error, 'DSM_INVALID_OPTION')).toBe(true);
});

test('Z85 is decoded as its specification has it', () => {
  expect(decodeZ85('HelloWorld')?.toString('hex')).toBe('864fd26fb559f75b');
  expect(decodeZ85('')?.byteLength).toBe(0);
  for (const bad of ['Hell', 'Hell"', '#####', 'Hell\u00e9']) expect(decodeZ85(bad)).toBeUndefined();
});
