import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, legible } from '../../src/space-time/label.js';
import { drawSvg } from '../../src/space-time/svg.js';
import { transcriptOf } from '../../src/space-time/transcript.js';
import type { Story } from '../../src/story.js';
import { anyText, tales } from './tales.js';
import { Teller, troubledWrite } from './teller.js';
import { type Element, each, parseXml, textIn } from './xml.js';

function elements(story: Story): Element[] {
  return [...each(parseXml(drawSvg(story)))];
}

function ofClass(all: readonly Element[], name: string): Element[] {
  return all.filter(({ attributes }) => attributes.class?.split(' ').includes(name));
}

/** The element of a class whose title is this. */
function titled(all: readonly Element[], title: string): Element {
  const found = all.filter(({ children }) =>
    children.some((child) => typeof child !== 'string' && child.name === 'title' && textIn(child) === title),
  );
  expect(found, title).toHaveLength(1);
  return found[0] as Element;
}

function numbersIn({ attributes }: Element): number[] {
  return (attributes.d ?? '').match(/-?[\d.]+/g)?.map(Number) ?? [];
}

function shaftOf(all: readonly Element[], title: string): number[] {
  const shafts = [...each(titled(all, title))].filter(({ attributes }) => attributes.class === 'shaft');
  expect(shafts).toHaveLength(1);
  return numbersIn(shafts[0] as Element);
}

test('an arrow slants from where it was sent to where it is received', () => {
  const all = elements(troubledWrite());
  const [a, b, c] = ofClass(all, 'name').map(({ attributes }) => Number(attributes.x)) as [
    number,
    number,
    number,
  ];
  expect([a < b, b < c]).toEqual([true, true]);
  // Levels of 26 from 64 on: the three stores share one, so the receipt of the fifth message is the eighth.
  const level = (index: number) => 64 + 26 * index;
  expect(shaftOf(all, 'a → b: 2 store 1')).toEqual([a + 5, level(1), b - 5, level(5)]);
  expect(shaftOf(all, 'a → b: 4 overtakes 2: hello')).toEqual([a + 5, level(3), b - 5, level(4)]);
  expect(shaftOf(all, 'b → a: 5 stored')).toEqual([b - 5, level(6), a + 5, level(10)]);
  expect(shaftOf(all, 'b → a: 5 again: stored')).toEqual([b - 5, level(6), a + 5, level(11)]);
  expect(shaftOf(all, 'c → b: 6 lost: query')).toEqual([c - 5, level(8), b + 24, level(9)]);
  expect(shaftOf(all, 'a → c: 3 under way: store 1')).toEqual([a + 5, level(1), c - 24, level(14)]);
  const loop = shaftOf(all, 'a → a: 1 store 1');
  expect([...loop.slice(0, 2), ...loop.slice(-2)]).toEqual([a + 5, level(1), a + 5, level(2)]);
});

test('how a message ended can be seen', () => {
  const all = elements(troubledWrite());
  const looks = (title: string) => {
    const group = titled(all, title);
    const parts = group.children.flatMap((child) =>
      typeof child === 'string' ? [] : [child.attributes.class],
    );
    return [group.attributes.class, ...parts.slice(1)];
  };
  expect(looks('a → b: 2 store 1')).toEqual(['flight received', 'shaft', 'head']);
  expect(looks('a → a: 1 store 1')).toEqual(['flight received', 'shaft', 'head']);
  expect(looks('a → b: 4 overtakes 2: hello')).toEqual(['flight overtakes', 'shaft', 'head']);
  expect(looks('b → a: 5 again: stored')).toEqual(['flight again', 'shaft', 'head']);
  expect(looks('c → b: 6 lost: query')).toEqual(['flight lost', 'shaft', 'cross']);
  expect(looks('a → c: 3 under way: store 1')).toEqual(['flight open', 'shaft']);
});

test('the head of an arrow points where the arrow goes', () => {
  const flat = new Teller('a', 'b').send(1, ['a', 'b'], '').receive(1, ['a', 'b']);
  const [head] = ofClass(elements(flat), 'head');
  const [x = 0, y = 0, oneX = 0, oneY = 0, otherX = 0, otherY = 0] = numbersIn(head as Element);
  const [startX = 0, startY = 0, tipX, tipY] = shaftOf(elements(flat), 'a → b: 1');
  expect([x, y]).toEqual([tipX, tipY]);
  const base = { x: (oneX + otherX) / 2, y: (oneY + otherY) / 2 };
  expect((y - base.y) / (x - base.x)).toBeCloseTo((y - startY) / (x - startX), 1);
  expect(Math.hypot(x - base.x, y - base.y)).toBeCloseTo(9, 0);
  expect(Math.hypot(oneX - otherX, oneY - otherY)).toBeCloseTo(8, 0);
  expect(base.x).toBeLessThan(x);
});

test('an operation is a bar as long as it takes; a lifeline ends where its member does', () => {
  const all = elements(troubledWrite());
  const bars = ofClass(all, 'bar').map(({ attributes }) => [Number(attributes.y), Number(attributes.height)]);
  expect(bars).toEqual([
    [64, 26 * 12],
    [64 + 26 * 7, 26 * 6],
  ]);
  expect(titled(all, 'c: read x (does not return)').name).toBe('g');
  const feet = ofClass(all, 'lifeline').map((line) => numbersIn(line).at(-1));
  expect(feet).toEqual([64 + 26 * 15, 64 + 26 * 15, 64 + 26 * 13]);
  const texts = all.filter(({ name }) => name === 'text').map(textIn);
  expect(texts).toEqual(expect.arrayContaining(['write x = 1', 'ok ← write x = 1', 'read x', 'crash']));
});

