import { expect, test } from 'vitest';
import { drawSvg } from '../../src/space-time/svg.js';
import { drawText } from '../../src/space-time/text.js';
import type { Story } from '../../src/story.js';
import { Teller } from './teller.js';

function rowsOf(story: Story, width?: number): string[] {
  return drawText(story, { width }).trimEnd().split('\n');
}

function overtakings(story: Story): string[] {
  return drawText(story).match(/\d+ overtakes [\d ]*\d/g) ?? [];
}

const way = ['a', 'c'] as const;
const three = () => new Teller('a', 'b', 'c');

test('a message overtakes what was sent before it on the same way and arrives after it', () => {
  const story = three().send(1, way, 'x').send(2, way, 'x').send(3, way, 'x');
  expect(overtakings(story.receive(3, way).receive(1, way).receive(2, way))).toEqual(['3 overtakes 1 2']);
});

test('in order, from two senders, or past what never arrives, nothing is overtaken', () => {
  const inOrder = three().send(1, way, 'x').send(2, way, 'x').receive(1, way).receive(2, way);
  const two = three().send(1, way, 'x').send(2, ['b', 'c'], 'x').receive(2, ['b', 'c']).receive(1, way);
  const lost = three().send(1, way, 'x').send(2, way, 'x').receive(2, way).lose(1);
  const open = three().send(1, way, 'x').send(2, way, 'x').receive(2, way);
  for (const story of [inOrder, two, lost, open]) expect(overtakings(story)).toEqual([]);
});

test('messages share a row when one member sends the same to several, and none arrives at once', () => {
  const senders = three().send(1, ['a', 'b'], 'x').send(2, ['b', 'c'], 'x');
  expect(rowsOf(senders).slice(1, 3)).toEqual(['1  ├ 1→b x │       │', '2  │       ├ 2→c x │']);
  const direct = three().send(1, ['a', 'b'], 'x').send(2, ['a', 'b'], 'x').receive(2, ['a', 'b']);
  expect(rowsOf(direct)[1]).toMatch(/├ 1→b x {2}/);
  expect(rowsOf(direct)[2]).toMatch(/├─ 2 x ─+►│/);
});

test('what a member does is not beside a message that did not reach it', () => {
  const story = new Teller('a', 'b').send(1, ['a', 'b'], 'x').lose(1).event('b', 'timer');
  expect(rowsOf(story)).toHaveLength(3);
});

test('a crash ends the operations of its member; heard of again, it has not ended', () => {
  const story = new Teller('a', 'b')
    .invoke('b', 1, 'read')
    .end('b', 'crash')
    .event('b', 'restart')
    .event('a', 'timer')
    .send(1, ['a', 'b'], 'x');
  const rows = rowsOf(story);
  expect(rows[4]).toMatch(/● timer +│$/);
  expect(rows.slice(-2)).toEqual(['  row 1: b  read', '  row 5: a → b  1 x']);
});

test('a label on its way past a member takes the whole lane', () => {
  const story = three().send(1, way, 'abcdefghij').receive(1, way);
  expect(rowsOf(story, 40)[1]).toBe('1  ├─ 1 abcdefghij ────│──────►│');
  expect(rowsOf(story, 27)[1]).toBe('1  ├─ 1 a… │──────►│');
});

test('names are cut where there is no room for them', () => {
  const story = new Teller('n'.repeat(30), 'm'.repeat(30)).event('m'.repeat(30), 'x');
  expect(rowsOf(story, 24)[0]).toBe('   nnnnnnnn… mmmmmmmm…');
});

test('members that send at the same time do so from points of their own', () => {
  const svg = drawSvg(
    new Teller('a', 'b').send(1, ['a', 'b'], 'x').send(2, ['b', 'a'], 'x').send(3, ['b', 'a'], 'y'),
  );
  expect([...svg.matchAll(/cy="(\d+)"/g)].map(([, y]) => y)).toEqual(['64', '90', '90']);
});
