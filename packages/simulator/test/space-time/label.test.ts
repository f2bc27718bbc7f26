import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, cut, legible } from '../../src/space-time/label.js';
import { anyText } from './tales.js';

test('what cannot be seen is shown as an escape, everything else stays', () => {
  expect(legible('a\nb\tc\rd')).toBe('a\\nb\\tc\\rd');
  expect(legible('\u001b[31m\u202e\u00a0\ud800\uffff\u2028')).toBe(
    '\\u{1b}[31m\\u{202e}\\u{a0}\\u{d800}\\u{ffff}\\u{2028}',
  );
  expect(legible('\u0301\u0301a\u0301')).toBe('\\u{301}\u0301a\u0301');
  expect(legible('é "x" \\n 字 👩')).toBe('é "x" \\n 字 👩');
});

test('a character with marks takes a column, a wide one two', () => {
  expect(columnsOf('ae\u0301\u0302b')).toEqual(['a', 'e\u0301\u0302', 'b']);
  expect(columnsOf('字a')).toEqual(['字', '', 'a']);
  expect(columnsOf('👩한Ａ가')).toHaveLength(8);
  expect(columnsOf('\u0301')).toEqual(['\u0301']);
  expect(columnsOf('字\u0301')).toEqual(['字\u0301', '']);
});

test('what is too long ends in an ellipsis, and no wide character is halved', () => {
  expect(cut(columnsOf('abcd'), 4).join('')).toBe('abcd');
  expect(cut(columnsOf('abcd'), 3).join('')).toBe('ab…');
  expect(cut(columnsOf('abcd'), 1).join('')).toBe('…');
  expect(cut(columnsOf('abcd'), 0).join('')).toBe('');
  expect(cut(columnsOf('a字b'), 3).join('')).toBe('a …');
  expect(cut(columnsOf('字字b'), 3).join('')).toBe('字…');
});

test('a cut text is a beginning of the whole, of as many columns as there are', () => {
  fc.assert(
    fc.property(anyText, fc.nat(50), (text, most) => {
      const columns = columnsOf(legible(text));
      const kept = cut(columns, most);
      expect(kept.length).toBe(Math.min(columns.length, most));
      expect(columnsOf(kept.join(''))).toEqual(kept);
      expect(columns.join('').startsWith(kept.join('').replace(/ ?…$/, ''))).toBe(true);
      expect(columns.join('')).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }),
    { numRuns: 500 },
  );
});
