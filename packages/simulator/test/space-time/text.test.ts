import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, legible } from '../../src/space-time/label.js';
import { drawText } from '../../src/space-time/text.js';
import { anyText, plainText, tales } from './tales.js';
import { Teller, troubledWrite } from './teller.js';

/** A picture as lines, and the lines as a picture. */
function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

const everything = 100_000;

test('a write that meets every trouble', () => {
  expect(drawText(troubledWrite())).toBe(
    lines(
      '    a                           b                    c',
      '1   ┏ write x = 1               │                    │',
      '2   ┠ 1→a 2→b 3→c store 1       │                    │',
      '3   ┠ ↺ 1 store 1 ↑2            │                    │',
      '4   ┠─ 4 overtakes 2: hello ───►│                    │',
      '5   ┃ ↑2 ╌ 2 store 1 ╌╌╌╌╌╌╌╌╌╌►├ 5→a stored         │',
      '6   ┃                           │                    ┏ read x',
      '7   ┃                           │ ×── 6 lost: query ─┨',
      '8   ┃◄╌╌╌╌╌╌╌╌╌╌╌ 5 stored ╌ ↑5 │                    ┃',
      '9   ┃◄╌╌╌╌ 5 again: stored ╌ ↑5 │                    ┃',
      '10  ┗ ok ← write x = 1          │                    ┃',
      '11  │                           │                    ╳ crash',
      '',
      'Still under way:',
      '  row 6: c (has ended)  read x',
      '  row 2: a → c (has ended)  3 store 1',
    ),
  );
});

test('the widest lanes are narrowed first, and what no longer fits is cut', () => {
  expect(drawText(troubledWrite(), { width: 44 })).toBe(
    lines(
      '    a              b              c',
      '1   ┏ write x = 1  │              │',
      '2   ┠ 1→a store 1  │              │',
      '3   ┠ 2→b store 1  │              │',
      '4   ┠ 3→c store 1  │              │',
      '5   ┠ ↺ 1 store 1… │              │',
      '6   ┠─ 4 overta… ─►│              │',
      '7   ┃╌ 2 store 1 ╌►├ 5→a stored   │',
      '8   ┃              │              ┏ read x',
      '9   ┃              │ × 6 lost: … ─┨',
      '10  ┃◄╌╌ 5 stored ╌│              ┃',
      '11  ┃◄╌ 5 again:… ╌│              ┃',
      '12  ┗ ok ← write … │              ┃',
      '13  │              │              ╳ crash',
      '',
      'Still under way:',
      '  row 8: c (has ended)  read x',
      '  row 4: a → c (has ended)  3 store 1',
    ),
  );
});

test('arrows pass behind the lifelines between, and through where there is none any more', () => {
  const story = new Teller('a', 'b', 'c')
    .send(1, ['a', 'c'], 'over')
    .receive(1, ['a', 'c'])
    .send(2, ['c', 'a'], 'back')
    .end('b', 'crash')
    .receive(2, ['c', 'a'])
    .send(3, ['a', 'c'], 'gone')
    .send(4, ['a', 'b'], 'late')
    .lose(3);
  expect(drawText(story)).toBe(
    lines(
      '   a                       b                 c',
      '1  ├─ 1 over ──────────────│────────────────►├ 2→a back',
      '2  │                       ╳ crash           │',
      '3  │◄╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 2 back ╌ ↑1 │',
      '4  ├ 3→c gone                                │',
      '5  ├ 4→b late                                │',
      '6  │ ↑4 ╌ 3 lost: gone ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌× │',
      '',
      'Still under way:',
      '  row 5: a → b (has ended)  4 late',
    ),
  );
});