test('operations of one member that overlap are side by side, one that follows is not', () => {
  const story = new Teller('a')
    .invoke('a', 1, 'one')
    .invoke('a', 2, 'two')
    .returns('a', 1, 'ok')
    .invoke('a', 3, 'three')
    .event('a', 'timer')
    .end('a', 'crash')
    .event('a', 'restart')
    .returns('a', 4, 'late');
  const all = elements(story);
  expect(ofClass(all, 'bar').map(({ attributes }) => Number(attributes.x))).toEqual([24, 30, 24, 36]);
  expect(ofClass(all, 'lifeline').map(numbersIn)).toEqual([
    [28, 38, 194],
    [28, 220, 272],
  ]);
  expect(ofClass(all, 'event').filter(({ name }) => name === 'circle')).toHaveLength(2);
  expect(ofClass(all, 'cross')).toHaveLength(1);
});

test('who cannot see it is told: a title, a description, a role', () => {
  const story = troubledWrite();
  const root = parseXml(drawSvg(story));
  const [title, description] = root.children as [Element, Element];
  expect(root.attributes).toMatchObject({ role: 'img', xmlns: 'http://www.w3.org/2000/svg' });
  expect(root.attributes['aria-labelledby']).toBe(title.attributes.id);
  expect(root.attributes['aria-describedby']).toBe(description.attributes.id);
  expect([title.name, textIn(title)]).toEqual(['title', 'Space-time diagram of a, b, c']);
  expect([description.name, textIn(description)]).toEqual(['desc', transcriptOf(story)]);
});

test('light and dark pages; styles that touch nothing else in the page', () => {
  const svg = drawSvg(troubledWrite());
  const [, id = ''] = /<svg [^>]*id="([^"]*)"/.exec(svg) ?? [];
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(svg) ?? [];
  expect(style).toContain('@media (prefers-color-scheme: dark)');
  for (const [, selectors = ''] of style.replace(/@media[^{]*\{/, '').matchAll(/([^{}]+)\{[^}]*\}/g)) {
    for (const selector of selectors.replace('}', '').split(','))
      expect(selector.trim()).toMatch(new RegExp(`^#${id}`));
  }
  const [light = [], dark = []] = [style.split('@media')[0], style.split('@media')[1]?.split('\n}')[0]].map(
    (part) => [...(part ?? '').matchAll(/(--\w+): #/g)].map(([, name]) => name),
  );
  expect(dark).toEqual(light);
  const used = new Set([...style.matchAll(/var\((--\w+)\)/g)].map(([, name]) => name));
  expect(new Set(light)).toEqual(used);
  expect(drawSvg(new Teller('a', 'b', 'c'))).not.toContain(id);
  expect(svg).not.toMatch(/<script|href|url\(|http(?!:\/\/www\.w3\.org\/2000\/svg")/);
});

test('nobody and nothing', () => {
  expect(elements({ members: [], moments: [] }).map(({ name }) => name)).toContain('desc');
  const all = elements(new Teller('a').lose(3));
  expect(titled(all, '3 lost').attributes.class).toBe('flight lost');
  const early = elements(new Teller('a', 'b').receive(1, ['b', 'a']));
  const [, start, , end] = shaftOf(early, 'b → a: 1');
  expect([start, end]).toEqual([38, 64]);
  expect(() => drawSvg({ members: [], moments: [{ kind: 'event', at: 0, label: '' }] })).toThrow(RangeError);
});

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly foot: number;
}

function boxOf(element: Element): Box {
  const { x, y, 'text-anchor': anchor } = element.attributes;
  const text = textIn(element);
  const width = columnsOf(text).length * 7.2;
  const left = Number(x) - (anchor === 'end' ? width : 0);
  return { text, left, right: left + width, foot: Number(y) };
}

test('well-formed whatever the labels; every text inside the picture, whole or cut, and none upon another', () => {
  fc.assert(
    fc.property(tales(anyText), (story) => {
      const svg = drawSvg(story);
      const root = parseXml(svg);
      const all = [...each(root)];
      const [width, height] = [Number(root.attributes.width), Number(root.attributes.height)];
      const boxes = all.filter(({ name }) => name === 'text').map(boxOf);
      boxes.forEach((box, index) => {
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.right).toBeLessThanOrEqual(width);
        expect(box.foot).toBeLessThanOrEqual(height);
        for (const other of boxes.slice(index + 1)) {
          const apart =
            Math.abs(box.foot - other.foot) >= 10 || box.right <= other.left || other.right <= box.left;
          expect(apart, `${box.text} / ${other.text}`).toBe(true);
        }
      });
      const titles = all.filter(({ name }) => name === 'title').map(textIn);
      for (const moment of story.moments) {
        if (!('label' in moment)) continue;
        const label = legible(moment.label).trimEnd();
        expect(titles.some((title) => title.includes(label))).toBe(true);
      }
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(drawSvg(story)).toBe(svg);
    }),
    { numRuns: 200 },
  );
});
