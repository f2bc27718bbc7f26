import { DsmError, type Face } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { sharingOf } from '../src/access.js';
import type { Change } from '../src/messages.js';
import { type AcquireRequest, acquireRequest, type OwnRequest } from '../src/request.js';
import { bytesOf, found, Group, type Invoked } from './fixtures/group.js';

// The home of every key is m0, and there is no backup, unless said otherwise.

const grantOf = ({ result }: Invoked) => (result as { value: number } | undefined)?.value ?? 0;
const put = (group: Group, at: number, grant: number, text: string) =>
  group.perform(at, { kind: 'put', key: 'x', grant, value: bytesOf(text) });
const look = (group: Group, at: number, grant: number) =>
  group.perform(at, { kind: 'look', key: 'x', grant });
const release = (group: Group, at: number, grant: number) =>
  group.perform(at, { kind: 'release', key: 'x', grant });
const forgo = (group: Group, at: number, acquire: AcquireRequest) =>
  group.perform(at, { kind: 'forgo', key: acquire.key, acquire });
const has = (group: Group, at: number) =>
  (group.perform(at, { kind: 'check', key: 'x' }).result as { value: boolean }).value;

/** A group in which members 1 and 2 hold copies of 'a'. */
function withCopies(options: ConstructorParameters<typeof Group>[0] = {}): Group {
  const group = new Group(options);
  group.write(0, 'a');
  group.settle();
  for (const reader of [1, 2]) group.read(reader);
  group.settle();
  return group;
}

/** The same, where member 2 has write access. */
function withAccess(options: ConstructorParameters<typeof Group>[0] = {}): { group: Group; grant: number } {
  const group = withCopies(options);
  const access = group.acquire(2);
  group.settle();
  return { group, grant: grantOf(access) };
}