test('operations of one member that overlap keep the lifeline thick', () => {
  const story = new Teller('a')
    .invoke('a', 1, 'read x')
    .invoke('a', 2, 'read y')
    .event('a', 'pause')
    .returns('a', 1, 'absent')
    .send(1, ['a', 'a'], 'ping')
    .receive(1, ['a', 'a'])
    .send(2, ['a', 'a'], 'ping')
    .lose(2)
    .returns('a', 2, '7')
    .event('a', 'timer');
  expect(drawText(story)).toBe(
    lines(
      '   a',
      '1  ┏ read x',
      '2  ┣ read y',
      '3  ● pause',
      '4  ┣ absent ← read x',
      '5  ┠ ↺ 1 ping',
      '6  ┠ × 2 lost: ping',
      '7  ┗ 7 ← read y',
      '8  ● timer',
    ),
  );
});

test('what began before the story is shown by its number', () => {
  const story = new Teller('a', 'b')
    .receive(7, ['a', 'b'])
    .returns('b', 3, 'ok')
    .lose(8)
    .receive(9, ['b', 'b'])
    .receive(7, ['a', 'b']);
  expect(drawText(story)).toBe(
    lines(
      '   a              b',
      '1  │╌ 7 ╌╌╌╌╌╌╌╌╌►┗ ok ← operation 3',
      '2  │ × 8 lost     │',
      '3  │              ├ ↺ 9',
      '4  │╌ 7 again ╌╌╌►│',
    ),
  );
});

test('what a member does about a message from the left stands beside it, once', () => {
  const story = new Teller('a', 'b')
    .send(1, ['a', 'b'], 'ask')
    .receive(1, ['a', 'b'])
    .send(2, ['b', 'a'], 'yes')
    .send(3, ['b', 'a'], 'no')
    .receive(2, ['b', 'a'])
    .send(4, ['a', 'b'], 'thanks')
    .event('b', 'timer');
  expect(drawText(story)).toBe(
    lines(
      '   a                b',
      '1  ├─ 1 ask ───────►├ 2→a yes',
      '2  │                ├ 3→a no',
      '3  │◄╌╌╌ 2 yes ╌ ↑1 │',
      '4  ├ 4→b thanks     │',
      '5  │                ● timer',
      '',
      'Still under way:',
      '  row 2: b → a  3 no',
      '  row 4: a → b  4 thanks',
    ),
  );
});

test('nobody and nothing', () => {
  expect(drawText({ members: [], moments: [] })).toBe('');
  expect(drawText({ members: ['a', 'b'], moments: [] })).toBe('    a       b\n'.slice(1));
});

test('a moment of nobody is refused', () => {
  const story = { members: ['a'], moments: [{ kind: 'event', at: 1, label: 'x' }] as const };
  expect(() => drawText(story)).toThrow(new RangeError('Moment 0 is of member 1; there are 1 members'));
  const sent = { kind: 'send', at: 0, to: 3, flight: 1, label: '' } as const;
  expect(() => drawText({ members: ['a'], moments: [sent] })).toThrow(RangeError);
});

test('a member that is heard of again has a lifeline again', () => {
  const text = drawText(new Teller('a').end('a', 'crash').event('a', 'restart').event('a', 'timer'));
  expect(text).toBe(lines('   a', '1  ╳ crash', '2  ● restart', '3  ● timer'));
});

test('the same number may be used for another message', () => {
  const story = new Teller('a', 'b')
    .send(1, ['a', 'b'], 'one')
    .receive(1, ['a', 'b'])
    .send(1, ['b', 'a'], 'two')
    .receive(1, ['b', 'a']);
  expect(drawText(story)).not.toContain('again');
});

test('a hundred columns are enough for three members; more members have more', () => {
  const long = 'x'.repeat(500);
  for (const [size, width] of [
    [1, 100],
    [3, 100],
    [4, 124],
    [9, 244],
  ] as const) {
    const names = Array.from({ length: size }, (_, slot) => `m${slot}`);
    const story = names.reduce((told, name) => told.event(name, long), new Teller(...names));
    const widths = drawText(story)
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeGreaterThan(width - size - 4);
    expect(Math.max(...widths)).toBeLessThanOrEqual(width);
  }
});

