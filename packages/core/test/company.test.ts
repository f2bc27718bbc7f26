import { describe, expect, test, vi } from 'vitest';
import type { Header } from '../src/codec/frame.js';
import { Group } from '../src/group/group.js';
import type { Identity } from '../src/group/identity.js';
import { Circle } from '../src/node/circle.js';
import { Company, type CompanyHost } from '../src/node/company.js';
import { Counters } from '../src/node/counters.js';
import { Entrance } from '../src/node/entrance.js';
import type { Greeter } from '../src/node/greeter.js';
import type { Peer, Streams } from '../src/node/peer.js';
import type { View } from '../src/protocol.js';

const names = ['a', 'b', 'c'];
const birth = 7;
const members = names.map((name, slot) => ({ name, slot, incarnation: slot + 1, since: 1 }));
const formed: View = { epoch: 1, birth, members };
const limits = { bytesInFlightMax: 1_000, earlyMax: 8 };

/** Member a of a group that was formed by a, b and c. */
function stage(host: Partial<CompanyHost> = {}) {
  const streams: Streams = new Map();
  const circle = new Circle(0, names, { batch: true, streams, carry: () => undefined });
  const group = new Group(0, names, 1, birth);
  const listed = names.map((name) => `${name}=memory:${name}`);
  const identity: Identity = {
    group: 'g',
    name: 'a',
    protocol: 'p',
    options: '{}',
    valueBytesMax: 1_000,
    members: listed,
  };
  const wire = { send: () => undefined, dial: vi.fn(), close: async () => undefined };
  const all: CompanyHost = {
    changed: () => undefined,
    run: (act) => act(),
    expelled: vi.fn(),
    mayLeave: () => true,
    ...host,
  };
  const parts = { identity, incarnation: 1, limits, circle, group, contacts: [], dispatch: { wire } };
  const company = new Company(parts, all);
  group.adopt(formed);
  for (const { slot, incarnation } of members) circle.peers[slot]?.settle(incarnation, limits);
  company.formed(formed);
  const ask = (name: string, incarnation: number, from = 0, gone?: Peer) => {
    const header: Partial<Header> = { from: 0, incarnation, birth: from };
    const theirs = { ...identity, name, members: [], address: `memory:${name}` };
    return company.admit(header as Header, theirs, gone);
  };
  const [b, c] = circle.others as [Peer, Peer];
  return {
    company,
    circle,
    streams,
    ask,
    b,
    c,
    host: all,
    names: () => company.view?.members.map(({ name }) => name).join(''),
  };
}

describe('who asks to be taken in', () => {
  test('is', () => {
    const { ask, names } = stage();
    expect(ask('d', 10)).toMatchObject({ name: 'd' });
    expect(names()).toBe('abcd');
  });

  test('is not once it has gone, and is told so', () => {
    const { company, ask, names } = stage();
    ask('d', 10);
    company.remove('d');
    expect(ask('d', 10)).toBe('DSM_REMOVED');
    expect(names()).toBe('abc');
    expect(ask('d', 11)).toMatchObject({ name: 'd' });
  });

  test('is not once it has gone, and nobody goes for it', () => {
    const { company, ask, names, b } = stage();
    company.receive({ type: 'roster', formed, members: [], departed: [20] });
    // An old process of b speaks, late, while b is silent.
    expect(ask('b', 20, 0, b)).toBe('DSM_REMOVED');
    expect([names(), b.departed]).toEqual(['abc', false]);
    expect(ask('b', 21, 0, b)).toMatchObject({ name: 'b' });
    expect(b.departed).toBe(true);
  });

  test('is not from another group of that name, which was formed at another time', () => {
    const { ask, names } = stage();
    expect(ask('d', 10, birth + 1)).toBe(undefined);
    expect(names()).toBe('abc');
    // A member that was taken in elsewhere says so.
    expect(ask('d', 10, birth)).toMatchObject({ name: 'd' });
  });

  test('is not under the name of the one that it asks', () => {
    expect(stage().ask('a', 10)).toBe('DSM_DUPLICATE_MEMBER');
  });
});

describe('of two of one name', () => {
  const told = (company: Company, incarnation: number) => {
    const d = { name: 'd', incarnation, address: 'memory:other' };
    company.receive({ type: 'roster', formed, members: [d], departed: [] });
  };

  test.each([
    [10, 11],
    [11, 10],
  ])('everybody keeps the same one, whichever it heard of first: %i, then %i', (one, other) => {
    const { company, ask, names } = stage();
    ask('d', one);
    told(company, other);
    expect(names()).toBe('abcd');
    expect(company.view?.members.at(-1)?.incarnation).toBe(11);
    expect(company.roster.departed).toEqual([10]);
  });

  test('the one that is not kept ends', () => {
    const { company, host } = stage();
    const again = { name: 'a', incarnation: 2 ** 40, address: 'memory:other' };
    company.receive({ type: 'roster', formed, members: [again], departed: [] });
    expect(host.expelled).toHaveBeenCalledOnce();
  });
});

