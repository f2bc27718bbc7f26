import { describe, expect, test } from 'vitest';
import { Writer } from '../src/codec/writer.js';
import { Peer } from '../src/node/peer.js';

/** Three bytes. */
function message(): Writer {
  const writer = new Writer();
  writer.raw(new Uint8Array(3));
  return writer;
}

const limits = { bytesInFlightMax: 1_000, earlyMax: 4 };

function peer(): Peer {
  return new Peer(1, 'b', { batch: true, carry: () => undefined });
}

function beats(of: Peer, count: number): void {
  for (let left = count; left > 0; left -= 1) of.beat();
}

describe('meeting', () => {
  test('the same process again changes nothing', () => {
    const b = peer();
    b.meet(5, limits);
    const { link } = b;
    b.knowsUs = true;
    b.shedding = true;
    b.outbox.append('group', message());
    b.challenge(6);
    beats(b, 3);
    b.meet(5, limits);
    expect([b.link, b.knowsUs, b.shedding, b.silentBeats]).toEqual([link, true, true, 3]);
    expect(b.outbox.empty).toBe(false);
    expect(b.rival?.incarnation).toBe(6);
  });

  test('another process starts from nothing: what was meant for the one before is not for it', () => {
    const b = peer();
    b.meet(5, limits);
    b.knowsUs = true;
    b.shedding = true;
    b.outbox.append('group', message());
    b.challenge(6);
    beats(b, 9);
    b.back = () => undefined;
    b.meet(6, limits);
    expect([b.link?.incarnation, b.knowsUs, b.shedding, b.silentBeats]).toEqual([6, false, false, 0]);
    expect([b.outbox.empty, b.rival, b.back]).toEqual([true, undefined, undefined]);
  });

  test('with much under way no other way is taken than before, but a new one instead of a broken one', () => {
    const b = peer();
    b.meet(5, limits);
    const host = { transmit: () => undefined };
    for (let left = 9; left > 0; left -= 1) b.link?.send(b.link.number(), new Uint8Array(1), host);
    const [one, other] = [() => undefined, () => undefined];
    b.heardOn(one);
    expect(b.back).toBe(undefined);
    b.link?.acknowledge(1, host);
    b.heardOn(one);
    expect(b.back).toBe(one);
    b.link?.send(b.link.number(), new Uint8Array(1), host);
    b.heardOn(other);
    expect(b.back).toBe(other);
  });

  test('one again that was met before goes on with its numbers', () => {
    const b = peer();
    b.meet(5, limits);
    b.link?.number();
    b.link?.accept(1, 10, { kind: 'group', epoch: 0, messages: [] });
    const { link } = b;
    b.meet(6, limits);
    expect([b.link?.received, b.link?.number()]).toEqual([0, 1]);
    b.meet(5, limits);
    expect(b.link).toBe(link);
    expect([b.link?.received, b.link?.number()]).toEqual([1, 2]);
  });

  test('many keeps the streams of the last', () => {
    const b = peer();
    for (let incarnation = 1; incarnation <= 40; incarnation += 1) {
      b.meet(incarnation, limits);
      b.link?.number();
    }
    b.meet(25, limits);
    expect(b.link?.number()).toBe(2);
    b.meet(24, limits);
    expect(b.link?.number()).toBe(1);
  });

  test('the process of the view begins a stream where there was none', () => {
    const b = peer();
    b.settle(5, limits);
    expect(b.link?.incarnation).toBe(5);
  });

  test('the process that is in the view keeps its stream, and no other', () => {
    const b = peer();
    b.meet(5, limits);
    b.meet(6, limits);
    b.meet(5, limits);
    const { link } = b;
    b.settle(5, limits);
    expect(b.link).toBe(link);
    expect((b as unknown as { links: Map<number, unknown> }).links.size).toBe(0);
  });
});

test('a peer is suspected until it was met, and after four beats of silence', () => {
  const b = peer();
  expect(b.suspected).toBe(true);
  b.meet(5, limits);
  beats(b, 3);
  expect(b.suspected).toBe(false);
  b.beat();
  expect(b.suspected).toBe(true);
  b.seen(77);
  expect([b.suspected, b.silentBeats, b.lastSeenMs]).toEqual([false, 0, 77]);
});

describe('another process of its name', () => {
  test('is a duplicate once the known one was heard of two beats later', () => {
    const b = peer();
    b.meet(5, limits);
    expect(b.challenge(6)).toBe('unclear');
    // What it sent before it died, perhaps.
    b.seen(1);
    b.beat();
    b.seen(2);
    expect(b.challenge(6)).toBe('unclear');
    b.beat();
    expect(b.challenge(6)).toBe('unclear');
    b.seen(3);
    expect(b.challenge(6)).toBe('alive');
  });

  test('follows the known one when that has been silent for four beats', () => {
    const b = peer();
    b.meet(5, limits);
    beats(b, 2);
    expect(b.challenge(6)).toBe('unclear');
    beats(b, 1);
    expect(b.challenge(6)).toBe('unclear');
    beats(b, 1);
    expect(b.challenge(6)).toBe('gone');
  });

  test('is not believed at its first hello, whenever that comes', () => {
    const b = peer();
    b.meet(5, limits);
    beats(b, 9);
    expect(b.challenge(6)).toBe('unclear');
    b.beat();
    expect(b.challenge(7)).toBe('unclear');
    b.beat();
    expect(b.challenge(7)).toBe('gone');
  });
});
