import { describe, expect, test } from 'vitest';
import { DsmError } from '../../src/error.js';
import { joinVia } from '../../src/memory/join.js';
import { zeromq } from '../../src/no-transport.js';
import type { TransportOptions } from '../../src/transport/transport.js';
import { CountingWorld } from './fixtures/counting-world.js';
import { CutNetwork } from './fixtures/cut-network.js';
import { members, rejection, thrown } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

type UntypedJoin = (protocol: unknown, options: unknown) => Promise<unknown>;

const good = { id: 'a', members };
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, `x${n}`]));
const amounts = [0, -1, Number.NaN, '5', null, {}, Number.NEGATIVE_INFINITY];
const counts = [...amounts, 1.5, Number.POSITIVE_INFINITY, 2 ** 53];

/** What is wrong, the options, and a word of the message. */
const bad: [string, unknown, string][] = [
  ['no options', undefined, 'options'],
  ['null', null, 'options'],
  ['text', 'a', 'options'],
  ['no id', { members }, 'id'],
  ['an id that is no string', { id: 1, members }, 'id must be a string, not a number'],
  ['an id that is no member', { id: 'd', members }, "'d' is not one of the members a, b, c"],
  ['an id inherited by every object', { id: 'toString', members }, 'toString'],
  ['no members', { id: 'a' }, 'members'],
  ['members that are null', { id: 'a', members: null }, 'members'],
  ['members in an array', { id: '0', members: ['x'] }, 'members'],
  ['members that are text', { id: 'a', members: 'a' }, 'members'],
  ['nobody', { id: 'a', members: {} }, 'empty'],
  ['32 members', { id: 'm0', members: many(32) }, '31'],
  ['two members with one address', { id: 'a', members: { a: 'x', b: 'x' } }, 'two members'],
  ['a member without a name', { id: 'a', members: { a: 'x', '': 'y' } }, 'name'],
  ['a long name', { id: 'a', members: { a: 'x', ['b'.repeat(256)]: 'y' } }, 'name'],
  ['half of a pair for a name', { id: 'a', members: { a: 'x', '\ud800': 'y' } }, 'name'],
  ['an address that is no string', { id: 'a', members: { a: 'x', b: 5 } }, "'b'"],
  ['an address that is empty', { id: 'a', members: { a: 'x', b: '' } }, "'b'"],
  ['a long address', { id: 'a', members: { a: 'x', b: 'y'.repeat(1_001) } }, "'b'"],
  ['an empty group', { ...good, group: '' }, 'group'],
  ['a long group', { ...good, group: 'g'.repeat(256) }, 'group'],
  ['a group that is no string', { ...good, group: 7 }, 'group'],
  ['listen that is no string', { ...good, listen: 7 }, 'listen'],
  ['listen that is empty', { ...good, listen: '' }, 'listen'],
  ...amounts.flatMap((value): [string, unknown, string][] =>
    ['timeout', 'joinTimeout', 'suspectAfterMs'].map((name) => [
      `${name} ${String(value)}`,
      { ...good, [name]: value },
      name,
    ]),
  ),
  ['limits that are no object', { ...good, limits: 5 }, 'limits'],
  ['limits that are null', { ...good, limits: null }, 'limits'],
  ['an unknown limit', { ...good, limits: { bytesMax: 1 } }, 'limits.bytesMax'],
  [
    'keys longer than a message can carry',
    { ...good, limits: { keyBytesMax: 65_536 } },
    'limits.keyBytesMax',
  ],
  ['an inherited limit', { ...good, limits: { toString: 1 } }, 'limits.toString'],
  ...counts.flatMap((value): [string, unknown, string][] =>
    ['valueBytesMax', 'operationsPendingMax'].map((name) => [
      `limits.${name} ${String(value)}`,
      { ...good, limits: { [name]: value } },
      `limits.${name}`,
    ]),
  ),
  ['batch that is no boolean', { ...good, batch: 1 }, 'batch'],
  ['insecure that is no boolean', { ...good, insecure: 'yes' }, 'insecure'],
  ['security that is text', { ...good, security: 'secret' }, 'security'],
  ['security without members', { ...good, security: { secretKey: 'x' } }, 'security'],
  ['a transport that cannot be opened', { ...good, transport: {} }, 'transport'],
  ['a transport that is a function', { ...good, transport: () => 1 }, 'transport'],
  ['a transport that is null', { ...good, transport: null }, 'transport'],
  ['trace that is no function', { ...good, trace: {} }, 'trace'],
  ['a signal that is none', { ...good, signal: {} }, 'signal'],
  ['a controller for the signal', { ...good, signal: new AbortController() }, 'signal'],
  ['a schema that is text', { ...good, schema: 'number' }, 'schema'],
  ['a schema that is null', { ...good, schema: null }, 'schema'],
  ['a schema of no Standard Schemas', { ...good, schema: { counter: Number } }, 'schema.counter'],
  ['a schema of nothing', { ...good, schema: { counter: undefined } }, 'schema.counter'],
];

