import { describe, expect, test } from 'vitest';
import type { Header } from '../src/codec/frame.js';
import type { Writer } from '../src/codec/writer.js';
import { beatMs, Cluster, type Process, suspectAfterMs } from './fixtures/cluster.js';
import { frameOf, groupFrame, helloFrame } from './fixtures/frames.js';
import { linkOf, three } from './fixtures/three.js';

const names = ['a', 'b', 'c'];

/** The header of the next frame of b's stream to a. */
function nextOf(a: Process, b: Process): Partial<Header> {
  const { received } = linkOf(a, b);
  const { incarnation } = b;
  const birth = b.view?.birth ?? 0;
  return {
    kind: 'protocol',
    from: 1,
    incarnation,
    to: a.incarnation,
    epoch: 1,
    birth,
    sequence: received + 1,
  };
}

const words = (text: string) => (writer: Writer) => {
  writer.byte(1);
  writer.whole(77);
  writer.string(text);
  writer.blob(new Uint8Array(3));
};

describe('a frame', () => {
  /** Injects a frame at a, as the next of b but for the changes; says what a dropped, and heard. */
  function arrival(changes: Partial<Header>, write: (writer: Writer) => void = words('injected')) {
    const { cluster, a, b } = three();
    const before = a.parrot.heard.length;
    const { received } = linkOf(a, b);
    cluster.run(700);
    const silentBeats = () => a.node.peers[1]?.silentBeats ?? 0;
    a.node.peers[1]?.beat();
    const silentBefore = silentBeats();
    cluster.inject(a, frameOf({ ...nextOf(a, b), ...changes }, write));
    return {
      dropped: Object.fromEntries(a.node.counters.dropped),
      heard: a.parrot.heard.slice(before).map((one) => one.words.text),
      taken: linkOf(a, b).received - received,
      alive: silentBeats() < silentBefore,
    };
  }
  const nothing = { heard: [], taken: 0, alive: false };

  test('in its place is heard, and a sign of life', () => {
    expect(arrival({})).toEqual({ dropped: {}, heard: ['injected'], taken: 1, alive: true });
  });

  test('of another birth is dropped', () => {
    expect(arrival({ birth: 5 })).toEqual({ ...nothing, dropped: { 'other-birth': 1 } });
  });

  test('from before the first view, of the group, is not of another birth', () => {
    const accepted = (writer: Writer) => {
      writer.byte(4);
      writer.whole(32);
    };
    expect(arrival({ kind: 'group', birth: 0, epoch: 0 }, accepted)).toMatchObject({ dropped: {}, taken: 1 });
  });

  test.each(['protocol', 'lost'] as const)(
    'of the kind %s is not taken before its epoch was entered',
    (kind) => {
      expect(arrival({ kind, epoch: 2 })).toEqual({ ...nothing, dropped: { 'epoch-not-entered': 1 } });
    },
  );

  test('of the group may tell of a later epoch', () => {
    const view = { epoch: 2, birth: 5, members: [{ name: 'a', slot: 0, incarnation: 1, since: 1 }] };
    const { cluster, a, b } = three();
    cluster.inject(a, groupFrame({ type: 'decided', view }, { ...nextOf(a, b), kind: 'group', epoch: 2 }));
    expect(a.node.counters.dropped.size).toBe(0);
  });

  test('of an old epoch is taken, but not heard', () => {
    expect(arrival({ epoch: 0 })).toEqual({ dropped: { 'old-epoch': 1 }, heard: [], taken: 1, alive: true });
  });

  test.each<[string, Partial<Header>]>([
    ['from another process of the name', { incarnation: 5 }],
    ['for another process of the name', { to: 5 }],
    ['for nobody', { to: 0 }],
    ['from nobody in the group', { from: 3 }],
    ['from ourselves', { from: 0 }],
  ])('%s is dropped', (_, changes) => {
    expect(arrival(changes)).toEqual({ ...nothing, dropped: { 'unknown-member': 1 } });
  });

  test('that acknowledges what was never sent is dropped', () => {
    expect(arrival({ acknowledged: 1_000 })).toEqual({ ...nothing, dropped: { malformed: 1 } });
  });

  test('with one message that does not decode is dropped with all of them', () => {
    const both = (writer: Writer) => {
      words('fine')(writer);
      words('undecodable')(writer);
    };
    expect(arrival({}, both)).toEqual({ ...nothing, dropped: { malformed: 1 } });
    expect(arrival({}, (writer) => writer.byte(9))).toEqual({ ...nothing, dropped: { malformed: 1 } });
  });

  test('that is bare and numbered is malformed', () => {
    expect(arrival({ kind: 'bare' })).toEqual({ ...nothing, dropped: { malformed: 1 } });
  });

  test('that is bare is a sign of life', () => {
    expect(arrival({ kind: 'bare', sequence: 0 })).toEqual({ ...nothing, dropped: {}, alive: true });
  });

  test('that came twice is counted; one that came early is not, and waits', () => {
    const { cluster, a, b } = three();
    const next = nextOf(a, b);
    const second = { ...next, sequence: (next.sequence ?? 0) + 1 };
    cluster.inject(a, frameOf(second, words('second')));
    expect(a.node.counters.dropped.size).toBe(0);
    cluster.inject(a, frameOf(next, words('first')));
    cluster.inject(a, frameOf(next, words('first')));
    expect(a.parrot.heard.slice(-2).map((one) => one.words.text)).toEqual(['first', 'second']);
    expect(a.dropped('duplicate')).toBe(1);
  });

  test('that came twice is acknowledged at once', () => {
    const { cluster, a, b } = three();
    const frame = frameOf(nextOf(a, b), words('twice'));
    cluster.inject(a, frame);
    cluster.run(0);
    expect(a.sent).toEqual([]);
    cluster.inject(a, frame);
    cluster.run(0);
    expect(a.sent.map(({ to }) => to)).toEqual([1]);
  });

  test('for another process of this name is answered with a hello at the next beat', () => {
    const { cluster, a, b } = three();
    cluster.inject(a, frameOf({ ...nextOf(a, b), to: 5 }));
    cluster.run(beatMs);
    expect(a.sent.filter(({ to, frame }) => to === 1 && frame[1] === 0).length).toBe(1);
  });

  test('for another process of this name is not, when a later one was for this one', () => {
    const { cluster, a, b } = three();
    cluster.inject(a, frameOf({ ...nextOf(a, b), to: 5 }));
    cluster.inject(a, frameOf({ ...nextOf(a, b), kind: 'bare', sequence: 0 }));
    cluster.run(beatMs);
    expect(a.sent.filter(({ to, frame }) => to === 1 && frame[1] === 0).length).toBe(0);
  });

  test('is dropped by nobody while all goes well', () => {
    const { a, b, c } = three();
    for (const process of [a, b, c]) expect(process.node.counters.dropped.size).toBe(0);
  });
});

