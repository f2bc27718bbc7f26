import { describe, expect, test } from 'vitest';
import { Link, type LinkLimits } from '../src/link/link.js';
import { Chance, forSeeds, oneSeed, runs, timeoutMs } from './fixtures/chance.js';
import { LinkPair } from './fixtures/link-pair.js';

const limits: LinkLimits = { bytesInFlightMax: 1_000, earlyMax: 8 };

/** Once nothing goes wrong any more, everything has arrived and been acknowledged within so many ticks. */
const healedTicksMax = 64;

describe('two links over a bad channel', () => {
  /** What happened at all, over all seeds: a generator that never causes it tests nothing. */
  const seen = { duplicates: 0, retransmissions: 0, full: 0 };

  test(
    'deliver everything once and in order, and come to rest when it heals',
    () => {
      forSeeds(4_000, (chance) => {
        const pair = new LinkPair(chance, { bytesInFlightMax: 2_000, earlyMax: chance.between(1, 64) });
        const talkative = chance.happens(0.05) ? 40 : chance.between(1, 6);
        const phases = chance.between(1, 3);
        for (let phase = 0; phase < phases; phase += 1) {
          pair.misbehave();
          for (let ticks = chance.between(10, 60); ticks > 0; ticks -= 1) converse(pair, chance, talkative);
        }
        settle(pair, chance);
      });
      if (oneSeed) return;
      expect(seen.duplicates).toBeGreaterThan(runs(100_000));
      expect(seen.retransmissions).toBeGreaterThan(runs(100_000));
      expect(seen.full).toBeGreaterThan(runs(1_000));
    },
    timeoutMs,
  );

  function converse(pair: LinkPair, chance: Chance, talkative: number): void {
    for (const end of pair.ends) {
      if (!pair.runs(end)) continue;
      for (let left = chance.below(talkative); left > 0; left -= 1) end.say(chance.below(40));
      if (end.link.full) seen.full += 1;
    }
    if (chance.happens(0.01)) pair.pause(chance.pick(pair.ends), chance.between(1, 80));
    pair.step();
  }

  function settle(pair: LinkPair, chance: Chance): void {
    pair.heal();
    // Whoever hears nothing new still has what it said acknowledged: half of the time nobody says more.
    if (chance.happens(0.5)) for (const end of pair.ends) end.say();
    let ticks = 0;
    while (!pair.quiet || pair.a.heard < pair.b.said || pair.b.heard < pair.a.said) {
      ticks += 1;
      if (ticks > healedTicksMax) throw new Error(`not at rest ${ticks} ticks after it healed`);
      pair.step();
    }
    for (const { link } of pair.ends) {
      seen.duplicates += link.duplicates;
      seen.retransmissions += link.retransmissions;
      if (earlyOf(link) !== 0 || sentOf(link) !== 0) throw new Error('frames are kept that nobody waits for');
    }
  }
});

