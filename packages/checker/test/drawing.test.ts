import { expect, test } from 'vitest';
import { checkLinearizable, renderHistory } from '../src/index.js';
import { cas, read, remove, write } from './story.js';

function drawing(...lines: string[]): string {
  return lines.join('\n');
}

test('a client is a row, an operation goes from its start to its end', () => {
  const story = [
    write('a', 1, [0, 10]),
    write('b', 2, [20, 60]),
    read('c', 2, [30, 40]),
    read('a', 1, [70, 80]),
  ];
  expect(renderHistory(story)).toBe(
    drawing('a │ [write 1]            [read 1]', 'b │           [write 2 ]', 'c │            [read 2]'),
  );
});

test('an unknown outcome runs into the edge', () => {
  expect(renderHistory([write('a', 1, [0, null]), read('b', 1, [5, 6])])).toBe(
    drawing('a │ [write 1 ?', 'b │  [read 1]'),
  );
  expect(renderHistory([write('a', 1, [0, null]), read('b', 'a longer value', [5, 6])])).toBe(
    drawing('a │ [write 1 ?···············', 'b │  [read "a longer value"]'),
  );
});

test('operations that touch in time overlap in the drawing', () => {
  expect(renderHistory([write('a', 1, [0, 5]), write('b', 2, [5, 9])])).toBe(
    drawing('a │ [write 1]', 'b │  [write 2]'),
  );
});

test('labels say everything but long values', () => {
  const story = [
    remove('a', [0, 1]),
    read('a', undefined, [2, 3]),
    cas('a', undefined, 1, true, [4, 5]),
    cas('a', 7, 2, false, [6, 7]),
    cas('b', 1, 2, undefined, [8, null]),
    write('c', { text: 'a very long value' }, [10, 11]),
    read('d', undefined, [12, null]),
  ];
  const text = renderHistory(story);
  for (const label of [
    '[delete]',
    '[read absent]',
    '[cas absent→1]',
    '[cas 7→2 refused]',
    '[cas 1→2 ?',
    '[read ?',
  ]) {
    expect(text).toContain(label);
  }
  expect(text).toContain('[write {"text":"a very…]');
});

test('a client that overlaps itself has two rows, several keys are named, rows are in order', () => {
  const story = [
    write('c10', 1, [0, 9]),
    { ...write('c9', 2, [1, 2]), key: 'y' },
    { ...read('c10', 2, [3, 4]), key: 'y' },
  ];
  expect(
    renderHistory(story)
      .split('\n')
      .map((row) => row.slice(0, 5).trim()),
  ).toEqual(['c9  │', 'c10 │', 'c10 │']);
  expect(renderHistory(story)).toContain('[y: read 2');
});

test('nothing is drawn of nothing', () => {
  expect(renderHistory([])).toBe('');
});

test('the drawing of a counter-example', () => {
  const story = [write('a', 1, [0, 1]), write('a', 9, [0, 30]), write('b', 2, [2, 3]), read('c', 1, [4, 5])];
  const { counterexample } = checkLinearizable(story);
  expect(renderHistory(counterexample?.operations ?? [])).toBe(
    drawing('a │ [write 1]', 'b │           [write 2]', 'c │                     [read 1]'),
  );
});