describe('a connection that is proven to be of a member', () => {
  test.each([
    { from: 'b', heard: ['injected'], dropped: {} },
    { from: 'c', heard: [], dropped: { 'false-name': 1 } },
  ])('of $from carries frames in its own name only', ({ from, heard, dropped }) => {
    const { a, b } = three();
    const before = a.parrot.heard.length;
    a.node.arrivals.frame(frameOf(nextOf(a, b), words('injected')), () => undefined, from);
    expect(a.parrot.heard.slice(before).map((one) => one.words.text)).toEqual(heard);
    expect(Object.fromEntries(a.node.counters.dropped)).toEqual(dropped);
  });

  test('says hello in its own name only', () => {
    const cluster = new Cluster(names);
    const a = cluster.start('a');
    const b = cluster.start('b');
    const hello = b.sent.find(({ to }) => to === a.slot)?.frame as Uint8Array;
    a.node.arrivals.frame(hello, () => undefined, 'c');
    expect(Object.fromEntries(a.node.counters.dropped)).toEqual({ 'false-name': 1 });
    expect(a.node.peers[1]?.link).toBeUndefined();
    a.node.arrivals.frame(hello, () => undefined, 'b');
    expect(a.node.peers[1]?.link).toBeDefined();
  });
});

describe('a connection that was made', () => {
  test('sends again what may be lost, at once', () => {
    const { cluster, a, b } = three();
    cluster.cut('a', 'b');
    a.say('lost');
    cluster.run(10);
    cluster.cuts.clear();
    a.node.arrivals.reachable(1);
    cluster.run(10);
    expect(b.parrot.from(0)).toEqual(['lost']);
  });

  test('says hello where the other does not know us', () => {
    const cluster = new Cluster(names);
    const a = cluster.start('a');
    a.sent.splice(0);
    a.node.arrivals.reachable(2);
    a.node.arrivals.reachable(0);
    a.node.arrivals.reachable(9);
    expect(a.sent.splice(0).map(({ to, frame }) => [to, frame[1]])).toEqual([[2, 0]]);
    // Met, but it has not spoken to this process yet.
    const identity = { group: 'tests', name: 'c', protocol: 'parrots', options: '{}', valueBytesMax: 1_000 };
    cluster.inject(
      a,
      helloFrame(
        { ...identity, members: names.map((name) => `${name}=${name}`) },
        { from: 2, incarnation: 5 },
      ),
    );
    a.sent.splice(0);
    a.node.arrivals.reachable(2);
    expect(a.sent.map(({ to, frame }) => [to, frame[1]])).toEqual([[2, 0]]);
  });
});

