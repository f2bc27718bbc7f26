import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failuresIn, operationsIn } from '../src/processes/log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsm-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A log with these events, and after them the beginning of a line. */
function logOf(...events: object[]): string {
  const file = join(folder, 'log');
  writeFileSync(file, [...events.map((event) => JSON.stringify(event)), '{"id":"to'].join('\n'));
  return file;
}

const begun = { id: '1', client: 'a 0', key: 'x', start: '10' };
const write = { ...begun, value: 'v' };

test('what ended has its times, and what it read or the place of what it wrote', () => {
  const file = logOf(
    begun,
    { ...write, id: '2' },
    { id: '2', version: '7', end: '20' },
    { id: '1', read: 'r', end: '9007199254740993' },
  );
  expect(operationsIn(file, (version) => [Number(version), 1, 2])).toEqual([
    { client: 'a 0', key: 'x', op: 'read', value: 'r', start: 10n, end: 9007199254740993n },
    { client: 'a 0', key: 'x', op: 'write', value: 'v', start: 10n, end: 20n, order: [7, 1, 2] },
  ]);
  expect(operationsIn(file)[1]).not.toHaveProperty('order');
  expect(failuresIn(file)).toEqual([]);
});

test('what never ended, or may have happened, has no end; what surely did not happen is left out', () => {
  const file = logOf(
    write,
    { ...write, id: '2' },
    { id: '2', failed: 'unknown', end: '20' },
    { ...write, id: '3' },
    { id: '3', failed: 'not-applied', end: '20' },
  );
  const pending = { client: 'a 0', key: 'x', op: 'write', value: 'v', start: 10n, end: null };
  expect(operationsIn(file)).toEqual([pending, pending]);
  expect(failuresIn(file).map(({ id }) => id)).toEqual(['1', '2', '3']);
});

test('a process that was never under load did nothing', () => {
  const file = join(folder, 'none');
  expect([operationsIn(file), failuresIn(file)]).toEqual([[], []]);
});
