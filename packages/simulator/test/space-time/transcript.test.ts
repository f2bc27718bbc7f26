import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transcriptOf } from '../../src/space-time/transcript.js';
import type { Story } from '../../src/story.js';
import { anyText, tales } from './tales.js';
import { Teller, troubledWrite } from './teller.js';

function linesOf(story: Story): string[] {
  return transcriptOf(story).split('\n').slice(0, -1);
}

test('a line for each moment, in words', () => {
  expect(linesOf(troubledWrite())).toEqual([
    'a  write x = 1 begins',
    'a → a  store 1',
    'a → b  store 1',
    'a → c  store 1',
    'a ← a  store 1',
    'a → b  hello',
    'b ← a  hello',
    'b ← a  store 1',
    'b → a  stored',
    'c  read x begins',
    'c → b  query',
    'c → b  query is lost',
    'a ← b  stored',
    'a ← b  stored again',
    'a  write x = 1 returns ok',
    'c  crash (end)',
  ]);
});

test('of what is alike and under way at once the second is told apart, and only then', () => {
  const story = new Teller('a', 'b')
    .send(1, ['a', 'b'], 'ping')
    .send(2, ['b', 'a'], 'ping')
    .send(3, ['a', 'b'], 'ping')
    .receive(3, ['a', 'b'])
    .send(4, ['a', 'b'], 'ping')
    .receive(1, ['a', 'b'])
    .receive(4, ['a', 'b'])
    .invoke('a', 5, 'read x')
    .invoke('a', 6, 'read x')
    .invoke('b', 5, 'read x')
    .returns('a', 6, '1')
    .returns('a', 5, '2')
    .invoke('a', 7, 'read x')
    .send(5, ['a', 'b'], 'ping');
  expect(linesOf(story)).toEqual([
    'a → b  ping',
    'b → a  ping',
    'a → b  ping (2)',
    'b ← a  ping (2)',
    'a → b  ping (2)',
    'b ← a  ping',
    'b ← a  ping (2)',
    'a  read x begins',
    'a  read x (2) begins',
    'b  read x begins',
    'a  read x (2) returns 1',
    'a  read x returns 2',
    'a  read x begins',
    'a → b  ping',
  ]);
});

test('what is repeated, or never arrives, is under way until then', () => {
  const story = new Teller('a', 'b')
    .send(1, ['a', 'b'], 'ping')
    .receive(1, ['a', 'b'])
    .send(2, ['a', 'b'], 'ping')
    .receive(1, ['a', 'b'])
    .send(3, ['a', 'b'], 'ping');
  expect(linesOf(story)).toEqual([
    'a → b  ping',
    'b ← a  ping',
    'a → b  ping (2)',
    'b ← a  ping again',
    'a → b  ping',
  ]);
});

test('what began before the story is named by its number', () => {
  const story = new Teller('a', 'b')
    .receive(7, ['a', 'b'])
    .lose(8)
    .returns('a', 3, 'ok')
    .receive(7, ['a', 'b']);
  expect(linesOf(story)).toEqual([
    'b ← a  flight 7',
    'flight 8 is lost',
    'a  operation 3 returns ok',
    'b ← a  flight 7 again',
  ]);
});

test('names and labels stay on their line', () => {
  expect(linesOf(new Teller('a\n').event('a\n', 'b\tc'))).toEqual(['a\\n  b\\tc']);
  expect(transcriptOf({ members: [], moments: [] })).toBe('');
});

test('as many lines as moments, and each starts with its member', () => {
  fc.assert(
    fc.property(tales(anyText), (story) => {
      const lines = linesOf(story);
      expect(lines).toHaveLength(story.moments.length);
      story.moments.forEach((moment, index) => {
        if ('at' in moment) expect(lines[index]).toMatch(new RegExp(`^m${moment.at}(?: |$)`));
        expect(lines[index]).not.toMatch(/\s$/);
      });
      expect(linesOf(story)).toEqual(lines);
    }),
    { numRuns: 200 },
  );
});

test('no two messages that are under way at once have the same line', () => {
  fc.assert(
    fc.property(tales(fc.constantFrom('ping', 'pong')), (story) => {
      const lines = linesOf(story);
      const under = new Map<number, string>();
      story.moments.forEach((moment, index) => {
        if (!('flight' in moment)) return;
        const { flight } = moment;
        if (moment.kind === 'send') {
          expect([...under.values()]).not.toContain(lines[index]);
          under.set(flight, lines[index] ?? '');
        }
        const last = story.moments.findLastIndex((other) => 'flight' in other && other.flight === flight);
        if (last === index && moment.kind !== 'send') under.delete(flight);
      });
    }),
    { numRuns: 200 },
  );
});
