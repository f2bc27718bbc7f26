import { describe, expect, test } from 'vitest';
import { inspection } from '../src/inspection.js';
import { acquireRequest } from '../src/request.js';
import { bytesOf, found, Group, type Invoked } from './fixtures/group.js';

// The home of every key is m0, and there is no backup. Member 2 is closed, unless said otherwise.

const grantOf = ({ result }: Invoked) => (result as { value: number }).value;
const accessOf = (group: Group) => group.at(0).home.records.get('x')?.grant?.holder;

/** A key of which a member is the home. */
function keyOf(group: Group, home: number): string {
  return ['x', 'y', 'z', 'u', 'v', 'w'].find((key) => group.at(0).homeOf(key) === home) as string;
}

/** What is on its way to member 2 is lost, and what others send it from now on. */
function close(group: Group): void {
  group.close(2);
  group.settle();
}

/** A group in which members 1 and 2 hold copies of 'a'. */
function withCopies(): Group {
  const group = new Group();
  group.write(0, 'a');
  group.settle();
  for (const reader of [1, 2]) group.read(reader);
  group.settle();
  return group;
}

describe('a member that is closed', () => {
  test('is asked to halt nothing', () => {
    const group = withCopies();
    close(group);
    const write = group.write(1, 'b');
    group.settle();
    expect(write.result?.kind).toBe('written');
    const to2 = group.sent.filter(({ to, message }) => to === 2 && 'key' in message);
    expect(to2.map(({ message }) => message.type)).toEqual(['announce', 'fetched']);
  });

  test('is not waited for where it was asked to halt', () => {
    const group = withCopies();
    const write = group.write(1, 'b');
    group.drain(1, 0);
    expect(write.result).toBe(undefined);
    close(group);
    expect(write.result?.kind).toBe('written');
  });

  test('gives back the write access that it has', () => {
    const group = withCopies();
    group.acquire(2);
    group.settle();
    const write = group.write(1, 'b');
    group.settle();
    expect([accessOf(group), write.result]).toEqual([2, undefined]);
    close(group);
    expect([accessOf(group), write.result?.kind]).toEqual([undefined, 'written']);
  });

  test('gives it back behind what it has written under it', () => {
    const group = withCopies();
    const access = group.acquire(2);
    group.settle();
    group.perform(2, { kind: 'put', key: 'x', grant: grantOf(access), value: bytesOf('own') });
    close(group);
    expect([accessOf(group), group.at(0).peek('x')?.value]).toEqual([undefined, bytesOf('own')]);
  });

  test('gives back once what it was giving back already', () => {
    const group = new Group({ replicas: 2 });
    const key = ['x', 'y', 'z', 'u', 'v', 'w'].find((one) => group.at(1).isBackup(one)) as string;
    const access = group.acquire(2, key);
    group.settle();
    group.perform(2, { kind: 'put', key, grant: grantOf(access), value: bytesOf('own') });
    group.perform(2, { kind: 'release', key, grant: grantOf(access) });
    group.drain(2, 0);
    // The release waits behind the change, of which the backup has not heard.
    expect(group.at(0).home.records.get(key)?.queue).toHaveLength(1);
    close(group);
    expect(group.at(0).home.records.get(key)?.grant).toBe(undefined);
    expect(group.at(1).peek(key)?.value).toEqual(bytesOf('own'));
  });

  test('is waited for where it is a backup, which has to hold the value', () => {
    const group = new Group({ replicas: 3 });
    const write = group.write(1, 'a');
    group.drain(1, 0);
    close(group);
    expect([write.result, group.at(0).home.records.get('x')?.round?.awaited]).toEqual([undefined, 0b100]);
  });

  test('gets no write access that is about to be given', () => {
    const group = withCopies();
    group.acquire(2);
    group.drain(2, 0);
    expect(group.at(0).home.records.get('x')?.round?.kind).toBe('acquire');
    const write = group.write(0, 'b');
    close(group);
    expect([accessOf(group), write.result?.kind]).toEqual([undefined, 'written']);
  });

  test('gets none that is on its way', () => {
    const group = withCopies();
    group.acquire(2);
    group.drain(2, 0);
    group.drain(0, 1);
    group.drain(1, 0);
    expect(accessOf(group)).toBe(2);
    close(group);
    expect(accessOf(group)).toBe(undefined);
  });

  test('loses its place among those who wait for write access, as one that was given up does', () => {
    const group = withCopies();
    const access = group.acquire(1);
    group.settle();
    const request = acquireRequest('x');
    group.perform(2, request);
    group.acquire(2);
    group.drain(2, 0);
    group.perform(2, { kind: 'forgo', key: 'x', acquire: request });
    close(group);
    group.perform(1, { kind: 'release', key: 'x', grant: grantOf(access) });
    group.settle();
    expect(accessOf(group)).toBe(undefined);
    const write = group.write(0, 'b');
    group.settle();
    expect(write.result?.kind).toBe('written');
  });

  test('is in no copy set any more, whatever it had asked for, and what it wrote stands', () => {
    const group = withCopies();
    const access = group.acquire(1);
    group.settle();
    group.write(2, 'b');
    group.read(2, 'y');
    close(group);
    group.perform(1, { kind: 'release', key: 'x', grant: grantOf(access) });
    group.settle();
    const { records } = group.at(0).home;
    expect([records.get('y'), records.get('x')?.copies, records.get('x')?.entry.value]).toEqual([
      undefined,
      0,
      bytesOf('b'),
    ]);
  });

  test('is heard of no more', () => {
    const group = withCopies();
    const access = group.acquire(1);
    group.settle();
    const request = acquireRequest('x');
    group.perform(2, request);
    group.close(2);
    group.perform(2, { kind: 'forgo', key: 'x', acquire: request });
    group.settle();
    expect(accessOf(group)).toBe(1);
    group.perform(1, { kind: 'release', key: 'x', grant: grantOf(access) });
    group.settle();
    expect(accessOf(group)).toBe(undefined);
  });
});

