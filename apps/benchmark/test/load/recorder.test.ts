import { describe, expect, it } from 'vitest';
import { kindCode, outcomeCode, rowAt } from '../../src/load/columns.js';
import { levelOf, Recorder } from '../../src/load/recorder.js';
import { levelToCheck } from '../../src/verdict.js';

function add(recorder: Recorder, key: number, value: number, measured = true): void {
  recorder.add(
    kindCode.write,
    outcomeCode.ok,
    measured,
    3,
    key,
    value,
    -1,
    value * 10,
    value * 10 + 5,
    value + 1,
  );
}

describe('Recorder', () => {
  it('writes to its memory at the beginning, and not over what it holds', () => {
    const recorder = new Recorder();
    recorder.touch();
    expect(recorder.length).toBe(0);
    add(recorder, 1, 1);
    expect(() => recorder.touch()).toThrow('erase what is recorded');
    expect(rowAt(recorder.sample(0), 0)).toMatchObject({ key: 1, value: 1 });
  });

  it('knows what memory it takes: 64 bytes for each row, from the beginning for as many as it may hold', () => {
    const recorder = new Recorder({ rowsMax: 0x1_0000, sampleMin: 1e9 });
    expect(recorder.bytes).toBe(0x1_0000 * 64);
    for (let value = 0; value <= 0x1_0000; value++) add(recorder, value, value);
    expect(recorder.bytes).toBe(0x1_8000 * 64);
  });

  it('keeps every row as it was, over many chunks', () => {
    const recorder = new Recorder();
    for (let value = 0; value < 100_000; value++) add(recorder, value % 977, value);
    const sample = recorder.sample(0);
    expect(sample.length).toBe(100_000);
    expect(rowAt(sample, 99_999)).toEqual({
      kind: kindCode.write,
      outcome: outcomeCode.ok,
      measured: true,
      client: 3,
      key: 99_999 % 977,
      value: 99_999,
      expected: -1,
      start: 999_990,
      end: 999_995,
      place: 100_000,
    });
  });

  it('tells all kinds and outcomes apart', () => {
    const recorder = new Recorder();
    for (const kind of Object.values(kindCode)) {
      for (const outcome of Object.values(outcomeCode)) {
        recorder.add(kind, outcome, false, 0, 1, 2, 3, 4, Number.POSITIVE_INFINITY);
      }
    }
    const sample = recorder.sample(0);
    const seen = new Set(Array.from({ length: 12 }, (_, row) => JSON.stringify(rowAt(sample, row))));
    expect(seen.size).toBe(12);
    expect(rowAt(sample, 0)).toMatchObject({ measured: false, end: Number.POSITIVE_INFINITY });
  });

  it('drops whole keys when it grows too large, and none of the keys it keeps', () => {
    const recorder = new Recorder({ rowsMax: 8_000, sampleMin: 1_000 });
    const written = new Map<number, number>();
    for (let value = 0; value < 60_000; value++) {
      const key = (value * 7_919) % 1_000;
      add(recorder, key, value);
      written.set(key, (written.get(key) ?? 0) + 1);
    }
    expect(recorder.level).toBeGreaterThan(1);
    expect(recorder.length).toBeLessThan(8_000);
    const kept = new Map<number, number>();
    const sample = recorder.sample(recorder.level);
    for (let row = 0; row < sample.length; row++) {
      const { key } = rowAt(sample, row);
      kept.set(key, (kept.get(key) ?? 0) + 1);
    }
    expect(sample.length).toBeGreaterThan(1_000);
    for (const [key, count] of kept) expect(count).toBe(written.get(key));
    for (const key of written.keys()) expect(kept.has(key)).toBe(levelOf(key) >= recorder.level);
  });

  it('grows instead, where too few measured operations would remain', () => {
    const oneKey = new Recorder({ rowsMax: 1_000, sampleMin: 600 });
    const hot = [1, 2, 3, 4, 5, 6, 7, 8].find((key) => levelOf(key) === 0) ?? 0;
    for (let value = 0; value < 5_000; value++) add(oneKey, hot, value);
    expect(oneKey.level).toBe(0);
    expect(oneKey.length).toBe(5_000);

    const preloading = new Recorder({ rowsMax: 1_000, sampleMin: 600 });
    for (let key = 0; key < 5_000; key++) add(preloading, key, key, false);
    expect(preloading.length).toBe(5_000);
  });

  it('counts the measured rows of each level', () => {
    const recorder = new Recorder();
    for (let key = 0; key < 10_000; key++) add(recorder, key, key, key % 2 === 0);
    const counts = recorder.counts();
    expect(counts[0]).toBe(5_000);
    for (let level = 1; level < 6; level++) {
      const rows = recorder.sample(level);
      let measured = 0;
      for (let row = 0; row < rows.length; row++) if (rowAt(rows, row).measured) measured += 1;
      expect(counts[level]).toBe(measured);
    }
  });
});

describe('levelOf', () => {
  it('halves the keys at each level, also those beyond 32 bits', () => {
    for (const from of [0, 2 ** 40]) {
      const levels = Array.from({ length: 64_000 }, (_, key) => levelOf(from + key));
      for (const level of [1, 2, 3, 4]) {
        const share = levels.filter((each) => each >= level).length / levels.length;
        expect(share * 2 ** level).toBeGreaterThan(0.9);
        expect(share * 2 ** level).toBeLessThan(1.1);
      }
    }
  });
});

describe('levelToCheck', () => {
  it('is no lower than the level of any member', () => {
    expect(
      levelToCheck(
        [
          [5, 4, 3, 2],
          [5, 4, 3, 2],
        ],
        [0, 2],
      ),
    ).toBe(2);
  });

  it('goes up where there is more than enough, but keeps 100,000 operations', () => {
    expect(levelToCheck([[900_000, 450_000, 220_000, 110_000]], [0])).toBe(2);
    expect(levelToCheck([[900_000, 90_000]], [0])).toBe(0);
    expect(levelToCheck([[300_000, 150_000]], [0])).toBe(0);
  });
});