describe('write access', () => {
  test('is told to who asked through the request, too', () => {
    const group = new Group();
    const request = acquireRequest('x');
    const access = group.perform(1, request);
    group.settle();
    expect(request.grant).toBe(grantOf(access));
    expect(request.grant).toBeGreaterThan(0);
  });

  test('that nobody waits for any more has no place among those who wait', () => {
    const { group, grant } = withAccess();
    const request = acquireRequest('x');
    const access = group.perform(1, request);
    group.settle();
    forgo(group, 1, request);
    group.settle();
    expect([access.result?.kind, group.at(1).waits]).toEqual(['answered', false]);
    const write = group.write(0, 'b');
    release(group, 2, grant);
    expect([group.sent.some(({ message }) => message.type === 'granted' && message.grant !== grant)]).toEqual(
      [false],
    );
    group.settle();
    expect([write.result?.kind, group.at(0).home.records.get('x')?.grant]).toEqual(['written', undefined]);
  });

  test('that came between the end of the wait and the news of it is given back', () => {
    const group = withCopies();
    const request = acquireRequest('x');
    group.perform(1, request);
    group.settle();
    forgo(group, 1, request);
    group.settle();
    expect([has(group, 1), group.at(0).home.records.get('x')?.grant]).toEqual([false, undefined]);
  });

  test('that nobody waits for any more is given up, whatever became of it', async () => {
    const asked: OwnRequest[] = [];
    const face: Partial<Face> = {
      check: () => undefined,
      perform: async (_, request) => {
        asked.push(request as OwnRequest);
        (request as AcquireRequest).grant = 7;
        throw new DsmError('DSM_TIMEOUT', 'too late');
      },
      tell: (request) => asked.push(request as OwnRequest),
    };
    await expect(sharingOf(face as Face).acquireWrite('x')).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    expect(asked).toMatchObject([{ kind: 'acquire' }, { kind: 'forgo', key: 'x', acquire: { grant: 7 } }]);
    expect(asked[1]).toMatchObject({ acquire: asked[0] });
  });

  test('is given when every other copy is halted', () => {
    const group = withCopies({ size: 4, replicas: 2 });
    const access = group.acquire(3);
    group.drain(3, 0);
    group.drain(0, 1);
    group.drain(1, 0);
    group.settle([2]);
    expect([access.result, has(group, 3)]).toEqual([undefined, false]);
    group.settle();
    expect(has(group, 3)).toBe(true);
    expect([0, 1, 2].map((at) => group.at(at).peek('x'))).toEqual([undefined, undefined, undefined]);
    expect(group.at(3).peek('x')?.version).toBe(1);
  });

  test('lets what others write wait, in the order of arrival', () => {
    const { group, grant } = withAccess();
    const others = [group.write(1, 'b'), group.swap(0, 'b', 'c'), group.write(0, undefined)];
    group.settle();
    expect(others.map(({ result }) => result)).toEqual([undefined, undefined, undefined]);
    const own = put(group, 2, grant, 'mine');
    group.settle();
    expect(own.result).toMatchObject({ kind: 'answered' });
    expect(found(look(group, 2, grant))).toBe('mine');
    release(group, 2, grant);
    group.settle();
    expect(others.map(({ result }) => result?.kind)).toEqual(['written', 'swapped', 'written']);
  });

  test('of one member leaves the others their places, whatever stands between them', () => {
    const { group, grant } = withAccess({ size: 4 });
    const requests = [group.write(1, 'b'), group.read(3), group.acquire(1)];
    group.settle();
    const own = [put(group, 2, grant, 'one'), group.swap(2, 'one', 'two'), put(group, 2, grant, 'three')];
    requests.push(group.swap(3, 'b', 'c'));
    group.settle();
    expect(own.map(({ result }) => result?.kind)).toEqual(['answered', 'swapped', 'answered']);
    expect(requests.map(({ result }) => result)).toEqual([undefined, undefined, undefined, undefined]);
    release(group, 2, grant);
    group.settle();
    expect([requests[0]?.result?.kind, has(group, 1)]).toEqual(['written', true]);
    release(group, 1, grantOf(requests[2] as Invoked));
    group.settle();
    expect(found(requests[1] as Invoked)).toBe('b');
    expect(requests[3]?.result).toMatchObject({ kind: 'swapped', ok: true });
  });

  test('lets what others read wait, by default, at the home and at backups too', () => {
    const { group, grant } = withAccess({ replicas: 2 });
    const reads = [group.read(0), group.read(1)];
    put(group, 2, grant, 'mine');
    group.settle();
    expect(reads.map(found)).toEqual(['waits', 'waits']);
    expect(found(group.read(2))).toBe('mine');
    release(group, 2, grant);
    group.settle();
    expect(reads.map(found)).toEqual(['mine', 'mine']);
    expect(found(group.read(0))).toBe('mine');
  });

  test('lets the home serve what others read, where that is chosen', () => {
    const { group, grant } = withAccess({ whileHeld: 'serve' });
    const before = [group.read(0), group.read(1)];
    group.settle();
    expect(before.map(found)).toEqual(['a', 'a']);
    expect(group.at(1).peek('x')).toBe(undefined);
    put(group, 2, grant, 'mine');
    group.settle();
    const after = [group.read(0), group.read(1)];
    group.settle();
    expect(after.map(found)).toEqual(['mine', 'mine']);
  });

  test('what is served answers the read that had begun; a later one asks again', () => {
    const { group, grant } = withAccess({ whileHeld: 'serve' });
    const early = group.read(1);
    group.deliver(1, 0);
    put(group, 2, grant, 'mine');
    group.drain(2, 0);
    const late = group.read(1);
    group.settle();
    expect([found(early), found(late)]).toEqual(['a', 'mine']);
  });

  test('what is served answers all reads that had begun when it was asked for, however many', () => {
    const { group } = withAccess({ whileHeld: 'serve' });
    group.sent.length = 0;
    const reads = Array.from({ length: 100 }, () => group.read(1));
    group.settle();
    expect(reads.every((read) => found(read) === 'a')).toBe(true);
    // The first is on its way when the others begin.
    expect(group.sent.map(({ message }) => message.type)).toEqual(['fetch', 'fetched', 'fetch', 'fetched']);
  });

  test('reads that begin more often than an answer comes are no more behind for it', () => {
    const { group } = withAccess({ whileHeld: 'serve' });
    const reads = Array.from({ length: 300 }, () => {
      const three = [group.read(1), group.read(1), group.read(1)];
      group.drain(1, 0);
      group.deliver(0, 1);
      return three;
    });
    expect(reads.flat().filter((read) => found(read) === 'waits')).toHaveLength(3);
  });

  test('is for one member at a time; who asks next has it next', () => {
    const { group, grant } = withAccess();
    const [next, last] = [group.acquire(1), group.acquire(2)];
    const write = group.write(0, 'b');
    group.settle();
    expect([next.result, last.result]).toEqual([undefined, undefined]);
    release(group, 2, grant);
    group.settle();
    expect([has(group, 1), has(group, 2)]).toEqual([true, false]);
    release(group, 1, grantOf(next));
    group.settle();
    expect([has(group, 1), has(group, 2)]).toEqual([false, true]);
    release(group, 2, grantOf(last));
    group.settle();
    expect(write.result?.kind).toBe('written');
  });

  test('also covers what its member writes without it, and what that asked for before', () => {
    const group = withCopies();
    const access = group.acquire(2);
    const early = group.write(1, 'b');
    const own = group.write(2, 'c');
    group.drain(2, 0);
    group.settle();
    expect([has(group, 2), own.result?.kind, early.result]).toEqual([true, 'written', undefined]);
    release(group, 2, grantOf(access));
    group.settle();
    expect(early.result?.kind).toBe('written');
    expect(found(group.read(0))).toBe('b');
  });

  test('leaves its member a copy, which is halted before another one writes', () => {
    const { group, grant } = withAccess();
    release(group, 2, grant);
    group.settle();
    expect(found(group.read(2))).toBe('a');
    group.write(1, 'b');
    group.settle();
    const read = group.read(2);
    group.settle();
    expect(found(read)).toBe('b');
  });

  test('that nobody waits for any more is taken back when it was given', () => {
    const group = withCopies();
    const request = acquireRequest('x');
    const access = group.perform(2, request);
    group.drain(2, 0);
    forgo(group, 2, request);
    group.settle();
    expect([access.result, has(group, 2), request.grant]).toEqual([
      { kind: 'answered', value: undefined },
      false,
      undefined,
    ]);
    const write = group.write(0, 'b');
    group.settle();
    expect(write.result?.kind).toBe('written');
  });

  test('that was given back does nothing any more', () => {
    const { group, grant } = withAccess();
    release(group, 2, grant);
    group.settle();
    const refused = { kind: 'refused', code: 'DSM_CLOSED' };
    expect(put(group, 2, grant, 'late').result).toMatchObject(refused);
    expect(look(group, 2, grant).result).toMatchObject(refused);
    expect(release(group, 2, grant).result).toMatchObject({ kind: 'answered' });
    expect(found(group.read(0))).toBe('a');
  });

  test('what is asked for under an access that has ended is refused by the home, too', () => {
    const { group, grant } = withAccess();
    const late = put(group, 2, grant, 'late');
    const [change] = (group.links.get('2 0') ?? []) as [Change];
    group.links.delete('2 0');
    release(group, 2, grant);
    group.links.set('2 0', [...(group.links.get('2 0') ?? []), change]);
    group.settle();
    expect(late.result).toMatchObject({ kind: 'refused', code: 'DSM_CLOSED' });
    expect(found(group.read(0))).toBe('a');
  });
});

