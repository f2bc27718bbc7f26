import { checkCausal } from '@dsm/checker';
import type { RawVersion, Result } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { Deed, encoded, unseen } from '../src/ledger.js';
import { versioned } from '../src/versioned.js';

let moment = 0;

/** An operation at a member; without a version it has not ended. A write of `undefined` is a delete. */
function deed(
  name: 'read' | 'write',
  at: number,
  value: number | undefined,
  version?: RawVersion,
  key = 'x',
): Deed {
  moment += 1;
  const one = new Deed(moment, moment, at, { name, key, value }, unseen, 2 * moment);
  if (version === undefined) return one;
  one.end = 2 * moment + 1;
  const read: Result = { kind: 'read', entry: { value: encoded(value), version } };
  one.result = name === 'read' ? read : { kind: 'written', version };
  return one;
}

const write = (at: number, value: number | undefined, version?: RawVersion) =>
  deed('write', at, value, version);
const read = (at: number, value: number | undefined, version: RawVersion) => deed('read', at, value, version);
const verdict = (...deeds: Deed[]) => checkCausal(versioned(deeds)).verdict;

describe('operations with their versions', () => {
  test('tell equal values apart', () => {
    expect(verdict(write(0, 7, 1), write(0, 7, 2), read(1, 7, 2), read(1, 7, 2))).toBe('legal');
    expect(verdict(write(0, 7, 1), write(0, 7, 2), read(1, 7, 2), read(1, 7, 1))).toBe('illegal');
  });

  test('tell a delete from another one, and from absence at first', () => {
    expect(verdict(write(0, undefined, 1), write(0, 7, 2), read(1, undefined, 1), read(1, 7, 2))).toBe(
      'legal',
    );
    expect(verdict(write(0, undefined, 1), write(0, 7, 2), read(1, 7, 2), read(1, undefined, 1))).toBe(
      'illegal',
    );
  });

  test('go with their values: a version with a value that it never had was not written', () => {
    expect(verdict(write(0, 7, 1), read(1, 8, 1))).toBe('illegal');
  });

  test('are of the session of their member', () => {
    expect(verdict(write(0, 7, 1), write(0, 8, 2), read(0, 7, 1))).toBe('illegal');
  });

  test('are left out where a read cannot say which delete it saw', () => {
    expect(versioned([write(0, 7, 1), write(0, undefined, 2), read(1, undefined, 0)])).toHaveLength(2);
    expect(versioned([write(0, 7, 1), read(1, undefined, 0)])).toHaveLength(2);
    expect(verdict(write(0, 7, 1), read(0, undefined, 0))).toBe('illegal');
  });

  test('know the version of a write that did not end from those who read it', () => {
    expect(verdict(write(0, 7), read(1, 7, 5), write(1, 8, 6), read(2, 8, 6), read(2, 7, 5))).toBe('illegal');
    expect(verdict(write(0, 7), read(1, 7, 5), read(2, 7, 5))).toBe('legal');
    expect(verdict(write(0, 7), write(0, 8, 6), read(2, 8, 6))).toBe('legal');
  });
});
