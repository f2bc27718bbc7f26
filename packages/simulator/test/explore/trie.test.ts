import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ancestry } from '../../src/explore/ancestry.js';
import { Trie } from '../../src/explore/trie.js';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const sequence = fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), int32), { maxLength: 6 });

test('two sequences get the same number if and only if they are equal', () => {
  fc.assert(
    fc.property(fc.array(sequence, { maxLength: 60 }), (sequences) => {
      const trie = new Trie();
      const texts = new Map<number, string>();
      for (const one of [...sequences, ...sequences]) {
        const node = trie.of(one);
        expect(texts.get(node) ?? one.join()).toBe(one.join());
        texts.set(node, one.join());
      }
      expect(texts.size).toBe(new Set(sequences.map((one) => one.join())).size);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('numbers stay what they are while the trie grows, and a new one is the largest', () => {
  const trie = new Trie();
  const nodes: number[] = [];
  for (let element = 0; element < 20_000; element += 1) {
    nodes.push(trie.of([element % 7, element]));
    expect(nodes.at(-1)).toBe(trie.size);
  }
  expect(new Set(nodes).size).toBe(20_000);
  expect(trie.size).toBe(20_007);
  nodes.forEach((node, element) => {
    expect(trie.of([element % 7, element])).toBe(node);
  });
  expect(trie.size).toBe(20_007);
});

test('a sequence may begin behind another one', () => {
  const trie = new Trie();
  expect(trie.of([3, 4], trie.of([1, 2]))).toBe(trie.of([1, 2, 3, 4]));
  expect(trie.of([])).toBe(Trie.root);
});

test('the way to a state is found again, however many there are', () => {
  const ancestry = new Ancestry();
  ancestry.add(0, 0);
  for (let number = 1; number < 10_000; number += 1) {
    expect(ancestry.add(Math.floor(number / 2), number * 3)).toBe(number);
  }
  expect(ancestry.pathTo(0)).toEqual([]);
  expect(ancestry.pathTo(9_999)).toEqual(
    [1, 2, 4, 9, 19, 39, 78, 156, 312, 624, 1_249, 2_499, 4_999, 9_999].map((number) => number * 3),
  );
});
