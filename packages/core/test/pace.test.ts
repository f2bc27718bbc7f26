import { describe, expect, test } from 'vitest';
import { Pace } from '../src/node/pace.js';
import { Timers } from '../src/node/timers.js';
import { StillWorld } from './fixtures/still-world.js';

/** A pace, and when it let something leave. */
function paced(lingerMs: number) {
  const world = new StillWorld();
  const left: number[] = [];
  const state = { crowded: false };
  const timers = new Timers(world);
  const pace = new Pace({
    world,
    timers,
    lingerMs,
    crowded: () => state.crowded,
    flush: () => left.push(world.nowMs),
  });
  /** A turn in which something was produced, some time after the one before. */
  const turn = (afterMs = 0) => {
    world.pass(afterMs);
    pace.afterTurn();
    pace.afterTurn();
    world.endTurn();
  };
  return { world, pace, timers, turn, left, state, startMs: world.nowMs };
}

describe('what is produced', () => {
  test('leaves with its turn, and once', () => {
    const { pace, turn, left, startMs } = paced(0);
    turn();
    turn(0.1);
    expect(left).toEqual([startMs, startMs + 0.1]);
    pace.now();
    expect(left).toHaveLength(3);
  });

  test('leaves with what timers without a delay produce, which go off when the turn ends', () => {
    const { world, pace, timers, turn, left, startMs } = paced(0);
    const events: string[] = [];
    const set = (name: string, then?: () => void) =>
      timers.set(name, 0, () => {
        events.push(`${name} after ${left.length}`);
        then?.();
      });
    set('twice', () => set('twice'));
    timers.set('not any more', 0, () => events.push('never'));
    timers.set('not any more', 5, () => events.push('later'));
    set('replaced');
    set('replaced');
    expect([timers.awaitTurnsEnd, events]).toEqual([true, []]);
    pace.now();
    turn();
    expect(events).toEqual(['twice after 1', 'replaced after 1']);
    world.endTurn();
    expect(events.slice(2)).toEqual(['twice after 2']);
    expect([timers.awaitTurnsEnd, left]).toEqual([false, [startMs, startMs, startMs]]);
    timers.set('not any more', 5, () => events.push('never'));
    timers.set('not any more', 0, () => events.push('never'));
    expect(timers.isSet('not any more')).toBe(false);
    timers.cancelAll();
    turn(10);
    expect(events).toHaveLength(3);
  });

  test('leaves one turn later where much has arrived, and no more than one', () => {
    const { world, pace, turn, left, startMs } = paced(0);
    pace.afterNextTurn();
    world.endTurn();
    expect(left).toEqual([]);
    pace.afterNextTurn();
    world.endTurn();
    expect(left).toEqual([startMs]);
    // Much has arrived behind what leaves by itself.
    pace.afterTurn();
    pace.afterNextTurn();
    world.endTurn();
    expect(left).toHaveLength(1);
    world.endTurn();
    expect(left).toHaveLength(2);
    turn();
    expect(left).toHaveLength(3);
  });

  test('leaves with a turn that was long, however much has arrived', () => {
    const { world, pace, left } = paced(0);
    for (const [turnMs, leaving] of [
      [0.05, 0],
      [0.2, 1],
    ] as const) {
      const before = left.length;
      pace.afterNextTurn();
      world.pass(turnMs);
      world.endTurn();
      expect(left.length - before).toBe(leaving);
      world.endTurn();
      expect(left.length - before).toBe(1);
    }
  });

  test('takes along what timers without a delay produce then', () => {
    const { world, pace, timers } = paced(0);
    const events: string[] = [];
    timers.set('late', 0, () => events.push('late'));
    pace.afterNextTurn();
    world.endTurn();
    expect(events).toEqual([]);
    world.endTurn();
    expect(events).toEqual(['late']);
  });

  test('leaves at once where nothing has left lately', () => {
    const { turn, left, startMs } = paced(1);
    turn();
    turn(1);
    expect(left).toEqual([startMs, startMs + 1]);
  });

  test('waits for what follows soon, but no longer than it may', () => {
    const { world, pace, turn, left, startMs } = paced(1);
    turn();
    turn(0.25);
    pace.now();
    turn(0.25);
    expect(left).toEqual([startMs]);
    world.pass(0.25);
    expect(left).toEqual([startMs]);
    world.pass(0.25);
    expect(left).toEqual([startMs, startMs + 1]);
    // Nothing more is due.
    world.pass(10);
    expect(left).toHaveLength(2);
  });

  test('leaves once there is enough of it', () => {
    const { turn, left, state, startMs } = paced(1);
    turn();
    state.crowded = true;
    turn(0.5);
    expect(left).toEqual([startMs, startMs + 0.5]);
  });
});
