import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrace, TraceError, type TraceStep } from '../../src/workload/trace.js';
import { scanTrace, TraceFeed, traceWorkload } from '../../src/workload/trace-feed.js';
import type { Step } from '../../src/workload/workload.js';

const header = 'version,time,op,size,lbn';
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsm-trace-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function traceFile(name: string, lines: readonly string[], ending = '\n'): string {
  const file = join(directory, name);
  const text = lines.join('\n') + ending;
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

async function all(file: string): Promise<TraceStep[]> {
  const steps: TraceStep[] = [];
  for await (const step of readTrace(file)) steps.push(step);
  return steps;
}

describe('readTrace', () => {
  const lines = [header, '1,100,2a,512,7', '1,101,28,36936,42932745'];
  const steps = [
    { write: true, bytes: 512, block: 7 },
    { write: false, bytes: 36_936, block: 42_932_745 },
  ];

  it('reads gzip and plain text, with or without an end of the last line', async () => {
    expect(await all(traceFile('a.csv.gz', lines))).toEqual(steps);
    expect(await all(traceFile('a.csv', lines))).toEqual(steps);
    expect(await all(traceFile('b.csv.gz', lines, ''))).toEqual(steps);
    expect(
      await all(
        traceFile(
          'crlf.csv',
          lines.map((line) => `${line}\r`),
        ),
      ),
    ).toEqual(steps);
  });

  it('reads a trace of many chunks whole and in order', async () => {
    const many = Array.from({ length: 50_000 }, (_, index) => `1,${index},28,512,${index}`);
    const blocks = (await all(traceFile('many.csv.gz', [header, ...many]))).map(({ block }) => block);
    expect(blocks).toEqual(Array.from({ length: 50_000 }, (_, index) => index));
  });

  const wrong: Record<string, [line: string, reason: RegExp]> = {
    'a column too few': ['1,100,2a,512', /expected 5 columns, found 4/],
    'an unknown operation': ['1,100,2b,512,7', /op must be 28 \(read\) or 2a \(write\), not "2b"/],
    'the name of a method as operation': ['1,100,toString,512,7', /op must be/],
    'a size of 0': ['1,100,2a,0,7', /size must be/],
    'a size that is none': ['1,100,2a,-5,7', /size must be/],
    'a size beyond all values': ['1,100,2a,99999999,7', /size must be/],
    'a block that is none': ['1,100,2a,512,1e3', /lbn must be/],
    'an empty line': ['', /expected 5 columns/],
  };
  for (const [name, [line, reason]] of Object.entries(wrong)) {
    it(`refuses ${name}, and names the line`, async () => {
      const file = traceFile('wrong.csv', [header, '1,100,2a,512,7', line, '1,100,2a,512,7']);
      const error = await all(file).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TraceError);
      expect(error).toMatchObject({ line: 3, message: expect.stringMatching(reason) });
    });
  }

  it('refuses another header, no operations, a cut gzip, text that is no gzip, a file that is not there', async () => {
    await expect(all(traceFile('h.csv', ['a,b']))).rejects.toThrow(TraceError);
    await expect(all(traceFile('empty.csv', []))).rejects.toThrow(TraceError);
    await expect(all(traceFile('nothing.csv', [header]))).rejects.toThrow(/the trace is empty/);
    const cut = join(directory, 'cut.csv.gz');
    writeFileSync(
      cut,
      gzipSync([header, ...Array(2_000).fill('1,100,2a,512,7')].join('\n')).subarray(0, -12),
    );
    await expect(all(cut)).rejects.toThrow(TraceError);
    const plain = join(directory, 'plain.csv.gz');
    writeFileSync(plain, header);
    await expect(all(plain)).rejects.toThrow(TraceError);
    await expect(all(join(directory, 'none.csv'))).rejects.toThrow(TraceError);
    await expect(all(join(directory, 'none.csv.gz'))).rejects.toThrow(TraceError);
  });

  it('tells how many operations there are and how large they are on average', async () => {
    const file = traceFile('scan.csv.gz', lines);
    expect(await scanTrace(file)).toEqual({ file, operations: 2, meanBytes: 18_724 });
  });
});

describe('TraceFeed', () => {
  const operations = Array.from(
    { length: 9_000 },
    (_, index) => `1,${index},2a,${512 + index},${index % 500}`,
  );

  /** What every client is given, by client, when the clients of one member ask in turns. */
  async function dealt(file: string, member: number): Promise<Map<number, Step[]>> {
    const trace = await scanTrace(file);
    const feed = traceWorkload('trace:x', trace).feed({ member, members: 3, clients: 7, seed: 1 });
    const steps = new Map<number, Step[]>();
    const take = async (client: number): Promise<void> => {
      steps.set(client, []);
      for (let step = await feed.next(client); step !== undefined; step = await feed.next(client)) {
        steps.get(client)?.push(step);
      }
    };
    const clients = [0, 1, 2, 3, 4, 5, 6].filter((client) => client % 3 === member);
    await Promise.all(clients.map(take));
    return steps;
  }

  it('gives every operation to one client, each block to one and in the order of the trace', async () => {
    const file = traceFile('deal.csv.gz', [header, ...operations]);
    const owners = new Map<number, number>();
    const taken: number[] = [];
    for (const member of [0, 1, 2]) {
      for (const [client, steps] of await dealt(file, member)) {
        let last = 0;
        for (const { key, bytes, action } of steps) {
          expect(action).toBe('write');
          expect(bytes).toBeGreaterThan(last);
          expect(owners.get(key) ?? client).toBe(client);
          owners.set(key, client);
          taken.push(bytes);
          last = bytes;
        }
      }
    }
    expect(taken.length).toBe(operations.length);
    expect(new Set(taken).size).toBe(operations.length);
    expect(new Set(owners.values()).size).toBe(7);
  });

  it('reads no further ahead than its bound', async () => {
    let read = 0;
    const endless: AsyncIterator<TraceStep> = {
      next: async () => ({ done: false, value: { write: true, bytes: 512, block: read++ } }),
    };
    const feed = new TraceFeed(endless, { member: 0, members: 1, clients: 1, seed: 1 });
    await feed.next(0);
    for (let turn = 0; turn < 20_000; turn++) await null;
    expect(read).toBeLessThanOrEqual(4_100);
    for (let taken = 0; taken < 100; taken++) await feed.next(0);
    for (let turn = 0; turn < 1_000; turn++) await null;
    expect(read).toBeGreaterThanOrEqual(4_190);
    feed.close();
  });

  it('tells a client that waits when the trace breaks', async () => {
    const broken: AsyncIterator<TraceStep> = {
      next: () => Promise.reject(new TraceError('x', 3, 'broken')),
    };
    const feed = new TraceFeed(broken, { member: 0, members: 1, clients: 1, seed: 1 });
    await expect(feed.next(0)).rejects.toThrow(TraceError);
    expect(() => feed.next(0)).toThrow(TraceError);
  });
});
