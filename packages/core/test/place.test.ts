import { describe, expect, test } from 'vitest';
import { Place } from '../src/codec/place.js';
import { ABSENT, type Value } from '../src/protocol.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (value: Value) => (value === ABSENT ? undefined : new TextDecoder().decode(value));
/** The bytes that a place has, without being given them. */
const inside = (place: Place) => (place as unknown as { bytes: Value }).bytes;

/** A place to which these were put, one after the other, in frames that are used for others afterwards. */
function holding(...texts: readonly string[]): Place {
  const place = new Place();
  for (const text of texts) {
    const frame = bytesOf(`in ${text} a frame`);
    place.put(frame.subarray(3, 3 + bytesOf(text).length));
    frame.fill(0xff);
  }
  return place;
}

describe('a place', () => {
  test('holds nothing, or the value that was put there last', () => {
    const place = new Place();
    expect([place.absent, place.value]).toEqual([true, ABSENT]);
    for (const text of ['one', 'two', '', 'three', 'a'.repeat(2_000), 'six']) {
      place.put(bytesOf(text));
      expect([place.absent, textOf(place.value)]).toEqual([false, text]);
    }
    place.put(ABSENT);
    expect([place.absent, place.value]).toEqual([true, ABSENT]);
    place.put(bytesOf('again'));
    expect(textOf(place.value)).toBe('again');
  });

  test('does not keep or change what it was put from', () => {
    expect(textOf(holding('one', 'two').value)).toBe('two');
    const mine = bytesOf('mine');
    const place = new Place();
    place.put(mine);
    place.put(bytesOf('over'));
    expect([textOf(mine), textOf(place.value)]).toEqual(['mine', 'over']);
  });

  test('is overwritten where nobody was given the value', () => {
    const place = holding('one');
    const before = inside(place);
    place.put(bytesOf('two'));
    expect(inside(place)).toBe(before);
    expect(textOf(before)).toBe('two');
  });

  test('holds a longer or a shorter one whole, though nobody was given the one before', () => {
    expect(textOf(holding('one', 'three').value)).toBe('three');
    expect(textOf(holding('three', 'one').value)).toBe('one');
    expect(textOf(holding('three', '').value)).toBe('');
  });

  test('is overwritten again once another one is there than was given', () => {
    const place = holding('one');
    expect(textOf(place.value)).toBe('one');
    place.put(bytesOf('two'));
    const before = inside(place);
    place.put(bytesOf('six'));
    expect(inside(place)).toBe(before);
  });

  test('does not change what somebody was given, whatever is put there afterwards', () => {
    const place = holding('one');
    const given = [place.value];
    for (const text of ['two', 'six']) {
      place.put(bytesOf(text));
      given.push(place.value);
    }
    place.put(ABSENT);
    place.put(bytesOf('ten'));
    expect(given.map(textOf)).toEqual(['one', 'two', 'six']);
  });

  test('does not change others when it is overwritten', () => {
    const places = ['one', 'two', 'six'].map((text) => holding(text));
    places[1]?.put(bytesOf('ten'));
    expect(places.map(({ value }) => textOf(value))).toEqual(['one', 'ten', 'six']);
  });

  test('does not overwrite what is large, and keeps no larger frame of it', () => {
    const place = new Place();
    const large = bytesOf('a'.repeat(2_000));
    place.put(large);
    expect(inside(place)).toBe(large);
    place.put(bytesOf('b'.repeat(2_000)));
    expect(textOf(large)).toBe('a'.repeat(2_000));
    place.put(new Uint8Array(100_000).subarray(0, 2_000));
    expect(inside(place)?.buffer.byteLength).toBe(2_000);
  });

  test('is the same as another one with the same bytes, which gives nothing away', () => {
    const [one, same, other, longer] = ['one', 'one', 'two', 'one more'].map((text) => holding(text));
    const [none, nothing] = [new Place(), new Place()];
    expect([same, other, longer, none].map((place) => one?.equals(place as Place))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([none.equals(nothing), none.equals(one as Place)]).toEqual([true, false]);
    const before = inside(one as Place);
    one?.put(bytesOf('two'));
    expect(inside(one as Place)).toBe(before);
  });
});