describe('a home that is closed', () => {
  const refused = (outcome: 'not-applied' | 'unknown') => ({
    kind: 'refused',
    code: 'DSM_UNAVAILABLE',
    text: "the member that is the home of 'x' was closed",
    outcome,
  });
  /** The home is closed before it hears what the others ask it. */
  function asked(): { readonly group: Group; readonly results: () => Invoked['result'][] } {
    const group = new Group();
    const all = [
      group.read(1),
      group.write(1, 'b'),
      group.read(1),
      group.acquire(1),
      group.swap(2, 'a', 'c'),
    ];
    group.close(0);
    return { group, results: () => all.map(({ result }) => result) };
  }

  test('is waited for by nobody: a read was not done, and of a change nobody knows', () => {
    const { group, results } = asked();
    expect(results()).toEqual([undefined, undefined, undefined, undefined, undefined]);
    group.settle();
    const [not, unknown] = [refused('not-applied'), refused('unknown')];
    expect(results()).toEqual([not, unknown, not, not, unknown]);
    expect([1, 2].map((at) => inspection.idle(group.at(at)))).toEqual([true, true]);
  });

  test('is asked no more: what needs it is refused at once', () => {
    const { group } = asked();
    group.settle();
    group.sent.length = 0;
    const later = [
      group.read(1),
      group.write(1, 'b'),
      group.swap(2, 'a', 'c'),
      group.perform(2, { kind: 'revoke', key: 'x' }),
      group.acquire(2),
    ];
    expect(later.map(({ result }) => result)).toEqual(later.map(() => refused('not-applied')));
    expect(group.sent).toEqual([]);
    expect([1, 2].map((at) => inspection.idle(group.at(at)))).toEqual([true, true]);
  });

  test('leaves copies, which are read, and write access, under which nothing is written', () => {
    const group = withCopies();
    const access = group.acquire(1, 'y');
    group.settle();
    const grant = grantOf(access);
    group.close(0);
    group.settle();
    expect([1, 2].map((at) => found(group.read(at)))).toEqual(['a', 'a']);
    expect(found(group.perform(1, { kind: 'look', key: 'y', grant }))).toBe(undefined);
    const put = group.perform(1, { kind: 'put', key: 'y', grant, value: bytesOf('b') });
    expect(put.result).toMatchObject({ code: 'DSM_UNAVAILABLE', outcome: 'not-applied' });
    // A write that is refused halts no copy.
    group.write(1, 'b');
    expect(found(group.read(1))).toBe('a');
  });

  test('leaves backups, which are read but where a change was being stored', () => {
    const group = new Group({ replicas: 3 });
    for (const key of ['x', 'y']) group.write(0, 'a', key);
    group.settle();
    group.write(0, 'b', 'x');
    group.deliver(0, 1);
    group.close(0);
    group.settle();
    expect(found(group.read(1, 'y'))).toBe('a');
    expect(group.read(1).result).toEqual(refused('not-applied'));
  });

  test('leaves who waited for write access nothing to withdraw', () => {
    const group = new Group();
    const request = acquireRequest('x');
    const access = group.perform(1, request);
    group.close(0);
    group.settle();
    expect(access.result?.kind).toBe('refused');
    group.sent.length = 0;
    group.perform(1, { kind: 'forgo', key: 'x', acquire: request });
    expect(group.sent).toEqual([]);
  });

  test('does not matter to what others are the home of', () => {
    const group = new Group({ directory: undefined });
    const [of1, of2] = [1, 2].map((home) => keyOf(group, home));
    const writes = [group.write(0, 'a', of1), group.write(0, 'a', of2)];
    group.close(2);
    group.settle();
    expect(writes.map(({ result }) => result?.kind)).toEqual(['written', 'refused']);
    const read = group.read(0, of1);
    expect(found(read)).toBe('a');
  });
});