describe('of who has gone', () => {
  test('nothing is left once it has been silent', () => {
    const { company, circle, streams } = stage();
    company.remove('c');
    expect([circle.all.map(({ name }) => name), streams.has(3)]).toEqual([['b', 'c'], true]);
    for (let beats = 0; beats < 4; beats += 1) company.beat();
    expect([circle.all.map(({ name }) => name), streams.has(3)]).toEqual([['b'], false]);
  });

  test('a frame that comes later is answered with that', () => {
    const { company, circle } = stage();
    company.remove('c');
    for (let beats = 0; beats < 4; beats += 1) company.beat();
    const greeter = { expel: vi.fn() };
    const entrance = new Entrance(
      { incarnation: 1, epoch: 1, birth },
      { circle, company, counters: new Counters(), greeter: greeter as unknown as Greeter },
    );
    const pass = (incarnation: number) =>
      entrance.pass({ from: 2, incarnation, to: 1, birth } as Header, () => undefined, undefined);
    expect([pass(3), pass(99)]).toEqual([undefined, undefined]);
    expect(greeter.expel.mock.calls.map(([{ incarnation }]) => incarnation)).toEqual([3]);
    expect(pass(2)).toBe(circle.others[0]);
  });
});

describe('who is taken in', () => {
  /** A process that was not there when the group was formed. */
  function newcomer(contacts: readonly string[]) {
    const self = contacts.length > 0 ? ['d'] : names;
    const circle = new Circle(0, self, { batch: true, streams: new Map(), carry: () => undefined });
    const listed = contacts.length > 0 ? [] : names.map((name) => `${name}=memory:${name}`);
    const name = self[0] as string;
    const identity: Identity = {
      group: 'g',
      name,
      protocol: 'p',
      options: '{}',
      valueBytesMax: 1_000,
      members: listed,
    };
    const wire = { send: vi.fn(), dial: vi.fn(), hangUp: vi.fn(), close: async () => undefined };
    const group = new Group(0, self, 50, 8);
    const parts = { identity, incarnation: 50, limits, circle, group, contacts, dispatch: { wire } };
    const changed = vi.fn();
    const nothing = () => undefined;
    const host = { changed, run: (act: () => void) => act(), expelled: nothing, mayLeave: () => true };
    return { company: new Company(parts, host), circle, wire, changed };
  }
  const at = (name: string, incarnation: number) => ({ name, incarnation, address: `memory:${name}` });

  test('needs its contacts no longer', () => {
    const { company, wire } = newcomer(['memory:b', 'memory:c']);
    company.receive({ type: 'roster', formed, members: [at('d', 50), at('b', 2)], departed: [1, 3] });
    expect(wire.hangUp.mock.calls).toEqual([[31], [32]]);
    expect(wire.dial.mock.calls.map(([, { name }]) => name)).toEqual(['b']);
  });

  test('knows nobody more of its list who is no member', () => {
    const { company, circle, changed } = newcomer([]);
    company.receive({ type: 'roster', formed, members: [at('a', 50), at('b', 2)], departed: [1, 3] });
    expect(circle.all.map(({ name }) => name)).toEqual(['b']);
    expect(changed).toHaveBeenCalledOnce();
  });

  test('hears nothing of rosters that it is not in', () => {
    const { company, changed } = newcomer(['memory:b']);
    company.receive({ type: 'roster', formed, members: [at('b', 2)], departed: [1, 3] });
    expect([changed.mock.calls, company.view]).toEqual([[], undefined]);
  });
});

describe('who leaves', () => {
  test('has gone when all in reach have been told, and not before', () => {
    const { company, b, c } = stage();
    const left = vi.fn();
    company.leave(left);
    expect(company.goes).toBe(true);
    b.outbox.take();
    company.stir();
    expect(left).not.toHaveBeenCalled();
    c.outbox.take();
    company.stir();
    expect(left).toHaveBeenCalledOnce();
  });

  test('waits for nobody who is suspected, but goes from nobody who is told', () => {
    const { company, b, c } = stage();
    const left = vi.fn();
    company.leave(left);
    for (let beats = 0; beats < 4; beats += 1) for (const peer of [b, c]) peer.beat();
    company.stir();
    expect(left).not.toHaveBeenCalled();
    b.outbox.take();
    company.stir();
    expect(left).toHaveBeenCalledOnce();
  });

  test('says nothing of it while it holds what nobody else holds', () => {
    let may = false;
    const { company } = stage({ mayLeave: () => may });
    company.leave(() => undefined);
    expect([company.goes, company.roster.departed]).toEqual([false, []]);
    may = true;
    company.stir();
    expect([company.goes, company.roster.departed]).toEqual([true, [1]]);
  });
});
