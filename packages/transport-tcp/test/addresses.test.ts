import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpAddress } from '@dsm/conformance/transport';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { parseListen, parsePeer, pathBytesMax } from '../src/address.js';
import { tcp } from '../src/index.js';
import { codeOf, member, until } from './network.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsm-tcp-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A path with a socket that nobody listens on, as who is killed leaves it behind. */
async function stalePath(name = 'stale'): Promise<string> {
  const path = join(folder, `${name}.sock`);
  await leaveSocket(path);
  return path;
}

async function leaveSocket(path: string): Promise<void> {
  const other = join(folder, 'other.sock');
  const server = createServer().listen(other);
  await once(server, 'listening');
  linkSync(other, path);
  server.close();
  await once(server, 'close');
}

test('the socket that a dead process left behind is taken, and no other file is left', async () => {
  const path = await stalePath();
  const a = await member({ listen: `unix://${path}` });
  const b = await member({ listen: `unix://${join(folder, 'b.sock')}`, peers: [`unix://${path}`] });
  await until('it is reached', () => b.reached.length === 1);
  expect(readdirSync(folder).sort()).toEqual(['b.sock', 'stale.sock']);
  await a.wire.close();
  await b.wire.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('so is one whose path is as long as may be, in a folder whose name leaves no room', async () => {
  const deep = join(folder, 'x'.repeat(pathBytesMax - folder.length - '//s'.length));
  mkdirSync(deep);
  await leaveSocket(join(deep, 's'));
  expect(join(deep, 's')).toHaveLength(pathBytesMax);
  await member({ listen: `unix://${join(deep, 's')}` });
  expect(readdirSync(deep)).toEqual(['s']);
});

test('of several that take over the socket of a dead one, one has it, and is reached', async () => {
  const path = await stalePath();
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () =>
      member({ listen: `unix://${path}` }).then(
        (taken) => taken,
        (error: { code: string }) => error.code,
      ),
    ),
  );
  const [owner, ...others] = outcomes.filter((outcome) => typeof outcome !== 'string');
  expect(others).toEqual([]);
  expect(outcomes.filter((outcome) => typeof outcome === 'string')).toEqual(
    Array(7).fill('DSM_ADDRESS_IN_USE'),
  );
  const asker = await member({ listen: await freeTcpAddress(), peers: [`unix://${path}`] });
  await until('it is reached', () => asker.reached.length === 1);
  asker.wire.send(1, Buffer.from('hello'));
  await until('it hears', () => owner?.frames.length === 1);
});

test('of two that take it over one a little later than the other, one has it, and is reached', async () => {
  for (let turns = 0; turns < 40; turns += 1) {
    const path = await stalePath(`stale-${turns}`);
    const late = async () => {
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return member({ listen: `unix://${path}` });
    };
    const ends = await Promise.allSettled([member({ listen: `unix://${path}` }), late()]);
    const won = ends.filter(({ status }) => status === 'fulfilled');
    expect(won, `${turns} turns later`).toHaveLength(1);
    await new Promise<void>((resolve, reject) => {
      const asker = connect(path, () => resolve(void asker.destroy()));
      asker.on('error', reject);
    });
  }
}, 20_000);

test('the socket of who listens is not touched, not even for a moment', async () => {
  const path = join(folder, 'a.sock');
  await member({ listen: `unix://${path}` });
  const before = lstatSync(path, { bigint: true }).ctimeNs;
  expect(await codeOf(member({ listen: `unix://${path}` }))).toBe('DSM_ADDRESS_IN_USE');
  expect(lstatSync(path, { bigint: true }).ctimeNs).toBe(before);
});

test('a file that is not a socket stays as it is', async () => {
  const path = join(folder, 'diary');
  writeFileSync(path, 'dear diary');
  expect(await codeOf(member({ listen: `unix://${path}` }))).toBe('DSM_ADDRESS_IN_USE');
  expect(readFileSync(path, 'utf8')).toBe('dear diary');
});

test('a path in a folder that is not there is refused', async () => {
  expect(await codeOf(member({ listen: `unix://${join(folder, 'none', 'a.sock')}` }))).toBe(
    'DSM_INVALID_OPTION',
  );
});

test('a path may be relative, and is free again after closing', async () => {
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const a = await member({ listen: 'unix://./a.sock' });
  expect(existsSync(join(folder, 'a.sock'))).toBe(true);
  await a.wire.close();
  expect(existsSync(join(folder, 'a.sock'))).toBe(false);
});

test.each(['unix://', `unix:///${'x'.repeat(103)}`, 'unix:///a\0b', 'ipc:///a', 'unix:a'])(
  'the malformed address %j is refused',
  async (address) => {
    expect(await codeOf(member({ listen: address }))).toBe('DSM_INVALID_OPTION');
    expect(await codeOf(member({ listen: await freeTcpAddress(), peers: [address] }))).toBe(
      'DSM_INVALID_OPTION',
    );
  },
);

test.each([
  ['tcp://127.0.0.1:7001', { host: '127.0.0.1', port: 7001 }, true],
  ['tcp://127.1.2.3:1', { host: '127.1.2.3', port: 1 }, true],
  ['tcp://LOCALHOST:65535', { host: 'LOCALHOST', port: 65_535 }, true],
  ['tcp://[0:0::1]:7001', { host: '0:0::1', port: 7001 }, true],
  ['tcp://[::2]:7001', { host: '::2', port: 7001 }, false],
  ['tcp://example.org:7001', { host: 'example.org', port: 7001 }, false],
  [`unix:///${'x'.repeat(102)}`, { path: `/${'x'.repeat(102)}` }, true],
])('%s is understood', (text, place, loopback) => {
  expect(parsePeer(text)).toEqual({ text, place, loopback });
});

test('one may listen everywhere, and only then is there no host', () => {
  expect(parseListen('tcp://*:7001')).toEqual({
    text: 'tcp://*:7001',
    place: { port: 7001 },
    loopback: false,
  });
});

test('keys are refused instead of left unused, on loopback too and even if one insists', async () => {
  const security = { secretKey: 'x'.repeat(40), members: { a: 'y'.repeat(40) } };
  for (const insecure of [false, true]) {
    const listen = await freeTcpAddress();
    const opening = member({ listen, security, insecure });
    await expect(opening).rejects.toThrow(/zeromq/);
    expect(await codeOf(opening)).toBe('DSM_INVALID_OPTION');
    // Nothing was opened.
    await (await member({ listen })).wire.close();
  }
});

test.each([
  { queueBytesMax: -1 },
  { framesPerTurn: 0 },
  { reconnectMs: 1.5 },
  { heartbeatMs: 2 ** 31 },
  { connectionsMax: Number.NaN },
  { noDelay: 1 },
])('the option %j is refused', (options) => {
  expect(() => tcp(options)).toThrow(expect.objectContaining({ code: 'DSM_INVALID_OPTION' }));
});

test('an undefined option is not given', () => {
  expect(tcp({ queueBytesMax: undefined }).name).toBe('tcp');
});