/** A link alone, and what it transmits. */
function alone(given: Partial<LinkLimits> = {}) {
  const link = new Link<number>(7, { ...limits, ...given });
  const transmitted: number[] = [];
  const host = { transmit: (frame: Uint8Array) => void transmitted.push(frame[0] as number) };
  return {
    link,
    /** The numbers of the frames transmitted since last asked. */
    taken: () => transmitted.splice(0),
    send(count = 1, bytes = 10): void {
      for (let left = count; left > 0; left -= 1) {
        const sequence = link.number();
        const frame = new Uint8Array(bytes);
        frame[0] = sequence;
        link.send(sequence, frame, host);
      }
    },
    acknowledge: (upTo: number) => link.acknowledge(upTo, host),
    tick(count = 1): void {
      for (let left = count; left > 0; left -= 1) link.tick(host);
    },
    reconnected: () => link.reconnected(host),
  };
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('sending', () => {
  test('is at once while the peer answers', () => {
    const { link, send, taken } = alone();
    send(3);
    expect(taken()).toEqual([1, 2, 3]);
    expect(link.bytesInFlight).toBe(30);
    expect(link.restless).toBe(true);
  });

  test('is full beyond the bound, and roomy from half of it down', () => {
    const { link, send, acknowledge } = alone({ bytesInFlightMax: 100 });
    send(10);
    expect([link.full, link.roomy]).toEqual([false, false]);
    send(1);
    expect([link.full, link.roomy]).toEqual([true, false]);
    acknowledge(5);
    expect([link.full, link.roomy]).toEqual([false, false]);
    acknowledge(6);
    expect([link.full, link.roomy]).toEqual([false, true]);
  });

  test('an acknowledgement of what was never sent changes nothing', () => {
    const { link, send, acknowledge, taken, tick } = alone();
    expect(acknowledge(1)).toBe(false);
    expect(acknowledge(0)).toBe(true);
    send(2);
    expect(acknowledge(3)).toBe(false);
    expect(acknowledge(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(link.bytesInFlight).toBe(20);
    expect(acknowledge(2)).toBe(true);
    expect([link.bytesInFlight, link.restless]).toEqual([0, false]);
    taken();
    tick(100);
    expect(taken()).toEqual([]);
  });

  test('the first frame is sent again after 5 ticks, then 10, 20, 40, 40: a stopped peer is not flooded', () => {
    const { send, taken, tick, link } = alone();
    send(50);
    taken();
    const again: number[] = [];
    for (let now = 1; now <= 200; now += 1) {
      tick();
      if (taken().length > 0) again.push(now);
    }
    expect(again).toEqual([5, 15, 35, 75, 115, 155, 195]);
    expect(link.retransmissions).toBe(7);
  });

  test('frames of a silence wait for the first acknowledgement, then follow in bursts that double', () => {
    const { link, send, taken, tick, acknowledge } = alone();
    send(10);
    tick(5);
    send(190);
    expect(taken()).toEqual([...upTo(10), 1]);

    acknowledge(1);
    expect(taken()).toEqual(upTo(17, 2));
    // Those behind the tenth have left for the first time.
    expect(link.retransmissions).toBe(1 + 9);
    acknowledge(4);
    expect(taken()).toEqual(upTo(49, 18));
    acknowledge(49);
    expect(taken()).toEqual(upTo(113, 50));
    acknowledge(50);
    expect(taken()).toEqual(upTo(200, 114));
    send(1);
    expect(taken()).toEqual([201]);
    acknowledge(201);
    expect(link.restless).toBe(false);
  });

  test('bursts stop doubling at 1,024 frames', () => {
    const { send, taken, tick, acknowledge } = alone();
    send(10_000);
    tick(5);
    taken();
    const bursts: number[] = [];
    for (let acknowledged = 1; bursts.length < 10; ) {
      acknowledge(acknowledged);
      const burst = taken().length;
      bursts.push(burst);
      acknowledged += burst;
    }
    expect(bursts).toEqual([16, 32, 64, 128, 256, 512, 1024, 1024, 1024, 1024]);
  });

  test('what is acknowledged meanwhile is not sent again', () => {
    const { send, taken, tick, acknowledge } = alone();
    send(40);
    tick(5);
    taken();
    acknowledge(30);
    expect(taken()).toEqual(upTo(40, 31));
  });

  test('an acknowledgement of something new ends the patience of a silence; one of nothing new does not', () => {
    const { send, taken, tick, acknowledge } = alone();
    send(3);
    tick(5 + 10 + 4);
    acknowledge(1);
    taken();
    tick(4);
    expect(taken()).toEqual([]);
    tick(1);
    expect(taken()).toEqual([2]);
    tick(9);
    acknowledge(1);
    tick(1);
    expect(taken()).toEqual([2]);
  });

  test('a connection made again asks at once, with one frame', () => {
    const { send, taken, tick, reconnected } = alone();
    send(3);
    tick(5 + 10 + 3);
    taken();
    reconnected();
    expect(taken()).toEqual([1]);
    tick(9);
    expect(taken()).toEqual([]);
    tick(1);
    expect(taken()).toEqual([1]);
  });

  test('a connection made while nothing is under way costs the next frame no patience', () => {
    const { send, taken, tick, reconnected } = alone();
    reconnected();
    send();
    tick(4);
    expect(taken()).toEqual([1]);
    tick(1);
    expect(taken()).toEqual([1]);
  });

  test('acknowledged frames are let go of', () => {
    const { link, send, acknowledge } = alone({ bytesInFlightMax: 10_000_000 });
    send(2_000, 1_000);
    acknowledge(400);
    expect(keptBytes(link)).toBe(1_600 * 1_000);
    acknowledge(1_200);
    expect(sentOf(link)).toBe(800);
    send(1);
    acknowledge(2_001);
    expect(sentOf(link)).toBe(0);
    expect(keptBytes(link)).toBe(0);
  });

  test('the list of what was sent stays short in endless traffic', () => {
    const { link, send, acknowledge } = alone();
    let longest = 0;
    for (let sent = 1; sent <= 20_000; sent += 1) {
      send();
      acknowledge(sent - 10);
      longest = Math.max(longest, sentOf(link));
    }
    expect(longest).toBeLessThan(1_100);
  });
});

describe('receiving', () => {
  test('hands over in order, what came early with what it waited for', () => {
    const { link } = alone();
    expect(link.accept(2, 10, 2)).toEqual([]);
    expect(link.accept(4, 10, 4)).toEqual([]);
    expect(link.accept(1, 10, 1)).toEqual([1, 2]);
    expect(link.accept(3, 10, 3)).toEqual([3, 4]);
    expect([link.received, link.duplicates, earlyOf(link)]).toEqual([4, 0, 0]);
  });

  test('drops what came twice', () => {
    const { link } = alone();
    link.accept(1, 10, 1);
    link.accept(3, 10, 3);
    expect(link.accept(1, 10, 1)).toBe(undefined);
    expect(link.accept(3, 10, 3)).toBe(undefined);
    expect(link.duplicates).toBe(2);
    expect(link.accept(2, 10, 2)).toEqual([2, 3]);
  });

  test('keeps a bounded number of early frames', () => {
    const { link } = alone({ earlyMax: 3 });
    for (const sequence of [9, 8, 7]) expect(link.accept(sequence, 10, sequence)).toEqual([]);
    for (const sequence of [6, 2 ** 52]) expect(link.accept(sequence, 10, sequence)).toBe(undefined);
    expect(earlyOf(link)).toBe(3);
    for (const sequence of upTo(5)) expect(link.accept(sequence, 10, sequence)).toEqual([sequence]);
    expect(link.accept(6, 10, 6)).toEqual([6, 7, 8, 9]);
  });

  test('owes an acknowledgement until one leaves, and is in a hurry after a gap or a repetition', () => {
    const { link } = alone();
    expect([link.owes, link.owesAnything, link.restless]).toEqual([false, false, false]);
    link.accept(1, 10, 1);
    expect([link.owes, link.owesAnything, link.restless]).toEqual([false, true, true]);
    link.accept(1, 10, 1);
    expect(link.owes).toBe(true);
    link.acknowledging();
    expect([link.owes, link.owesAnything, link.restless]).toEqual([false, false, false]);
    link.accept(3, 10, 3);
    expect([link.owes, link.owesAnything]).toEqual([true, true]);
  });

  test('is in a hurry after 64 frames', () => {
    const { link } = alone();
    for (const sequence of upTo(64)) link.accept(sequence, 10, sequence);
    expect(link.owes).toBe(false);
    link.accept(65, 10, 65);
    expect(link.owes).toBe(true);
    link.acknowledging();
    for (const sequence of upTo(70, 66)) link.accept(sequence, 10, sequence);
    expect(link.owes).toBe(false);
  });

  test('is in a hurry after 256 KiB', () => {
    const { link } = alone();
    link.accept(1, 200_000, 1);
    expect(link.owes).toBe(false);
    link.accept(2, 62_145, 2);
    expect(link.owes).toBe(true);
    link.acknowledging();
    link.accept(3, 200_000, 3);
    expect(link.owes).toBe(false);
  });
});

test('a stopped peer costs next to nothing, and gets all of it on waking', () => {
  const pair = new LinkPair(new Chance(1), { bytesInFlightMax: 1_000_000, earlyMax: 4 });
  pair.pause(pair.b, 2_000);
  for (let said = 0; said < 500; said += 1) {
    pair.a.say(100);
    if (said % 5 === 0) pair.step();
  }
  const before = pair.a.transmissions;
  while (pair.now < 1_999) pair.step();
  expect(pair.a.transmissions - before).toBeLessThan(52);
  while (!pair.quiet) pair.step();
  expect(pair.b.heard).toBe(500);
  expect(pair.now).toBeLessThan(2_000 + healedTicksMax);
});

interface Insides {
  readonly sent: readonly { readonly frame: Uint8Array }[];
  readonly early: ReadonlyMap<number, unknown>;
}
const insides = (link: Link<number>) => link as unknown as Insides;
const earlyOf = (link: Link<number>) => insides(link).early.size;
const sentOf = (link: Link<number>) => insides(link).sent.length;
const keptBytes = (link: Link<number>) =>
  insides(link).sent.reduce((sum, { frame }) => sum + frame.length, 0);
