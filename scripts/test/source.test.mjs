import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, importsOf } from '../tidy/source.mjs';

describe('codeOf', () => {
  const examples = [
    ['a line comment', 'a; // b\nc', 'a;     \nc'],
    ['a block comment', 'a /* b\nc */ d', 'a     \n     d'],
    ['strings and their escapes', `f('a\\'b', "c'd")`, `f('    ', "   ")`],
    ['comment marks in a string', `f('//a') + b`, `f('   ') + b`],
    ['a template and the code in it', 'f(`a ${b + `c`} d`)', 'f(`  ${b + ` `}  `)'],
    ['an object in a template', 'f(`${g({ a: 1 })}b`)', 'f(`${g({ a: 1 })} `)'],
    ['a regular expression', `f(/['"/]/, a)`.replace('/]', '\\/]'), 'f(/      /, a)'],
    ['a division', 'a / b / c', 'a / b / c'],
    ['a division after a call', "f(a) / 2; '/'", "f(a) / 2; ' '"],
    ['an expression after return', "return /'/.test(a)", 'return / /.test(a)'],
  ];
  it.each(examples)('blanks %s', (_, text, code) => expect(codeOf(text)).toBe(code));

  it('keeps the length and the lines of every text', () => {
    const pieces = fc.constantFrom(
      "'",
      '"',
      '`',
      '${',
      '}',
      '{',
      '/',
      '*',
      '//',
      '/*',
      '*/',
      '\\',
      '\n',
      'a',
      ' ',
    );
    const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));
    const lines = (text) => [...text].map((character) => character === '\n');
    fc.assert(fc.property(texts, (text) => void expect(lines(codeOf(text))).toEqual(lines(text))));
  });
});

describe('importsOf', () => {
  it('names every form of import with its line', () => {
    const text = `import 'a';
import type { B } from "b";
export { c } from 'c';
const d = await import('d');
let e: import('e').E;`;
    expect(importsOf(text)).toEqual([
      { specifier: 'a', dynamic: false, line: 1 },
      { specifier: 'b', dynamic: false, line: 2 },
      { specifier: 'c', dynamic: false, line: 3 },
      { specifier: 'd', dynamic: true, line: 4 },
      { specifier: 'e', dynamic: true, line: 5 },
    ]);
  });
});
