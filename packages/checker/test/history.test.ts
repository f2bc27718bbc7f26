import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkLinearizable,
  History,
  HistoryError,
  type Json,
  type Operation,
  parseHistory,
  parseOperation,
  readHistory,
  serialiseOperation,
} from '../src/index.js';
import { registersOf } from '../src/register.js';
import { read, write } from './story.js';

const line = '{"client":"a","op":"write","key":"x","value":1,"start_ns":1,"end_ns":2}';

function lineWith(members: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(line), ...members });
}

function errorOf(run: () => unknown): HistoryError {
  try {
    run();
  } catch (error) {
    if (error instanceof HistoryError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a line', () => {
  test('is an operation', () => {
    expect(parseOperation(line)).toMatchObject({
      client: 'a',
      op: 'write',
      key: 'x',
      value: 1,
      start: 1,
      end: 2,
    });
  });

  test('keeps every digit of a time, written as a string or as a number', () => {
    const text =
      '{"client":1,"op":"read","key":"end_ns","value":{"start_ns":5},' +
      '"start_ns":9007199254740993,"end_ns":"9007199254740995"}';
    const operation = parseOperation(text);
    expect(operation.start).toBe(9007199254740993n);
    expect(operation.end).toBe(9007199254740995n);
    expect(parseOperation(serialiseOperation(operation))).toEqual(operation);
  });

  test('without a value is about absent; null is a value', () => {
    const history = parseHistory(
      '{"client":1,"op":"read","key":"x","start_ns":1,"end_ns":2}\n' +
        '{"client":1,"op":"write","key":"x","value":null,"start_ns":3,"end_ns":4}\n',
    );
    expect(history.operation(0)).not.toHaveProperty('value');
    expect(history.operation(1).value).toBe(null);
    expect(checkLinearizable(history).verdict).toBe('legal');
    expect(checkLinearizable([...history, read('a', undefined, [5, 6])]).verdict).toBe('illegal');
  });

  test('may have session and order, which are kept', () => {
    const text = lineWith({ session: 's', order: [3, 1, 2] });
    const [operation] = parseHistory(text);
    expect(operation).toMatchObject({ session: 's', order: [3, 1, 2] });
    expect(parseOperation(serialiseOperation(operation as Operation))).toMatchObject({
      session: 's',
      order: [3, 1, 2],
    });
  });

  test.each([
    ['not JSON', '{"client":'],
    ['not a JSON object', '[1]'],
    ['not a JSON object', 'null'],
    ['client is neither', lineWith({ client: null })],
    ['op is none of', lineWith({ op: { toString: 1 } })],
    ['key is not', lineWith({ key: 7 })],
    ['a write has no value', lineWith({ value: undefined })],
    ['a delete has a value', lineWith({ op: 'delete' })],
    ['ends before it starts', lineWith({ start_ns: '9007199254740993', end_ns: '9007199254740992' })],
    ['start_ns is not an integer', lineWith({ start_ns: 1.5 })],
    ['start_ns is not an integer', lineWith({ start_ns: 'soon' })],
    ['end_ns is not an integer', lineWith({ end_ns: undefined })],
    ['end_ns is not an integer', line.replace('"end_ns":2', '"end_ns":1e300')],
    ['leave it out', lineWith({ ok: false })],
    ['ok is not a boolean', lineWith({ ok: 1 })],
    ['must say whether it was ok', lineWith({ op: 'cas' })],
    ['session is neither', lineWith({ session: {} })],
    ['order is not three', lineWith({ order: [1, 2] })],
    ['nested deeper', line.replace('"value":1', `"value":${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
  ])('that is malformed is refused with its number: %s', (reason, text) => {
    const error = errorOf(() => parseHistory(`${line}\n\n${text}\n${line}`));
    expect(error.line).toBe(3);
    expect(error.reason).toContain(reason);
    expect(error.message).toContain('line 3: ');
    expect(errorOf(() => parseHistory(`${text}\n`)).line).toBe(1);
  });

  test('of any text is an operation or a HistoryError', () => {
    const garbled = fc
      .tuple(fc.nat(line.length), fc.nat(6), fc.string({ maxLength: 8 }))
      .map(([at, length, text]) => {
        return line.slice(0, at) + text + line.slice(at + length);
      });
    const members = fc
      .record(
        {
          client: fc.jsonValue(),
          op: fc.constantFrom('read', 'cas', 1),
          key: fc.jsonValue(),
          value: fc.jsonValue(),
          ok: fc.jsonValue(),
          start_ns: fc.jsonValue(),
          end_ns: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((record) => JSON.stringify(record));
    fc.assert(
      fc.property(fc.oneof(garbled, members, fc.string()), (text) => {
        try {
          expect(parseHistory(text).length).toBeLessThanOrEqual(text.split('\n').length);
        } catch (error) {
          expect(error).toBeInstanceOf(HistoryError);
        }
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  test('is what serialising it gives back, whatever the value', () => {
    const instant = fc.bigInt({ min: 0n, max: 2n ** 64n });
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), instant, instant, (value, key, start, length) => {
        const operation: Operation = {
          client: key,
          op: 'write',
          key,
          value: value as Json,
          start,
          end: start + length,
        };
        const text = serialiseOperation(operation);
        const again = parseOperation(text);
        expect(text).not.toContain('\n');
        expect(serialiseOperation(again)).toBe(text);
        expect(BigInt(again.start)).toBe(start);
        expect(serialiseOperation(History.of([operation]).operation(0))).toBe(text);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test.each([[Number.NaN], [new Date(0)], [[1n]], [{ deep: new Uint8Array(1) }], [new Map()], [[undefined]]])(
    'is not made of a value that JSON would change: %s',
    (value) => {
      const operation = write('a', value as unknown as Json, [1, 2]);
      expect(() => serialiseOperation(operation)).toThrow(HistoryError);
      expect(() => History.of([operation])).toThrow(HistoryError);
    },
  );
});

describe('a history', () => {
  test('is read from text cut anywhere, with blank lines, other ends of line and a byte order mark', async () => {
    const text = `\uFEFF${line}\r\n\n${lineWith({ client: 'ä', start_ns: 3, end_ns: null })}`;
    for (let length = 1; length < 9; length += 1) {
      const chunks = text.match(new RegExp(`[^]{1,${length}}`, 'g')) as string[];
      const history = await readHistory(chunks);
      expect([...history].map(serialiseOperation)).toEqual([...parseHistory(text)].map(serialiseOperation));
      expect(history.length).toBe(2);
    }
  });

  test('is read from a stream, which rejects as parsing throws', async () => {
    async function* chunks(): AsyncGenerator<string> {
      yield `${line}\n{"cli`;
      yield 'ent":1}';
    }
    await expect(readHistory(chunks())).rejects.toMatchObject({ name: 'HistoryError', line: 2 });
  });

  test('grows to any length, and stays as it was when an operation is refused', () => {
    const history = new History();
    for (let number = 0; number < 1_000; number += 1)
      history.add(write(`c${number % 7}`, number, [number, number + 1]));
    expect(() => history.add(write('a', 1, [3, 2]))).toThrow(HistoryError);
    expect(history.length).toBe(1_000);
    expect(history.keys).toEqual(['x']);
    expect(history.operation(999)).toEqual({
      client: 'c5',
      op: 'write',
      key: 'x',
      value: 999,
      start: 999,
      end: 1_000,
    });
    expect(() => history.operation(1_000)).toThrow(RangeError);
  });

  test('of an unknown cas or write knows no result', () => {
    const unknown = lineWith({ op: 'cas', end_ns: null, ok: true });
    expect([...parseHistory(unknown)][0]).toMatchObject({ end: null });
    expect([...parseHistory(unknown)][0]).not.toHaveProperty('ok');
    expect(parseHistory(lineWith({ end_ns: null, ok: false })).length).toBe(1);
  });

  test('compares values by structure', () => {
    const one = { b: [1, { c: null }], a: 'x' };
    const other = { a: 'x', b: [1, { c: null }] };
    expect(checkLinearizable([write('a', one, [0, 1]), read('a', other, [2, 3])]).verdict).toBe('legal');
    const values: Json[] = [
      0,
      '0',
      false,
      null,
      '',
      [],
      {},
      [0],
      '[0]',
      '{}',
      { a: 1 },
      { ['__proto__']: 1 },
      [null],
    ];
    for (const value of values) {
      for (const wrong of values) {
        const { verdict } = checkLinearizable([write('a', value, [0, 1]), read('a', wrong, [2, 3])]);
        expect(verdict).toBe(value === wrong ? 'legal' : 'illegal');
      }
    }
  });

  test('compares digests like any other value', () => {
    const digest = { sha256: 'ab' };
    expect(checkLinearizable([write('a', digest, [0, 1]), read('a', { sha256: 'ab' }, [2, 3])]).verdict).toBe(
      'legal',
    );
    expect(checkLinearizable([write('a', digest, [0, 1]), read('a', { sha256: 'cd' }, [2, 3])]).verdict).toBe(
      'illegal',
    );
  });

  test.each([
    ['beyond 2^53', 2n ** 53n],
    ['since 1970', 1_700_000_000_123_456_789n],
    ['before zero', -5n],
    ['just before a second', 999_999_998n],
  ])('orders times exactly: %s', (_name, base) => {
    const later = [write('a', 1, [base, base + 1n]), read('b', undefined, [base + 2n, base + 3n])];
    expect(checkLinearizable(later).verdict).toBe('illegal');
    const touching = [write('a', 1, [base, base + 2n]), read('b', undefined, [base + 2n, base + 3n])];
    expect(checkLinearizable(touching).verdict).toBe('legal');
  });

  test('orders times exactly also when they are further apart than a double can count', () => {
    const far = 10n ** 23n;
    const story = (gap: bigint): Operation[] => [
      read('c', undefined, [-far, 3]),
      write('a', 1, [far, far + 10n]),
      read('b', undefined, [far + 10n + gap, far + 20n]),
    ];
    expect(checkLinearizable(story(1n)).verdict).toBe('illegal');
    expect(checkLinearizable(story(0n)).verdict).toBe('legal');
    const [only] = registersOf(History.of(story(1n)));
    expect(only?.register.start[2]).toBe((only?.register.end[1] as number) + 1);
  });
});
