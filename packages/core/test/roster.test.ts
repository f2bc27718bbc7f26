import { afterEach, describe, expect, test } from 'vitest';
import { Reader } from '../src/codec/reader.js';
import { Writer } from '../src/codec/writer.js';
import { readGroupMessage, writeGroupMessage } from '../src/group/messages.js';
import { Roster } from '../src/group/roster.js';
import { membersMax } from '../src/members.js';
import { joinVia } from '../src/memory/join.js';
import type { Guarantees, Host, Member, Protocol, Replica, View } from '../src/protocol.js';
import { memoryNetwork } from '../src/transport/memory.js';
import type { Transport, TransportEvents } from '../src/transport/transport.js';

const member = (name: string, incarnation: number) => ({ name, incarnation, address: `memory:${name}` });

describe('a roster', () => {
  test('comes to the same in whatever order it hears who has come and gone', () => {
    const [one, other] = [new Roster(), new Roster()];
    expect([one.enrol(member('a', 1)), one.enrol(member('a', 1)), one.depart(1)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([other.depart(1), other.depart(1), other.enrol(member('a', 1))]).toEqual([true, false, false]);
    for (const roster of [one, other]) {
      expect([roster.members, roster.departed, roster.has(1), roster.hasLeft(1)]).toEqual([
        [],
        [1],
        false,
        true,
      ]);
      expect(roster.enrol(member('a', 2))).toBe(true);
    }
  });

  test('comes out of a message as it went in', () => {
    const formed: View = { epoch: 1, birth: 7, members: [{ name: 'a', slot: 0, incarnation: 1, since: 1 }] };
    const members = [member('a', 1), member('ä', 2 ** 53 - 1)];
    const message = { type: 'roster', formed, members, departed: [3, 4] } as const;
    const writer = new Writer();
    writeGroupMessage(message, writer);
    const reader = new Reader(writer.take());
    expect(readGroupMessage(reader)).toEqual(message);
    expect(reader.finished).toBe(true);
  });
});

type Word = { readonly text: string };

/** Remembers who is a member. Ready at once; it may leave when a test says so. */
class Guest implements Replica<Word> {
  members: readonly Member[] = [];
  departed: readonly number[] = [];
  readonly heard: string[] = [];
  ready = false;
  mayLeave = true;
  readonly self: number;
  /** Whether it is given what the others hold as soon as it is a member. */
  private readonly given: boolean;

  constructor(self: number, given: boolean) {
    this.self = self;
    this.given = given;
  }

  read(): void {}

  write(operation: number, key: string, _: unknown, host: Host<Word>): void {
    host.broadcast({ text: key });
    host.complete(operation, { kind: 'written', version: 1 });
  }

  receive(_: number, { text }: Word): void {
    this.heard.push(text);
  }

  keys(): Iterable<string> {
    return [];
  }

  seal(): undefined {}

  enter({ members }: View): void {
    this.members = members;
    this.ready = true;
  }

  roster(members: readonly Member[], _formed: View, _host: Host<Word>, departed: readonly number[]): void {
    this.members = members;
    this.departed = departed;
    this.ready ||= this.given;
  }

  leave(): boolean {
    return this.mayLeave;
  }

  get names(): string {
    return this.members
      .map(({ name }) => name)
      .sort()
      .join('');
  }
}

/** Also what could go back on the connection that frames came on is sent. */
function throughSend(events: TransportEvents): TransportEvents {
  return {
    ...events,
    frame: (frame, answer, from) =>
      events.frame(frame, (back, lost) => (lost === undefined ? answer(back) : lost()), from),
  };
}

/** A network in which nothing passes between some addresses and the others. */
function parted(network: Transport, beyond: ReadonlySet<string>): Transport {
  return {
    name: network.name,
    open: async (options) => {
      const wire = await network.open({ ...options, events: throughSend(options.events) });
      const addresses = new Map([...options.peers].map(([to, { address }]) => [to, address]));
      return {
        ...wire,
        send: (to, frame) => {
          const apart = beyond.has(options.listen) !== beyond.has(addresses.get(to) ?? '');
          if (!apart) wire.send(to, frame);
        },
        dial: (to, peer) => {
          addresses.set(to, peer.address);
          wire.dial?.(to, peer);
        },
      };
    },
  };
}

/** A group of guests, each with its replica. */
class House {
  readonly guests: Guest[] = [];
  /** Addresses that are cut off from all others. */
  readonly beyond = new Set<string>();
  private readonly network = parted(memoryNetwork(), this.beyond);
  private readonly open: { close(options?: object): Promise<void> }[] = [];

  async join(
    id: string,
    options: {
      contact?: readonly string[];
      address?: string;
      transport?: Transport;
      joinTimeout?: number;
      given?: boolean;
    } = {},
  ) {
    const guests: Guest[] = [];
    const { contact, given = true, address = `memory:${id}`, ...rest } = options;
    const protocol: Protocol<Guarantees, Word> = {
      name: 'guests',
      guarantees: {
        consistency: 'none',
        compareAndSwap: false,
        reads: 'quorum',
        writes: 'local',
        survives: 'none',
        onPartition: 'all-continue',
      },
      options: {},
      channels: 'unordered',
      membership: 'roster',
      changes: 'newest',
      answersNeeded: () => 1,
      replica: (self) => {
        guests.push(new Guest(self, given));
        return guests[0] as Guest;
      },
      codec: {
        encode: ({ text }, writer) => writer.string(text),
        decode: (reader) => ({ text: reader.string() }),
        purpose: () => 'write',
      },
    };
    const where =
      contact === undefined
        ? { members: { a: 'memory:a', b: 'memory:b', c: 'memory:c' } }
        : { contact: contact.map((name) => `memory:${name}`), address };
    const join = joinVia(async () => this.network);
    const memory = await join(protocol, { id, suspectAfterMs: 60, joinTimeout: 5_000, ...where, ...rest });
    this.open.push(memory);
    const guest = guests[0] as Guest;
    this.guests.push(guest);
    return { memory, guest };
  }

  async three() {
    return Promise.all([this.join('a'), this.join('b'), this.join('c')]);
  }

  async end(): Promise<void> {
    await Promise.all(this.open.map((memory) => memory.close({ leave: false })));
  }

  /** All of some know these members. */
  async know(names: string, ...guests: readonly Guest[]): Promise<void> {
    await expect.poll(() => guests.map((guest) => guest.names)).toEqual(guests.map(() => names));
  }
}

describe('a group with a roster', () => {
  let house = new House();
  afterEach(async () => {
    await house.end();
    house = new House();
  });

  test('takes in a process that any of its members knows of, and each hears each', async () => {
    const all = await house.three();
    const d = await house.join('d', { contact: ['b'] });
    const e = await house.join('e', { contact: ['d'] });
    const everybody = [...all, d, e];
    await house.know('abcde', ...everybody.map(({ guest }) => guest));
    for (const { memory } of everybody) await memory.write(memory.id, 1);
    for (const { guest } of everybody)
      await expect.poll(() => [...guest.heard].sort().join('')).toBe('abcde');
    expect(e.memory.status().view?.members).toHaveLength(5);
    expect(e.memory.status().state).toBe('ready');
  });

  test('gives the slot of one that left to the next', async () => {
    const all = await house.three();
    const slots = new Set<number>();
    for (const name of ['d', 'e', 'f']) {
      const { memory } = await house.join(name, { contact: ['a'] });
      await house.know(`abc${name}`, ...all.map(({ guest }) => guest));
      const [a] = all;
      slots.add(a.guest.members.find((member) => member.name === name)?.slot ?? -1);
      await memory.close();
      await house.know('abc', ...all.map(({ guest }) => guest));
      // It is kept until nothing more can come of who had it.
      const free = () => Object.keys(a.memory.status().peers).length;
      expect(free()).toBe(2);
    }
    expect(Math.max(...slots)).toBeLessThanOrEqual(5);
  });

  test('lets nobody go whose replica may not, until its time is up', async () => {
    const [a, b, c] = await house.three();
    c.guest.mayLeave = false;
    const closed = c.memory.close({ timeout: 300 });
    await a.memory.write('meanwhile', 1);
    await house.know('abc', a.guest, b.guest);
    await closed;
    await house.know('abc', a.guest, b.guest);
    await b.memory.close();
    await house.know('ac', a.guest);
  });

  test('goes on with another process of a name, and ends the one that it follows', async () => {
    const [a, b] = await house.three();
    await b.memory.close({ leave: false });
    const again = await house.join('b');
    await house.know('abc', a.guest, again.guest);
    const incarnations = a.guest.members.map(({ incarnation }) => incarnation);
    expect(incarnations).not.toContain(b.guest.members.find(({ name }) => name === 'b')?.incarnation);
    await again.memory.write('back', 1);
    await expect.poll(() => a.guest.heard).toContain('back');
  });

  test('reaches who has come back elsewhere than the list says', async () => {
    const [a, b, c] = await house.three();
    await c.memory.close({ leave: false });
    const elsewhere = await house.join('c', { contact: ['a'], address: 'memory:elsewhere' });
    await b.memory.close({ leave: false });
    const listed = await house.join('b');
    await house.know('abc', a.guest, elsewhere.guest, listed.guest);
    await listed.memory.write('by the list', 1);
    await elsewhere.memory.write('from elsewhere', 1);
    await expect.poll(() => elsewhere.guest.heard).toContain('by the list');
    await expect.poll(() => listed.guest.heard).toContain('from elsewhere');
  });

  test('believes a member whom it has not met, rather than the one whose name it has', async () => {
    const [a, b, c] = await house.three();
    house.beyond.add('memory:a').add('memory:elsewhere');
    const other = await house.join('b', { contact: ['a'], address: 'memory:elsewhere' });
    // Nobody is left who could tell that it was taken in.
    await a.memory.close({ leave: false });
    house.beyond.clear();
    await expect.poll(() => b.memory.status().state).toBe('removed');
    await other.memory.write('of the other', 1);
    await expect.poll(() => c.guest.heard).toContain('of the other');
  });

  test('tells who comes of those who went before', async () => {
    const [a, , c] = await house.three();
    await c.memory.close();
    await house.know('ab', a.guest);
    const d = await house.join('d', { contact: ['a'] });
    expect(d.guest.departed).toEqual(a.guest.departed);
    expect(d.guest.departed).toHaveLength(1);
  });

  test('keeps one of two processes that come under one name, whoever takes them in', async () => {
    const [a, b, c] = await house.three();
    const two = [
      house.join('d', { contact: ['a'], address: 'memory:d1' }),
      house.join('d', { contact: ['b'], address: 'memory:d2' }),
    ];
    const ended = await Promise.allSettled(two);
    const states = () =>
      ended.map((one) => (one.status === 'fulfilled' ? one.value.memory.status().state : 'refused'));
    await expect.poll(states).toContain('removed');
    expect(states()).toContain('ready');
    await house.know('abcd', a.guest, b.guest, c.guest);
  });

  test('is not left with a process that gave up coming before it was there', async () => {
    const [a, b, c] = await house.three();
    const coming = house.join('d', { contact: ['a'], joinTimeout: 200, given: false });
    await house.know('abcd', a.guest, b.guest, c.guest);
    await expect(coming).rejects.toMatchObject({ code: 'DSM_TIMEOUT' });
    await house.know('abc', a.guest, b.guest, c.guest);
  });

  test('has no more members than there are slots, and nobody hears of who was not taken in', async () => {
    const [a] = await house.three();
    const names = Array.from({ length: membersMax - 3 }, (_, index) => `m${index}`);
    const others = await Promise.all(names.map((name) => house.join(name, { contact: ['a', 'b', 'c'] })));
    await expect.poll(() => a.guest.members.length, { timeout: 20_000 }).toBe(membersMax);
    await expect(house.join('z', { contact: ['a', 'b'], joinTimeout: 200 })).rejects.toMatchObject({
      code: 'DSM_TIMEOUT',
    });
    for (const { memory } of others.splice(0, 2)) await memory.close();
    const last = await house.join('last', { contact: ['a'], joinTimeout: 20_000 });
    const everybody = ['a', 'b', 'c', 'last', ...names.slice(2)].sort().join('');
    await expect.poll(() => last.guest.names, { timeout: 20_000 }).toBe(everybody);
  });

  test('goes on without a member that is removed, and ends it if it lives', async () => {
    const [a, b, c] = await house.three();
    await b.memory.close({ leave: false });
    await a.memory.remove('b');
    await house.know('ac', a.guest, c.guest);
    for (const name of ['b', 'nobody', 'a']) {
      await expect(a.memory.remove(name)).rejects.toMatchObject({ code: 'DSM_INVALID_OPTION' });
    }
    await a.memory.remove('c');
    await expect.poll(() => c.memory.status().state).toBe('removed');
    await expect(c.memory.write('k', 1)).rejects.toMatchObject({ code: 'DSM_REMOVED' });
    expect(a.memory.status().view?.members).toEqual(['a']);
  });

  test('reads nothing more of one that is removed', async () => {
    const [a, , c] = await house.three();
    void a.memory.remove('c');
    await c.memory.write('late', 1);
    await expect.poll(() => a.memory.metrics().dropped['removed-member']).toBeGreaterThan(0);
    expect(a.guest.heard).toEqual([]);
  });

  test('keeps nobody who leaves, may not go, and hears that it was removed', async () => {
    const [a, , c] = await house.three();
    c.guest.mayLeave = false;
    const closed = c.memory.close({ timeout: 600_000 });
    await a.memory.remove('c');
    await closed;
    expect(c.memory.status().state).toBe('closed');
  });

  test('is not joined under a name in use, nor through a transport that cannot dial', async () => {
    await house.three();
    const taken = house.join('a', { contact: ['b'] });
    await expect(taken).rejects.toMatchObject({ code: 'DSM_ADDRESS_IN_USE' });
    const network = memoryNetwork();
    const deaf: Transport = {
      name: 'deaf',
      open: async (options) => {
        const { send, close } = await network.open(options);
        return { send, close };
      },
    };
    await expect(house.join('d', { contact: ['a'], transport: deaf })).rejects.toMatchObject({
      code: 'DSM_UNSUPPORTED',
    });
  });
});