describe('a link that is full', () => {
  const limits = { bytesInFlightMax: 5_000, earlyMax: 64 };

  /** a says so much that its link to b, which hears nothing, is full several times over. */
  function overfull(channels: 'unordered' | 'fifo') {
    const { cluster, a, b, c } = three({ channels, limits });
    cluster.cut('a', 'b');
    let most = 0;
    let refused = 0;
    for (let said = 0; said < 300; said += 1) {
      if (a.node.admits) a.say(`${said}`, 100);
      else refused += 1;
      cluster.run(1);
      most = Math.max(most, linkOf(a, b).bytesInFlight);
    }
    return { cluster, a, b, c, most, refused };
  }

  test('of an unordered protocol sheds, and both sides ask again when there is room', () => {
    const { cluster, a, b, c, most, refused } = overfull('unordered');
    expect(refused).toBe(0);
    expect(most).toBeLessThan(limits.bytesInFlightMax + 1_000);
    expect(a.dropped('link-full')).toBeGreaterThan(200);
    expect(c.parrot.from(0).length).toBe(300);
    expect([a.parrot.repeats, b.parrot.repeats]).toEqual([[], []]);

    const stirred = a.stirred;
    cluster.cuts.clear();
    cluster.run(beatMs - 100);
    expect(a.stirred).toBeGreaterThan(stirred);
    cluster.run(10_000);
    expect(new Set(a.parrot.repeats)).toEqual(new Set([1]));
    expect(new Set(b.parrot.repeats)).toEqual(new Set([0]));
    expect(c.parrot.repeats).toEqual([]);
    expect(a.completed.length).toBe(300);
    expect(linkOf(a, b).restless).toBe(false);
  });

  test('sheds on until half of it is acknowledged, so that recovering does not fill it again at once', () => {
    const { cluster, a, b } = overfull('unordered');
    const before = a.dropped('link-full');
    const link = linkOf(a, b);
    const acknowledge = (sequence: number) => {
      const header = { ...nextOf(a, b), kind: 'bare' as const, sequence: 0, acknowledged: sequence };
      cluster.inject(a, frameOf(header));
    };
    const { first } = link as unknown as { first: number; sent: { sequence: number }[] };
    const { sent } = link as unknown as { sent: { sequence: number }[] };
    acknowledge(sent[first + 1]?.sequence as number);
    expect([link.full, link.roomy]).toEqual([false, false]);
    a.say('shed');
    expect(a.dropped('link-full')).toBe(before + 1);
    expect(a.parrot.repeats).toEqual([]);
    acknowledge(sent.at(-1)?.sequence as number);
    expect(a.parrot.repeats).toEqual([1]);
  });

  test('is given but three quarters to what is asked again, and the rest of it later', () => {
    const { cluster, a, b } = overfull('unordered');
    cluster.cuts.clear();
    let fullest = 0;
    for (let ran = 0; ran < 10_000; ran += 1) {
      cluster.run(1);
      if (a.parrot.repeats.length > 0) fullest = Math.max(fullest, linkOf(a, b).bytesInFlight);
    }
    // All that was said is asked again, several times what fits; what is left is the answers'.
    expect(a.parrot.repeats.length).toBeGreaterThan(3);
    expect(a.completed.length).toBe(300);
    expect(fullest).toBeLessThan(limits.bytesInFlightMax * 0.8);
  });

  test('has room for answers to what was asked again, however small it is', () => {
    // One request or two fill it: those of either side would go round and round.
    const { cluster, a, b } = three({
      channels: 'unordered',
      limits: { bytesInFlightMax: 200, earlyMax: 64 },
    });
    cluster.cut('a', 'b');
    for (let said = 0; said < 50; said += 1) {
      a.say(`${said}`, 100);
      b.say(`${said}`, 100);
    }
    cluster.run(1_000);
    cluster.cuts.clear();
    cluster.run(100_000);
    expect([a.completed.length, b.completed.length]).toEqual([50, 50]);
  });

  test('of a protocol that needs every message drops nothing, and no operation may begin', () => {
    const { cluster, a, b, most, refused } = overfull('fifo');
    expect(refused).toBeGreaterThan(200);
    expect(most).toBeLessThan(limits.bytesInFlightMax + 1_000);
    expect(a.dropped('link-full')).toBe(0);
    expect(a.node.admits).toBe(false);
    const said = 300 - refused;

    cluster.cuts.clear();
    cluster.run(5_000);
    expect(a.node.admits).toBe(true);
    expect(a.completed.length).toBe(said);
    expect(b.parrot.from(0).length).toBe(said);
    expect([a.parrot.repeats, b.parrot.repeats]).toEqual([[], []]);
  });

  test('does not keep an unordered protocol from beginning operations', () => {
    expect(overfull('unordered').a.node.admits).toBe(true);
  });
});

