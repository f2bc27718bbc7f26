import { type Columns, emptyColumns, isMeasured, tagOf } from './columns.js';

/** The checked sample has at least so many operations, or all. */
export const sampleMin = 100_000;
/** Levels 0 to 31: level l keeps the keys whose 32-bit hash begins with l zeros. */
export const levels = 32;
const chunkRows = 0x8000;
/**
 * Numbers of a row: tag and client in one, key, value, expected, start, end, place, and one to spare. As each row is
 * written once, and other memory is visited between two, a row is one line of the cache; columns would be eight.
 */
const width = 8;
/** Tags are smaller. */
const tags = 32;

/** When a recorder halves its sample. */
export interface RecorderLimits {
  /** Rows it may hold before it tries to. */
  readonly rowsMax: number;
  /** Measured rows that must remain. */
  readonly sampleMin: number;
}

/**
 * The history of one member, in memory that is there before anything is measured, far from the garbage collector: a
 * chunk that is allocated now and then makes that look through the whole heap each time.
 *
 * Whole keys are in it or out of it: where it grows too large, it goes up a level, which drops about half of the keys;
 * unless fewer than the least sample would remain (one key may be most of the load), and then it grows. Every member
 * drops the same keys in the same order, so the keys of the highest level of all members are recorded completely.
 */
export class Recorder {
  private readonly limits: RecorderLimits;
  private readonly chunks: Float64Array[] = [];
  /** The chunk that the next row goes to, unless it is full. */
  private newest: Float64Array | undefined;
  private rowsMax: number;
  private rows = 0;
  private current = 0;

  constructor(limits: RecorderLimits = { rowsMax: 0x10_0000, sampleMin }) {
    this.limits = limits;
    this.rowsMax = limits.rowsMax;
    for (let row = 0; row < limits.rowsMax; row += chunkRows) this.chunkFor(row);
  }

  /**
   * Writes to all of its memory once. The system gives a page only when that is first written to, which takes so long
   * in some virtual machines that it cost an eighth of all throughput. Throws once something is recorded.
   */
  touch(): void {
    if (this.rows > 0) throw new Error('this would erase what is recorded');
    for (const chunk of this.chunks) chunk.fill(0);
  }

  get level(): number {
    return this.current;
  }

  /** The memory that it takes, whether or not all of it is in use. */
  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
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
    const at = row * width;
    chunk[at] = client * tags + tagOf(kind, outcome, measured);
    chunk[at + 1] = key;
    chunk[at + 2] = value;
    chunk[at + 3] = expected;
    chunk[at + 4] = start;
    chunk[at + 5] = end;
    chunk[at + 6] = place;
    this.rows += 1;
    if (this.rows >= this.rowsMax) this.coarsen();
  }

  /** How many measured rows each level has: what is beyond this recorder's level is counted as if it were not there. */
  counts(): number[] {
    const counts = new Array<number>(levels).fill(0);
    this.visit((chunk, at) => {
      if (!isMeasured((chunk[at] as number) % tags)) return;
      const highest = levelOf(chunk[at + 1] as number);
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
    let picked = 0;
    this.visit((chunk, at) => {
      if (levelOf(chunk[at + 1] as number) >= level) picked += 1;
    });
    const sample = emptyColumns(picked);
    let row = 0;
    this.visit((chunk, at) => {
      if (levelOf(chunk[at + 1] as number) >= level) toColumns(chunk, at, sample, row++);
    });
    return sample;
  }

  private chunkFor(row: number): Float64Array {
    const index = Math.floor(row / chunkRows);
    this.chunks[index] ??= new Float64Array(chunkRows * width);
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
    this.visit((chunk, at) => {
      if (levelOf(chunk[at + 1] as number) < this.current) return;
      this.chunkFor(kept).set(chunk.subarray(at, at + width), (kept % chunkRows) * width);
      kept += 1;
    });
    this.rows = kept;
    this.newest = undefined;
  }

  private visit(visitor: (chunk: Float64Array, at: number) => void): void {
    for (let row = 0; row < this.rows; row++) visitor(this.chunkFor(row), (row % chunkRows) * width);
  }
}

function toColumns(chunk: Float64Array, at: number, columns: Columns, row: number): void {
  const first = chunk[at] as number;
  columns.tags[row] = first % tags;
  columns.clients[row] = Math.floor(first / tags);
  columns.keys[row] = chunk[at + 1] as number;
  columns.values[row] = chunk[at + 2] as number;
  columns.expected[row] = chunk[at + 3] as number;
  columns.starts[row] = chunk[at + 4] as number;
  columns.ends[row] = chunk[at + 5] as number;
  columns.places[row] = chunk[at + 6] as number;
}

/** The highest level that still has the key: the leading zeros of its hash (the finaliser of MurmurHash3). */
export function levelOf(key: number): number {
  let hash = (key ^ Math.floor(key / 0x1_0000_0000)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.min(Math.clz32(hash ^ (hash >>> 16)), levels - 1);
}