test('no line is wider than asked for, whatever the labels', () => {
  fc.assert(
    fc.property(tales(anyText), fc.integer({ min: 1, max: 160 }), (story, width) => {
      const least = `${story.moments.length}`.length + 2 + 8 * story.members.length;
      const text = drawText(story, { width });
      for (const line of text.split('\n')) {
        expect(columnsOf(line).length).toBeLessThanOrEqual(Math.max(width, least));
        expect(line).not.toMatch(/\s$/);
      }
      expect(drawText(story, { width })).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('no more rows than moments, and each lifeline stays in its column', () => {
  fc.assert(
    fc.property(tales(anyText, { ends: false }), fc.integer({ min: 1, max: 160 }), (story, width) => {
      const [head = '', ...rest] = drawText(story, { width }).split('\n');
      const rows = rest.slice(0, rest.indexOf(''));
      expect(rows.length).toBeLessThanOrEqual(story.moments.length);
      const columns = story.members.map((name) => head.indexOf(name));
      rows.forEach((row, index) => {
        expect(row).toMatch(new RegExp(`^${index + 1} `));
        for (const column of columns) expect('│┃├┠┤┨┏┣┗●').toContain(columnsOf(row)[column]);
      });
    }),
    { numRuns: 300 },
  );
});

test('everything that is said in a story can be read, where there is room', () => {
  fc.assert(
    fc.property(tales(anyText), (story) => {
      const text = drawText(story, { width: everything });
      const ellipses = story.moments.filter((moment) => 'label' in moment && moment.label.includes('…'));
      for (const moment of story.moments) {
        if ('label' in moment) expect(text).toContain(legible(moment.label).trimEnd());
        if (ellipses.length === 0) expect(text).not.toContain('…');
      }
    }),
    { numRuns: 200 },
  );
});

test('where there is little room, a label is there as far as it fits', () => {
  fc.assert(
    fc.property(tales(plainText, { ends: false }), fc.integer({ min: 30, max: 200 }), (story, width) => {
      const text = drawText(story, { width });
      for (const moment of story.moments) {
        if (moment.kind !== 'invoke' && moment.kind !== 'event') continue;
        const cuts = Array.from(moment.label, (_, kept) => `${moment.label.slice(0, kept)}…`);
        const shown = [moment.label, ...cuts].some((label) => new RegExp(`[┏┣●] ${label}`).test(text));
        expect(shown, `${moment.label} in\n${text}`).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('every message can be followed from its departure to its ends', () => {
  fc.assert(
    fc.property(tales(plainText), (story) => {
      const text = drawText(story, { width: everything });
      const rows = text.split('\n');
      for (const moment of story.moments) {
        if (moment.kind !== 'send') continue;
        const { flight, to } = moment;
        const ends = story.moments.filter((end) => 'flight' in end && end.flight === flight).length - 1;
        const departs = rows.filter((row) => new RegExp(`[├┠ ] ?${flight}→m${to} `).test(row)).length;
        const arrivals = rows.filter((row) => new RegExp(`[─╌↺×] ${flight} |[◄] ${flight} `).test(row));
        const listed = rows.filter((row) =>
          new RegExp(`^ {2}row .*m\\d(?: \\(.*\\))? {2}${flight} `).test(row),
        );
        expect(arrivals.length, `${flight} in\n${text}`).toBe(ends);
        expect(listed.length).toBe(ends === 0 ? 1 : 0);
        const atOnce = new RegExp(`[─◄] ?${flight} |[├┠] [↺×] ${flight} [^↑]*$`);
        // Two messages may share a row, one of them late; the row of a departure is said behind one to oneself.
        expect(departs === 1 || arrivals.some((row) => !row.includes('↑') || atOnce.test(row))).toBe(true);
      }
      for (const row of rows) {
        const since = /↑(\d+)/.exec(row)?.[1];
        const flight = /[╌↺×] (\d+) /.exec(row)?.[1] ?? /[◄╌] (\d+) /.exec(row)?.[1];
        if (since !== undefined)
          expect(rows[Number(since)]).toMatch(new RegExp(` ${flight}→m|[─↺] ${flight} `));
      }
    }),
    { numRuns: 200 },
  );
});
