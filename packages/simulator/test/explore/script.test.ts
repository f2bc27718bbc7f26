import { expect, test } from 'vitest';
import { explore, parseScript, ScriptError } from '../../src/index.js';
import { Primary, primary } from './fixtures/primary.js';

const x = (does: string) => ({ does, key: 'x' });

test.each([
  ['w', [[[x('write')]]]],
  ['w | r r', [[[x('write')]], [[x('read'), x('read')]]]],
  [' w|r  r ', [[[x('write')]], [[x('read'), x('read')]]]],
  ['w & c d | r', [[[x('write')], [x('swap'), x('delete')]], [[x('read')]]]],
  [
    'wy rr |',
    [
      [
        [
          { does: 'write', key: 'y' },
          { does: 'read', key: 'r' },
        ],
      ],
      [],
    ],
  ],
  ['| | r', [[], [], [[x('read')]]]],
])("'%s' is read", (text, script) => {
  expect(parseScript(text)).toEqual(script);
});

test.each([
  ['', 'no operation'],
  [' | ', 'no operation'],
  ['x', "'x' is no operation"],
  ['wxy', "'wxy' is no operation"],
  ['W', "'W' is no operation"],
  ['w | r, r', "'r,' is no operation"],
  ['w &', "a client beside '&' does nothing"],
  ['& w', "a client beside '&' does nothing"],
  ['w & & w', "a client beside '&' does nothing"],
])("'%s' is refused: %s", (text, complaint) => {
  expect(() => parseScript(text)).toThrow(ScriptError);
  expect(() => parseScript(text)).toThrow(complaint);
});

const protocol = primary();
const noSwap = primary(Primary, { promises: { compareAndSwap: false } });

test.each([
  [
    'for too many members',
    { protocol },
    { script: parseScript('r | r | r | r') },
    'for 4 members, and there are 3',
  ],
  ['with too few members', { protocol }, { script: parseScript('r'), members: 0 }, '1 to 31 members, not 0'],
  [
    'with too many members',
    { protocol },
    { script: parseScript('r'), members: 32 },
    '1 to 31 members, not 32',
  ],
  ['with too much to do', { protocol }, { script: parseScript('r '.repeat(31)) }, 'more than 30 operations'],
  [
    'with two members of one name',
    { protocol },
    { script: parseScript('r'), names: ['a', 'b', 'a'] },
    'there are 3 members, and 2 names',
  ],
  [
    'with a property that nobody knows',
    { protocol },
    { script: parseScript('r'), properties: ['linearisable'] },
    "nothing looks for 'linearisable'",
  ],
  [
    'with a swap that is not offered',
    { protocol: noSwap },
    { script: parseScript('r c') },
    'no compare-and-swap',
  ],
])('a scenario %s is refused', (_, subject, scenario, complaint) => {
  expect(() => explore(subject, scenario)).toThrow(ScriptError);
  expect(() => explore(subject, scenario)).toThrow(complaint);
});

test('written values are unique, and a swap expects what its client wrote last to the key', () => {
  class Silent extends Primary {
    override onRequest(): void {}
  }
  const deeds = (text: string) => {
    const subject = { protocol: primary(Silent) };
    return explore(subject, { script: parseScript(text) }).violation?.schedule.filter((line) =>
      line.startsWith('m1'),
    );
  };
  expect(deeds('| c & w')).toEqual(["m1: swap x absent for 'a'", "m1: write x 'b'"]);

  class Eager extends Primary {
    override onRequest(...[from, request, host]: Parameters<Primary['onRequest']>): void {
      if (request.kind !== 'mark') super.onRequest(from, request, host);
    }
  }
  const { violation } = explore({ protocol: primary(Eager) }, { script: parseScript('w wy c d c c r') });
  expect(violation?.schedule.filter((line) => line.startsWith('m0'))).toEqual([
    "m0: write x 'a'",
    "m0: write y 'b'",
    "m0: swap x 'a' for 'c'",
    'm0: delete x',
    "m0: swap x absent for 'e'",
    "m0: swap x 'e' for 'f'",
    'm0: read x',
  ]);
});