const home = homeProtocol();
const badProtocols: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['its function', homeProtocol],
  ['an empty object', {}],
  ...Object.keys(home).map((part): [string, unknown] => [
    `one without ${part}`,
    { ...home, [part]: undefined },
  ]),
  ['one of unknown channels', { ...home, channels: 'lifo' }],
  ['one of unknown changes', { ...home, changes: 'some' }],
  ['one whose codec cannot encode', { ...home, codec: { ...home.codec, encode: undefined } }],
  ['one whose codec cannot decode', { ...home, codec: { ...home.codec, decode: undefined } }],
  ['one whose codec knows no purpose', { ...home, codec: { ...home.codec, purpose: undefined } }],
];

async function expectRefused(protocol: unknown, options: unknown): Promise<string> {
  const network = new CutNetwork();
  const world = new CountingWorld();
  let asked = false;
  const join = joinVia(async () => {
    asked = true;
    return network;
  }, world) as UntypedJoin;
  const error = await rejection(join(protocol, options));
  expect(DsmError.is(error) ? error.code : error).toBe('DSM_INVALID_OPTION');
  expect((error as DsmError).outcome).toBe('not-applied');
  expect([asked, network.opened, world.timers]).toEqual([false, 0, 0]);
  return (error as DsmError).message;
}

test.each(['store'])('%s is refused rather than ignored until it means something', async (name) => {
  const join = joinVia(async () => new CutNetwork());
  const error = await rejection(join(homeProtocol(), { ...good, [name]: 'x' }));
  expect(error).toMatchObject({ code: 'DSM_UNSUPPORTED', message: expect.stringContaining(name) });
});

describe('join refuses before anything is opened', () => {
  test.each(bad)('%s', async (_, options, word) => {
    expect(await expectRefused(home, options)).toContain(word);
  });

  test.each(badProtocols)('a protocol that is %s', async (_, protocol) => {
    expect(await expectRefused(protocol, good)).toContain('protocol');
  });

  test('a protocol whose options name somebody who is no member', async () => {
    const message = await expectRefused({ ...home, mentions: ['a', 'c', 'd', 'toString'] }, good);
    expect(message).toBe("the options of home name 'd', which is not one of the members a, b, c");
  });

  test('says what it got', async () => {
    expect(await expectRefused(home, { ...good, timeout: 'soon' })).toContain('"soon"');
    expect(await expectRefused(home, { ...good, group: 'g'.repeat(300) })).toMatch(/^.{1,150}$/);
  });
});

describe('join takes', () => {
  test('31 members', async () => {
    const network = new CutNetwork();
    const join = joinVia(async () => network);
    const all = many(31);
    const memories = await Promise.all(Object.keys(all).map((id) => join(home, { id, members: all })));
    expect(memories[30]?.status().view?.members).toHaveLength(31);
    await memories[30]?.write('k', 1);
    expect(await memories[15]?.read('k')).toBe(1);
    await Promise.all(memories.map((memory) => memory.close()));
  });

  test('a protocol that inherits its parts', async () => {
    const join = joinVia(async () => new CutNetwork());
    const memory = await join(Object.create(home) as typeof home, { id: 'a', members: { a: 'x' } });
    expect(memory.protocol).toBe('home');
    await memory.close();
  });

  test('names that every object has', async () => {
    const join = joinVia(async () => new CutNetwork());
    const odd = JSON.parse('{"__proto__":"memory://p"}') as Record<string, string>;
    const memory = await join(home, { id: '__proto__', members: odd });
    expect(memory.status().view?.members).toEqual(['__proto__']);
    await memory.close();
  });

  test('options that are left out as undefined', async () => {
    const given = { timeout: undefined, limits: { keyBytesMax: undefined }, group: undefined };
    const more = { listen: undefined, schema: undefined, batch: undefined, transport: undefined };
    const last = { security: undefined, insecure: undefined, trace: undefined, signal: undefined };
    const join = joinVia(async () => new CutNetwork());
    const memory = await join(home, { id: 'a', members: { a: 'x' }, ...given, ...more, ...last });
    await memory.write('k'.repeat(1024), 1);
    await memory.close();
  });

  test('the transport that the options name, without asking for another', async () => {
    const network = new CutNetwork();
    const join = joinVia(async () => expect.fail('there is one'));
    const memory = await join(home, { id: 'a', members: { a: 'x' }, transport: network });
    expect(network.opened).toBe(1);
    await memory.close();
  });

  test('everything that the transport needs to know', async () => {
    const opened: TransportOptions[] = [];
    const network = new CutNetwork();
    const transport = {
      name: 'noting',
      open: (options: TransportOptions) => {
        opened.push(options);
        return network.open(options);
      },
    };
    const security = { secretKey: 's', members: { a: 'p' } };
    const alone = { a: 'memory://a' };
    const limits = { valueBytesMax: 10_000_000 };
    const given = { id: 'a', members: alone, listen: 'memory://l', security, insecure: true, limits };
    const memory = await joinVia(async () => transport)(home, given);
    expect(opened[0]).toMatchObject({ self: 'a', listen: 'memory://l', security, insecure: true });
    expect(opened[0]?.peers.size).toBe(0);
    // A frame has room for a swap: two values, and what is around them.
    expect(opened[0]?.frameBytesMax).toBeGreaterThan(20_000_000);
    await memory.close();
  });
});

test('where there is no default transport, that is said', () => {
  expect(thrown(() => zeromq())).toMatchObject({
    code: 'DSM_INVALID_OPTION',
    message: expect.stringContaining('transport'),
  });
});