describe('who shares a variable owns it', () => {
  const share = (group: Group, at: number, text: string) =>
    group.perform(at, { kind: 'share', key: 'x', value: bytesOf(text) });
  const revoke = (group: Group, at: number) => group.perform(at, { kind: 'revoke', key: 'x' });
  const refused = { kind: 'refused', code: 'DSM_UNSUPPORTED' };

  test('and may share it again, and revoke it; others may not', () => {
    const group = new Group({ replicas: 2 });
    const results = [share(group, 1, 'a')];
    group.settle();
    results.push(share(group, 2, 'b'), revoke(group, 0), share(group, 1, 'c'));
    group.settle();
    expect(results.map(({ result }) => result)).toMatchObject([
      { kind: 'answered', value: 1 },
      refused,
      refused,
      { kind: 'answered' },
    ]);
    expect(found(group.read(0))).toBe('c');
    const gone = revoke(group, 1);
    group.settle();
    expect(gone.result?.kind).toBe('answered');
    expect(found(group.read(0))).toBe(undefined);
    expect(group.replicas.flatMap(({ owners }) => [...owners])).toEqual([]);
  });

  test('all may write it, and delete its value', () => {
    const group = new Group();
    share(group, 1, 'a');
    group.settle();
    group.write(2, 'b');
    group.settle();
    expect(found(group.read(0))).toBe('b');
    group.write(2, undefined);
    group.settle();
    const other = share(group, 2, 'c');
    group.settle();
    expect(other.result).toMatchObject(refused);
  });

  test('what nobody shared anybody may revoke', () => {
    const group = new Group();
    group.write(1, 'a');
    group.settle();
    const gone = revoke(group, 2);
    group.settle();
    expect(gone.result?.kind).toBe('answered');
    expect(found(group.read(0))).toBe(undefined);
  });

  test('two that share at once: the first that arrives is the owner', () => {
    const group = new Group();
    const [early, late] = [share(group, 1, 'a'), share(group, 2, 'b')];
    group.drain(2, 0);
    group.settle();
    expect([early.result, late.result]).toMatchObject([refused, { kind: 'answered' }]);
    expect(found(group.read(0))).toBe('b');
  });
});
