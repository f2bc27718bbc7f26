import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsFrom, WrongUsage } from '../src/options.js';
import { protocols } from '../src/systems.js';
import { TraceError } from '../src/workload/trace.js';

const fixture = fileURLToPath(new URL('fixtures/systems.mjs', import.meta.url));
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsm-options-'));
  writeFileSync(join(directory, 'trace.csv'), 'version,time,op,size,lbn\n1,1,2a,512,7\n1,1,28,1512,7\n');
  writeFileSync(join(directory, 'bad.csv'), 'version,time,op,size,lbn\n1,1,xx,512,7\n');
  writeFileSync(join(directory, 'empty.mjs'), 'export const nothing = 1;\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

function settings(...programArguments: string[]) {
  return settingsFrom(programArguments, { INIT_CWD: directory });
}

describe('settingsFrom', () => {
  it('has defaults for everything', async () => {
    expect(await settings()).toEqual({
      systems: ['attiya-register'],
      transports: ['zeromq'],
      workload: { name: 'ycsb-b', size: {} },
      members: 3,
      clients: 64,
      spread: 'poisson',
      seconds: 5,
      warmSeconds: 1,
      rounds: 1,
      seed: 1,
      verify: true,
      floor: true,
      command: 'npm run bench',
    });
  });

  it('takes every option', async () => {
    const given = '--protocols all --workload twitter-52 --members 5 --clients 7 --transport tcp';
    const more =
      '--seconds 0.5 --warm-up 0 --keys 10 --value-bytes 64 --rounds 3 --seed 9 --no-verify --peers redis,single';
    const grown = '--weigh 500 --scale members=1..3,9 --scale value-bytes=10';
    const files = ['--json', 'a.json', '--report', '/b.html'];
    expect(await settings(...`${given} ${more} ${grown}`.split(' '), ...files)).toEqual({
      systems: [
        ...Object.keys(protocols),
        'redis (node-redis)',
        'redis (ioredis)',
        'redis (@dsm/redis)',
        'single',
      ],
      transports: ['tcp'],
      workload: { name: 'twitter-52', size: { keys: 10, valueBytes: 64 } },
      members: 5,
      clients: 7,
      spread: 'poisson',
      seconds: 0.5,
      warmSeconds: 0,
      rounds: 3,
      seed: 9,
      verify: false,
      floor: true,
      curve: 4,
      scales: [
        { of: 'members', at: [1, 2, 3, 9] },
        { of: 'value-bytes', at: [10] },
      ],
      entries: 500,
      command: `npm run bench -- ${given} ${more} ${grown} ${files.join(' ')}`,
      json: join(directory, 'a.json'),
      report: resolve('/b.html'),
    });
  });

  it('takes a rate, and how arrivals are spread', async () => {
    const open = await settings(...'--rate 1500.5 --arrivals fixed'.split(' '));
    expect(open).toMatchObject({ rate: 1500.5, spread: 'fixed' });
  });

  it('is more thorough where there is to be a report, in less time for each, unless it is told otherwise', async () => {
    const usual = { seconds: 1.5, rounds: 3, curve: 4, entries: 16_000 };
    expect(await settings('--report', 'a.html')).toMatchObject(usual);
    const told = '--report a.html --seconds 9 --rounds 1 --curve 7 --weigh 2'.split(' ');
    expect(await settings(...told)).toMatchObject({ seconds: 9, rounds: 1, curve: 7, entries: 2 });
    const open = await settings('--report', 'a.html', '--rate', '5', '--value-bytes', '16000000');
    expect(open).toMatchObject({ rounds: 3, curve: undefined, entries: 1_000 });
    const trace = await settings('--report', 'a.html', '--workload', 'trace:trace.csv');
    expect(trace).toMatchObject({ rounds: 1, curve: undefined, entries: undefined });
  });

  it('looks for files where the user stands, and else in the working directory', async () => {
    const trace = { file: join(directory, 'trace.csv'), operations: 2, meanBytes: 1_012 };
    expect(await settings('--workload', 'trace:trace.csv')).toMatchObject({
      workload: { name: 'trace:trace.csv', trace },
    });
    expect(await settingsFrom(['--json', 'x'], {})).toMatchObject({ json: resolve('x') });
  });

  it('measures what a module exports', async () => {
    expect(await settings('--systems', fixture, '--protocols', 'lonely,attiya-register')).toMatchObject({
      systems: ['lonely', 'attiya-register'],
      module: fixture,
    });
    expect(await settings('--systems', fixture)).toMatchObject({
      systems: expect.arrayContaining(['mangling']),
    });
  });

  it('measures once what is named twice', async () => {
    const twice = ['--protocols', 'causal,causal', '--peers', 'single,redis,single'];
    const redis = ['redis (node-redis)', 'redis (ioredis)', 'redis (@dsm/redis)'];
    expect(await settings(...twice)).toMatchObject({ systems: ['causal', 'single', ...redis] });
  });

  it('takes both transports', async () => {
    expect(await settings('--transport', 'both')).toMatchObject({ transports: ['zeromq', 'tcp'] });
  });

  it('gives help', async () => expect(await settings('--help')).toBe('help'));

  const wrong: Record<string, [programArguments: string, message: RegExp]> = {
    'an unknown option': ['--sockets 3', /Unknown option '--sockets'/],
    'an argument without a name': ['ycsb-a', /Unexpected argument 'ycsb-a'/],
    'an option without its value': ['--members', /argument missing/],
    'an unknown protocol': ['--protocols paxos', /--protocols: "paxos" is none of attiya-register/],
    'an empty protocol': ['--protocols attiya-register,', /--protocols: "" is none of/],
    'an unknown transport': ['--transport udp', /--transport must be zeromq, tcp or both, not "udp"/],
    'an unknown workload': ['--workload ycsb-e', /--workload: "ycsb-e" is none of ycsb-a, /],
    'a cluster that is not there': ['--workload twitter-5', /--workload: "twitter-5" is none of/],
    'a trace that is not there': ['--workload trace:none.csv', /--workload: there is no file .*none\.csv/],
    'a trace with a rate': ['--workload trace:trace.csv --rate 5', /--rate does not go with a trace/],
    'a trace with keys': ['--workload trace:trace.csv --keys 5', /--keys does not go with a trace/],
    'a trace with a size': [
      '--workload trace:trace.csv --value-bytes 5',
      /--value-bytes does not go with a trace/,
    ],
    'a trace with a curve': ['--workload trace:trace.csv --curve 5', /--curve does not go with a trace/],
    'a trace that scales': ['--workload trace:trace.csv --scale keys=5', /--scale does not go with a trace/],
    'a curve at one rate': ['--curve 5 --rate 5', /--curve does not go with --rate/],
    'growth at one rate': ['--scale clients=1,8 --rate 5', /--scale does not go with --rate/],
    'a curve of one point': ['--curve 1', /--curve must be a whole number from 2 to 50, not "1"/],
    'a weighing of nothing': ['--weigh 0', /--weigh must be a whole number/],
    'what cannot grow': ['--scale seconds=5', /--scale: "seconds=5" does not begin with one of members=, cl/],
    'growth without values': ['--scale keys', /--scale: "keys" has no values, such as keys=1\.\.9/],
    'no members': ['--members 0', /--members must be a whole number from 1 to 31, not "0"/],
    'too many members': ['--members 32', /--members must be/],
    'a number that is none': ['--clients 6x', /--clients must be a whole number from 1 to 100000, not "6x"/],
    'a negative number': ['--seconds=-1', /--seconds must be a number from 0.01 to 86400, not "-1"/],
    'a fraction of a key': ['--keys 1.5', /--keys must be a whole number/],
    'values of nothing': ['--value-bytes 0', /--value-bytes must be/],
    'values beyond the limit': ['--value-bytes 16000001', /--value-bytes must be/],
    'a rate of nothing': ['--rate 0', /--rate must be/],
    'other arrivals': ['--rate 5 --arrivals bursts', /--arrivals must be poisson or fixed, not "bursts"/],
    'arrivals in a closed loop': ['--arrivals fixed', /--arrivals needs --rate/],
    'no rounds': ['--rounds 0', /--rounds must be/],
    'a seed that is none': ['--seed x', /--seed must be/],
    'a warm-up that is none': ['--warm-up x', /--warm-up must be/],
    'an unknown peer': ['--peers memcached', /--peers: "memcached" is none of redis, etcd, nats, single/],
    'the name of a method as a peer': ['--peers toString', /--peers: "toString" is none of redis/],
    'systems that are not there': ['--systems none.mjs', /--systems: there is no file/],
    'a module without systems': ['--systems empty.mjs', /--systems: .* does not export `systems`/],
  };
  for (const [name, [programArguments, message]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      const error = await settings(...programArguments.split(' ')).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(WrongUsage);
      expect((error as Error).message).toMatch(message);
    });
  }

  it('refuses a trace with a bad line', async () => {
    await expect(settings('--workload', 'trace:bad.csv')).rejects.toThrow(TraceError);
  });
});
