import { describe, expect, test } from 'vitest';
import { readHeader } from '../src/codec/frame.js';
import { DsmError } from '../src/error.js';
import type { Identity } from '../src/group/identity.js';
import { beatMs, Cluster, type Process, type ProcessOptions, suspectAfterMs } from './fixtures/cluster.js';
import { helloFrame, refusalFrame } from './fixtures/frames.js';

const names = ['a', 'b', 'c'];
/** Long enough for a death to be noticed and the next process of the name to be met or refused. */
const noticedMs = 3 * suspectAfterMs;

const incarnations = (process: Process) => process.view?.members.map(({ incarnation }) => incarnation);

function expectError(process: Process, code: DsmError['code'], ...texts: readonly string[]): void {
  expect(DsmError.is(process.error, code), `${process.name}: ${process.error}`).toBe(true);
  for (const text of texts) expect(process.error?.message).toContain(text);
}

/** Everybody hears what everybody says, and nobody failed. */
function expectWorking(cluster: Cluster, processes: readonly Process[]): void {
  const operations = processes.map((process) => process.say(`of ${process.name}`));
  cluster.run(noticedMs);
  for (const [at, process] of processes.entries()) {
    expect(process.error).toBe(undefined);
    expect(process.completed).toContain(operations[at]);
  }
}

describe('meeting', () => {
  test.each([1, 2, 3, 5, 31])('%d members that agree form a group', (size) => {
    const cluster = new Cluster(Array.from({ length: size }, (_, slot) => `m${slot + 10}`));
    const processes = cluster.form();
    for (const { view } of processes) expect(view).toEqual(processes[0]?.view);
    expect(incarnations(processes[0] as Process)).toEqual(processes.map(({ incarnation }) => incarnation));
    expectWorking(cluster, processes);
  });

  test('nobody enters while one is missing', () => {
    const cluster = new Cluster(names);
    const [a, b] = [cluster.start('a'), cluster.start('b')];
    cluster.run(60_000);
    expect([a.view, b.view]).toEqual([undefined, undefined]);
    const c = cluster.start('c');
    cluster.run(beatMs * 2);
    expectWorking(cluster, [a, b, c]);
  });

  test('hellos end when both know each other', () => {
    const cluster = new Cluster(['a', 'b']);
    const [a, b] = cluster.form() as [Process, Process];
    for (const process of [a, b]) process.sent.splice(0);
    cluster.run(60_000);
    for (const { sent } of [a, b])
      expect(new Set(sent.map(({ frame }) => readHeader(frame).kind))).toEqual(new Set(['bare']));
  });

  test('a hello of one that does not know us is answered with one, at once', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    a.sent.splice(0);
    cluster.inject(a, helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation: 5 }));
    expect(a.sent.map(({ frame }) => [readHeader(frame).kind, readHeader(frame).to])).toEqual([['hello', 5]]);
    cluster.inject(a, helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation: 5, to: a.incarnation }));
    expect(a.sent.length).toBe(1);
  });

  test('a hello is a sign of life', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const a = cluster.start('a');
    for (let left = 8; left > 0; left -= 1) {
      cluster.inject(a, helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation: 5 }));
      cluster.run(beatMs);
    }
    expect(a.node.inReach).toBe(2);
  });

  test('a hello that is repeated begins nothing anew', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    const hello = helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation: 5 });
    cluster.inject(a, hello);
    cluster.run(0);
    a.sent.splice(0);
    cluster.inject(a, hello);
    cluster.run(0);
    expect(a.sent.map(({ frame }) => readHeader(frame).kind)).toEqual(['hello']);
  });

  test('a hello that names nobody of ours is dropped', () => {
    const cluster = new Cluster(names);
    const a = cluster.start('a');
    const identity = identityIn(cluster, 'b');
    cluster.inject(a, helloFrame(identity, { from: 2, incarnation: 5 }));
    cluster.inject(a, helloFrame({ ...identity, name: 'z' }, { from: 1, incarnation: 5 }));
    cluster.inject(a, helloFrame({ ...identity, name: 'a' }, { from: 0, incarnation: 5 }));
    cluster.inject(a, helloFrame(identity, { from: 9, incarnation: 5 }));
    expect(a.dropped('unknown-member')).toBe(4);
    expect(a.node.others.map(({ link }) => link)).toEqual([undefined, undefined]);
  });

  test('a hello of no incarnation is malformed, and hinders nobody', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    cluster.inject(a, helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation: 0 }));
    expect(a.dropped('malformed')).toBe(1);
    const b = cluster.start('b');
    cluster.run(beatMs * 2);
    expectWorking(cluster, [a, b]);
  });

  test('another group at the address of a member is not heard', () => {
    const cluster = new Cluster(['a', 'b']);
    const [a, b] = [cluster.start('a'), cluster.start('b', { group: 'others' })];
    cluster.run(10_000);
    for (const process of [a, b]) {
      expect([process.error, process.view]).toEqual([undefined, undefined]);
      expect(process.dropped('other-group')).toBeGreaterThan(3);
    }
  });
});

