import { type Columns, copyRow, emptyColumns, isMeasured, tagOf } from './columns.js';

/** The checked sample has at least so many operations, or all. */
export const sampleMin = 100_000;
/** Levels 0 to 31: level l keeps the keys whose 32-bit hash begins with l zeros. */
export const levels = 32;
const chunkRows = 0x8000;

/** When a recorder halves its sample. */
export interface RecorderLimits {
  /** Rows it may hold before it tries to. */
  readonly rowsMax: number;
  /** Measured rows that must remain. */
  readonly sampleMin: number;
}

/**
 * The history of one member, in memory that is allocated a chunk at a time, far from the garbage collector.
 *
 * Whole keys are in it or out of it: where it grows too large, it goes up a level, which drops about half of the keys;
 * unless fewer than the least sample would remain (one key may be most of the load), and then it grows. Every member
 * drops the same keys in the same order, so the keys of the highest level of all members are recorded completely.
 */
export class Recorder {
  private readonly limits: RecorderLimits;
  private readonly chunks: Columns[] = [];
  /** The chunk that the next row goes to, unless it is full. */
  private newest: Columns | undefined;
  private rowsMax: number;
  private rows = 0;
  private current = 0;

  constructor(limits: RecorderLimits = { rowsMax: 0x10_0000, sampleMin }) {
    this.limits = limits;
    this.rowsMax = limits.rowsMax;
  }

  get level(): number {
    return this.current;
  }

  get length(): number {
    return this.rows;
  }

  add(
    kind: number,
    outcome: number,
    measured: boolean,
    client: number,
    key: number,
    value: number,
    expected: number,
    start: number,
    end: number,
    place = 0,
  ): void {
    if (this.current > 0 && levelOf(key) < this.current) return;
    const row = this.rows % chunkRows;
    if (row === 0 || this.newest === undefined) this.newest = this.chunkFor(this.rows);
    const chunk = this.newest;
    chunk.tags[row] = tagOf(kind, outcome, measured);
    chunk.clients[row] = client;
    chunk.keys[row] = key;
    chunk.values[row] = value;
    chunk.expected[row] = expected;
    chunk.starts[row] = start;
    chunk.ends[row] = end;
    chunk.places[row] = place;
    this.rows += 1;
    if (this.rows >= this.rowsMax) this.coarsen();
  }

  /** How many measured rows each level has: what is beyond this recorder's level is counted as if it were not there. */
  counts(): number[] {
    const counts = new Array<number>(levels).fill(0);
    this.visit((chunk, row) => {
      if (!isMeasured(chunk.tags[row] as number)) return;
      const highest = levelOf(chunk.keys[row] as number);
      counts[highest] = (counts[highest] as number) + 1;
    });
    // So far each level has the keys that go no higher; each level also has those of the levels above it.
    for (let level = levels - 2; level >= 0; level--) {
      counts[level] = (counts[level] as number) + (counts[level + 1] as number);
    }
    return counts;
  }

  /** The rows of the keys of a level, which must not be below this recorder's. */
  sample(level: number): Columns {
    const picked: [Columns, number][] = [];
    this.visit((chunk, row) => {
      if (levelOf(chunk.keys[row] as number) >= level) picked.push([chunk, row]);
    });
    const sample = emptyColumns(picked.length);
    for (const [target, [chunk, row]] of picked.entries()) copyRow(chunk, row, sample, target);
    return sample;
  }

  private chunkFor(row: number): Columns {
    const index = Math.floor(row / chunkRows);
    this.chunks[index] ??= emptyColumns(chunkRows);
    return this.chunks[index];
  }

  private coarsen(): void {
    const remaining = this.counts()[this.current + 1] ?? 0;
    if (remaining < this.limits.sampleMin) {
      this.rowsMax *= 2;
      return;
    }
    this.current += 1;
    let kept = 0;
    this.visit((chunk, row) => {
      if (levelOf(chunk.keys[row] as number) < this.current) return;
      copyRow(chunk, row, this.chunkFor(kept), kept % chunkRows);
      kept += 1;
    });
    this.rows = kept;
    this.newest = undefined;
  }

  private visit(visitor: (chunk: Columns, row: number) => void): void {
    for (let row = 0; row < this.rows; row++) visitor(this.chunkFor(row), row % chunkRows);
  }
}

/** The highest level that still has the key: the leading zeros of its hash (the finaliser of MurmurHash3). */
export function levelOf(key: number): number {
  let hash = (key ^ Math.floor(key / 0x1_0000_0000)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.min(Math.clz32(hash ^ (hash >>> 16)), levels - 1);
}
