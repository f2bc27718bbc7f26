import { expect, test } from 'vitest';
import { abridged } from '../../src/memory/abridged.js';

test('a short text is itself', () => {
  for (const text of ['', '{"a":1}', 'x'.repeat(8_192)]) expect(abridged(text)).toBe(text);
});

test('long texts are told apart by any character, and by their length', () => {
  const long = 'x'.repeat(100_000);
  const all = [
    long,
    `${long}x`,
    `y${long.slice(1)}`,
    `${long.slice(1)}y`,
    `${long.slice(50_001)}y${long.slice(50_000)}`,
  ];
  expect(new Set(all.map(abridged)).size).toBe(all.length);
  expect(abridged(long)).toBe(abridged(`${long}`));
  for (const text of all) expect(abridged(text).length).toBeLessThan(1_200);
});

test('no pair is cut in half', () => {
  const half = /[\ud800-\udbff](?![\udc00-\udfff])/;
  expect(abridged(`x${'😀'.repeat(10_000)}`)).not.toMatch(half);
});
