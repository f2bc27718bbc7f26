import type { Operation } from '@dsm/checker';
import { expect, test } from 'vitest';
import { judgeHistory } from '../src/index.js';

const verdictOf = (...operations: Operation[]) => judgeHistory('sequential', operations).verdict;

const write = (session: string, start: number, end: number): Operation => ({
  ...{ client: `${session} at ${start}`, session, op: 'write', key: 'x', value: 1 },
  ...{ start, end },
});
const read = (session: string, value: number | undefined, start: number, end: number): Operation => ({
  ...{ client: `${session} at ${start}`, session, op: 'read', key: 'x', value },
  ...{ start, end },
});

test('what another session wrote may be seen late', () => {
  expect(verdictOf(write('a', 1, 2), read('b', undefined, 3, 4))).toBe('legal');
});

test('a session does not go back', () => {
  expect(verdictOf(write('a', 1, 2), read('a', undefined, 3, 4))).toBe('illegal');
  expect(verdictOf(write('a', 1, 2), read('b', 1, 3, 4), read('b', undefined, 5, 6))).toBe('illegal');
});

test('operations of one session that overlap are not ordered', () => {
  expect(verdictOf(write('a', 1, 4), read('a', undefined, 2, 3))).toBe('legal');
  expect(verdictOf(write('a', 1, 2), read('a', undefined, 2, 3))).toBe('legal');
});

test('what follows a read of a session stays behind it, though a write of the session is under way', () => {
  const busy = { ...write('a', 1, 9), key: 'y' };
  expect(verdictOf(busy, write('b', 1, 2), read('a', 1, 3, 4), read('a', undefined, 5, 6))).toBe('illegal');
});

test('where nothing is known of an end, the session goes on beside it', () => {
  expect(verdictOf({ ...write('a', 1, 2), end: null }, read('a', undefined, 3, 4))).toBe('legal');
});

test('sessions with a number and with its digits as their names are two', () => {
  expect(verdictOf({ ...write('1', 1, 2), session: 1 }, read('1', undefined, 3, 4))).toBe('legal');
});