describe('members that differ', () => {
  test.each<[string, ProcessOptions, string[]]>([
    [
      'in the protocol',
      { name: 'cockatoos' },
      ['the protocol differs', "'a'", 'parrots', "'b'", 'cockatoos'],
    ],
    [
      'in an option',
      { options: { deaf: true } },
      ['an option differs', "'a' has {}", `'b' has {"deaf":true}`],
    ],
    [
      'in their members',
      { members: ['a=a', 'b=x'] },
      ['the member list differs', '[a=a, b=b]', '[a=a, b=x]'],
    ],
    ['in their number', { members: ['a=a'] }, ['the member list differs', '[a=a, b=b]', '[a=a]']],
  ])('%s both fail, and say what each has', (_, options, texts) => {
    for (const late of [0, 5_000]) {
      const cluster = new Cluster(['a', 'b']);
      const a = cluster.start('a');
      cluster.run(late);
      const b = cluster.start('b', options);
      cluster.run(2 * beatMs);
      for (const process of [a, b]) expectError(process, 'DSM_PEER_MISMATCH', ...texts);
      expect([a.view, b.view]).toEqual([undefined, undefined]);
    }
  });

  test('fail at the first hello, whoever gets it', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    const identity = { ...identityIn(cluster, 'b'), protocol: 'cockatoos' };
    const [answer] = cluster.inject(a, helloFrame(identity, { from: 1, incarnation: 5 }));
    expect(readHeader(answer as Uint8Array)).toMatchObject({ kind: 'refuse', to: 5 });
    expectError(a, 'DSM_PEER_MISMATCH', 'cockatoos');
    cluster.inject(a, helloFrame(identity, { from: 1, incarnation: 5 }));
    expect([a.failures, a.dropped('mismatch')]).toEqual([1, 2]);
  });

  test('from a group that was formed are refused, and do not disturb it', () => {
    const cluster = new Cluster(names);
    const processes = cluster.form();
    const late = cluster.start('b', { listen: 'elsewhere', name: 'cockatoos' });
    cluster.run(beatMs);
    expectError(late, 'DSM_PEER_MISMATCH', 'parrots', 'cockatoos');
    expect(processes[0]?.dropped('mismatch')).toBeGreaterThan(0);
    expectWorking(cluster, processes);
  });

  test('in the wire version fail while they are joining', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    cluster.inject(a, otherVersion(cluster));
    expectError(a, 'DSM_PEER_MISMATCH', 'wire version', "'a' speaks 1", 'a peer 2');
    expect(a.dropped('other-version')).toBe(1);
  });

  test('in the wire version do not disturb a group that was formed', () => {
    const cluster = new Cluster(['a', 'b']);
    const [a, b] = cluster.form() as [Process, Process];
    cluster.inject(a, otherVersion(cluster));
    expect(a.dropped('other-version')).toBe(1);
    expectWorking(cluster, [a, b]);
  });

  test('tell others so after they failed themselves', () => {
    const cluster = new Cluster(names);
    const a = cluster.start('a');
    const b = cluster.start('b', { name: 'cockatoos' });
    cluster.run(beatMs);
    const c = cluster.start('c');
    cluster.run(beatMs);
    for (const process of [a, b, c]) expectError(process, 'DSM_PEER_MISMATCH', 'cockatoos');
  });

  function otherVersion(cluster: Cluster): Uint8Array {
    const frame = helloFrame(identityIn(cluster, 'b'), { from: 1 });
    frame[0] = 2;
    return frame;
  }
});

