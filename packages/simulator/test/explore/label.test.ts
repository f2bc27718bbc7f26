import { encodeValue } from '@dsm/core';
import { expect, test } from 'vitest';
import { labelOf, valueLabel } from '../../src/index.js';

const bytes = (text: string) => encodeValue(text, 64);

test.each<readonly [string, unknown]>([
  ['query 1 x', { type: 'query', round: 1, key: 'x', confirmed: [] }],
  ["store 2 x 32 'a'", { type: 'store', round: 2, key: 'x', tag: 32, value: bytes('a'), writeBack: false }],
  ["store 2 x writeBack 'a'", { type: 'store', round: 2, key: 'x', value: bytes('a'), writeBack: true }],
  ['grant 0 x', { round: 0, key: 'x', kind: 'grant' }],
  ['vote 1 2 3 4', { type: 'vote', a: 1, b: 2, c: 3, d: 4, e: 5 }],
  [
    'vote',
    { type: 'vote', large: 10_000, part: 0.5, long: 'thirteen char', none: null, empty: '', map: new Map() },
  ],
  ['vote -9999 9999 twelve chars', { type: 'vote', one: -9_999, other: 9_999, text: 'twelve chars' }],
  ['7 x', { time: 7, key: 'x' }],
  ['message', { list: [1] }],
  ['text', 'text'],
  ['null', null],
])('%s', (label, message) => {
  expect(labelOf(message)).toBe(label);
});

test.each([
  ['absent', null],
  ["''", bytes('')],
  ["'12345678'", bytes('12345678')],
  ['10 bytes', bytes('123456789')],
  ['3 bytes', bytes('é')],
  ['1 bytes', Uint8Array.of(31)],
  ["' ~'", bytes(' ~')],
  ['2 bytes', encodeValue(7, 64)],
  ['1 bytes', Uint8Array.of(127)],
])('a value: %s', (label, value) => {
  expect(valueLabel(value)).toBe(label);
});