describe('a peer that is suspected', () => {
  const silence = suspectAfterMs + beatMs;

  test('is sent nothing more by an unordered protocol, and both sides ask again when it is heard of', () => {
    const { cluster, a, b } = three({ channels: 'unordered' });
    cluster.cut('a', 'b');
    cluster.cut('b', 'a');
    a.say('before');
    cluster.run(silence);
    const held = linkOf(a, b).bytesInFlight;
    for (let said = 0; said < 50; said += 1) a.say(`${said}`);
    cluster.run(1);
    expect(linkOf(a, b).bytesInFlight).toBe(held);
    expect(a.dropped('suspected')).toBe(50);

    cluster.cuts.clear();
    cluster.run(silence);
    expect([a.parrot.repeats, b.parrot.repeats]).toEqual([[1], [0]]);
    expect(a.completed.length).toBe(51);
    a.say('after');
    cluster.run(10);
    expect(a.dropped('suspected')).toBe(50);
    expect(b.parrot.from(0).at(-1)).toBe('after');
  });

  test('is sent everything by a protocol that needs every message', () => {
    const { cluster, a, b } = three({ channels: 'fifo' });
    cluster.cut('a', 'b');
    cluster.cut('b', 'a');
    cluster.run(silence);
    for (let said = 0; said < 50; said += 1) a.say(`${said}`);
    cluster.cuts.clear();
    cluster.run(silence);
    expect(b.parrot.from(0).length).toBe(50);
    expect(a.dropped('suspected')).toBe(0);
  });
});

test('processes that come and go before there is a view leave little behind', () => {
  const cluster = new Cluster(names);
  const a = cluster.start('a');
  const identity = {
    group: 'tests',
    name: 'b',
    protocol: 'parrots',
    options: '{}',
    valueBytesMax: 1_000,
    members: names.map((name) => `${name}=${name}`),
  };
  for (let incarnation = 1; incarnation <= 50; incarnation += 1) {
    cluster.inject(a, helloFrame(identity, { from: 1, incarnation }));
    cluster.run(2 * suspectAfterMs);
    cluster.inject(a, helloFrame(identity, { from: 1, incarnation }));
    cluster.run(beatMs);
    cluster.inject(a, helloFrame(identity, { from: 1, incarnation }));
    expect(a.node.peers[1]?.link?.incarnation).toBe(incarnation);
  }
  const { links } = a.node.peers[1] as unknown as { links: Map<number, unknown> };
  expect(links.size).toBe(16);

  const b = cluster.start('b');
  const c = cluster.start('c');
  cluster.run(3 * suspectAfterMs);
  expect(a.view?.members.map(({ incarnation }) => incarnation)).toEqual([
    a.incarnation,
    b.incarnation,
    c.incarnation,
  ]);
  expect(links.size).toBe(0);
});