describe('two processes of one name', () => {
  test('while both live, the later one fails and the running one is not disturbed', () => {
    const cluster = new Cluster(names);
    const processes = cluster.form();
    for (const name of names) {
      const double = cluster.start(name, { listen: 'elsewhere' });
      cluster.run(noticedMs);
      expectError(double, 'DSM_DUPLICATE_MEMBER', `'${name}' is a running member already`);
    }
    expect(processes[0]?.dropped('duplicate-member')).toBeGreaterThan(0);
    expectWorking(cluster, processes);
  });

  test('while both live and the group is not formed, the later one fails too', () => {
    const cluster = new Cluster(names);
    const [a, b] = [cluster.start('a'), cluster.start('b')];
    cluster.run(beatMs);
    const double = cluster.start('b', { listen: 'elsewhere' });
    cluster.run(noticedMs);
    expectError(double, 'DSM_DUPLICATE_MEMBER', "'b'", "as seen by 'a'");
    const before = a.dropped('duplicate-member');
    const again = { from: 1, incarnation: double.incarnation };
    expect(cluster.inject(a, helloFrame(identityIn(cluster, 'b'), again)).length).toBe(1);
    expect(a.dropped('duplicate-member')).toBe(before + 1);
    const c = cluster.start('c');
    cluster.run(noticedMs);
    expectWorking(cluster, [a, b, c]);
  });

  test.each(names)('%s, killed and started again in a formed group, has lost its memory', (name) => {
    const cluster = new Cluster(names);
    const processes = cluster.form();
    processes.find((process) => process.name === name)?.kill();
    const next = cluster.start(name);
    cluster.run(noticedMs);
    expectError(next, 'DSM_REMOVED', `'${name}' was a member before and has lost its memory`);
    expect(next.view).toBe(undefined);
    const others = processes.filter((process) => process.name !== name);
    expect(others.map((process) => process.dropped('removed-member') > 0)).toContain(true);
    for (const { error } of others) expect(error).toBe(undefined);
  });

  test.each(names.slice(0, 2))(
    '%s, killed and started again before the group is formed, takes part',
    (name) => {
      const cluster = new Cluster(names);
      const first = ['a', 'b'].map((other) => cluster.start(other));
      cluster.run(beatMs);
      first.find((process) => process.name === name)?.kill();
      const next = cluster.start(name);
      cluster.run(noticedMs);
      const c = cluster.start('c');
      cluster.run(noticedMs);
      const running = [...first.filter(({ dead }) => !dead), next, c];
      for (const process of running) expect(incarnations(process)).toContain(next.incarnation);
      expectWorking(cluster, running);
    },
  );

  test('a member is not taken for dead before four beats, nor the next of its name met at its first hello', () => {
    const cluster = new Cluster(names);
    const a = cluster.start('a');
    const hello = (incarnation: number) =>
      cluster.inject(a, helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation }));
    const known = () => a.node.peers[1]?.link?.incarnation;
    hello(5);
    cluster.run(3 * beatMs);
    hello(6);
    cluster.run(beatMs - 1);
    hello(6);
    expect(known()).toBe(5);
    cluster.run(1);
    hello(7);
    expect(known()).toBe(5);
    expect(a.dropped('duplicate-member')).toBe(3);
    cluster.run(beatMs);
    a.sent.splice(0);
    hello(7);
    expect(known()).toBe(7);
    expect(a.sent.map(({ frame }) => readHeader(frame).to)).toContain(7);
  });

  test('one that was met, lost and met again goes on with its stream', () => {
    const cluster = new Cluster(names);
    const [a, b] = [cluster.start('a'), cluster.start('b')];
    cluster.run(beatMs);
    // b stops for a while, and another process of its name comes and goes. Nothing that a says meanwhile reaches b.
    b.paused = true;
    cluster.cuts.add('a>b');
    const double = cluster.start('b', { listen: 'elsewhere' });
    cluster.run(noticedMs);
    expect(a.node.peers[1]?.link?.incarnation).toBe(double.incarnation);
    double.kill();
    cluster.run(10);
    cluster.cuts.clear();
    cluster.time.wake(b);
    cluster.run(noticedMs);
    const c = cluster.start('c');
    cluster.run(noticedMs);
    expectWorking(cluster, [a, b, c]);
  });
});

describe('a refusal', () => {
  test('is believed only where it is addressed to this process, and only while it is joining', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    cluster.inject(a, refusalFrame(2, 'go', { from: 1, to: a.incarnation + 1 }));
    expect(a.error).toBe(undefined);
    const b = cluster.start('b');
    cluster.run(beatMs);
    cluster.inject(a, refusalFrame(2, 'go', { from: 1, to: a.incarnation }));
    expectWorking(cluster, [a, b]);
    expect([a.dropped('unknown-member'), a.dropped('mismatch')]).toEqual([1, 1]);
  });

  test.each([
    [0, 'DSM_PEER_MISMATCH'],
    [1, 'DSM_DUPLICATE_MEMBER'],
    [2, 'DSM_REMOVED'],
  ] as const)('with the number %d is %s', (number, code) => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    cluster.inject(a, refusalFrame(number, 'because of that', { from: 1, to: a.incarnation }));
    expectError(a, code, 'because of that');
  });

  test('of an unknown reason is malformed', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a');
    cluster.inject(a, refusalFrame(3, 'because of that', { from: 1, to: a.incarnation }));
    expect([a.error, a.dropped('malformed')]).toEqual([undefined, 1]);
  });

  test('of endless member lists fits into a frame', () => {
    const cluster = new Cluster(['a', 'b']);
    const a = cluster.start('a', {
      members: Array.from({ length: 31 }, (_, at) => `${at}=${'€'.repeat(1_000)}`),
    });
    const [answer] = cluster.inject(a, helloFrame(identityIn(cluster, 'b'), { from: 1, incarnation: 5 }));
    expect(answer?.length).toBeGreaterThan(20_000);
    expect(answer?.length).toBeLessThan(65_000);
  });
});

function identityIn(cluster: Cluster, name: string): Identity {
  const members = cluster.names.map((member) => `${member}=${member}`);
  return { group: 'tests', name, protocol: 'parrots', options: '{}', valueBytesMax: 1_000, members };
}
