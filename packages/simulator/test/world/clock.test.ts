import { describe, expect, test } from 'vitest';
import { Chance } from '../../src/chance.js';
import { Clock, type Sleeper } from '../../src/world/clock.js';
import { TraceHash } from '../../src/world/hash.js';

const sleeper = (): Sleeper => ({ paused: false, dead: false, clockRate: 1 });

describe('a clock', () => {
  test('lets things happen in the order of their times, and those of one time as they were asked for', () => {
    const clock = new Clock();
    const chance = new Chance(7);
    const asked = Array.from({ length: 500 }, (_, order) => ({ atUs: chance.below(50), order }));
    const happened: typeof asked = [];
    for (const one of asked) clock.after(undefined, one.atUs, () => happened.push(one));
    clock.runUntil(100);
    expect(happened).toEqual(
      asked.toSorted((one, other) => one.atUs - other.atUs || one.order - other.order),
    );
    expect([clock.nowUs, clock.events]).toEqual([100, 500]);
  });

  test('leaves the rest for later', () => {
    const clock = new Clock();
    const happened: number[] = [];
    for (const atUs of [10, 20, 21]) clock.after(undefined, atUs, () => happened.push(clock.nowUs));
    clock.runUntil(20);
    expect(happened).toEqual([10, 20]);
    clock.runUntil(30, () => true);
    expect(clock.nowUs).toBe(20);
    clock.runUntil(30);
    expect(happened).toEqual([10, 20, 21]);
  });

  test('forgets what was cancelled, and what a dead process waited for', () => {
    const clock = new Clock();
    const dead = sleeper();
    const happened: string[] = [];
    clock.after(undefined, 1, () => happened.push('cancelled')).cancelled = true;
    clock.after(dead, 1, () => happened.push('dead'));
    clock.afterTurn(dead, () => happened.push('dead'));
    dead.dead = true;
    clock.runUntil(5);
    expect(happened).toEqual([]);
    expect(clock.events).toBe(0);
  });

  test('ends a turn when everything of an instant has happened', () => {
    const clock = new Clock();
    const owner = sleeper();
    const happened: string[] = [];
    clock.after(owner, 3, () => {
      happened.push('first');
      clock.afterTurn(owner, () => {
        happened.push('end of turn');
        clock.after(owner, 0, () => happened.push('next turn'));
      });
    });
    clock.after(owner, 3, () => happened.push('second'));
    clock.runUntil(3);
    expect(happened).toEqual(['first', 'second', 'end of turn', 'next turn']);
  });

  test('keeps what befalls a paused process until it wakes, the end of its turn too', () => {
    const clock = new Clock();
    const owner = sleeper();
    const happened: string[] = [];
    clock.after(owner, 1, () => clock.afterTurn(owner, () => happened.push(`turn ${clock.nowUs}`)));
    clock.after(undefined, 1, () => {
      owner.paused = true;
    });
    for (const atUs of [2, 3]) clock.after(owner, atUs, () => happened.push(`${atUs} at ${clock.nowUs}`));
    clock.runUntil(10);
    expect(happened).toEqual([]);
    clock.wake(owner);
    clock.runUntil(20);
    expect(happened).toEqual(['turn 10', '2 at 10', '3 at 10']);
  });
});

describe('a hash of a trace', () => {
  const hashOf = (fill: (hash: TraceHash) => void) => {
    const hash = new TraceHash();
    fill(hash);
    return hash.digest;
  };

  test('is 16 digits, and tells order, length and kind', () => {
    const digests = [
      hashOf(() => undefined),
      hashOf((hash) => hash.number(0)),
      hashOf((hash) => hash.number(1)),
      hashOf((hash) => hash.number(2 ** 32 + 1)),
      hashOf((hash) => hash.number(2 ** 33 + 1)),
      hashOf((hash) => hash.text('ab')),
      hashOf((hash) => hash.text('ba')),
      hashOf((hash) => hash.bytes(Uint8Array.of(0))),
      hashOf((hash) => hash.bytes(Uint8Array.of(0, 0))),
      hashOf((hash) => hash.bytes(Uint8Array.of(1, 0))),
      hashOf((hash) => hash.bytes(Uint8Array.of(0, 1))),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  test('changes with any byte of a frame', () => {
    const frame = Uint8Array.from({ length: 200 }, (_, at) => at);
    const usual = hashOf((hash) => hash.bytes(frame));
    for (const at of frame.keys()) {
      const other = frame.with(at, 255 - at);
      expect(hashOf((hash) => hash.bytes(other))).not.toBe(usual);
    }
  });
});

describe('chance', () => {
  test('is the same for a seed, and another for another, large ones too', () => {
    const draws = (seed: number) =>
      Array.from(
        { length: 5 },
        (
          (chance) => () =>
            chance.next()
        )(new Chance(seed)),
      );
    expect(draws(3)).toEqual(draws(3));
    expect(new Set([1, 2, 2 ** 32 + 1, 2 ** 40 + 1].map((seed) => draws(seed).join())).size).toBe(4);
    expect(draws(1)[0]).toBeCloseTo(0.5394896373618394, 12);
  });

  test('stays within its bounds and reaches them', () => {
    const chance = new Chance(1);
    const drawn = new Set(Array.from({ length: 200 }, () => chance.between(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
    const rates = Array.from({ length: 400 }, () => chance.sometimes(0.4));
    expect(Math.max(...rates)).toBeLessThan(0.4);
    expect(rates.filter((rate) => rate === 0).length).toBeGreaterThan(150);
    expect(rates.filter((rate) => rate === 0).length).toBeLessThan(250);
  });
});
