import { describe, expect, it } from 'vitest';
import { performanceOf } from '../../src/print/markdown.js';
import { outcomeFrom } from '../../src/print/stored.js';
import type { Run } from '../../src/run.js';
import { absent, outcome, run } from './made-up.js';

const store = {
  guarantees: { reads: 'server', writes: 'server', survives: 'none' },
  server: { software: 'redis 7.0.15', durability: 'none: nothing is written to disk' },
} as const;

function performance(...runs: Run[]): string {
  const written = JSON.parse(JSON.stringify(outcome(...runs)));
  return performanceOf({ command: 'npm run bench -- --json FILE', outcome: outcomeFrom(written) });
}

/** The first cell and some others of each row. */
function cells(markdown: string, ...columns: number[]): string[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) =>
    [0, ...columns].map((column) => row.split(/(?<!\\)\|/)[column + 1]?.trim()).join('; '),
  );
}

describe('performanceOf', () => {
  it('gives ratios to the faster of the Redis clients, what a crash leaves, and the verdict', () => {
    const markdown = performance(
      run('register', { throughput: 3_000 }),
      run('causal', {
        throughput: 9_000,
        guarantees: { consistency: 'causal', survives: 'none' },
        verdict: 'unknown',
      }),
      run('redis (slow)', { ...store, throughput: 1_000 }),
      run('redis (fast)', { ...store, throughput: 2_000 }),
    );
    expect(cells(markdown, 1, 2, 7, 8)).toEqual([
      '; consistency; operations per second; what an acknowledged write outlives; history',
      '---; ---; ---; ---; ---',
      'register; linearizable; 1.50 ×; the crash of a minority; legal',
      'causal; causal; 4.50 ×; no crash; unknown',
      'redis (slow); linearizable; 0.50 ×; redis 7.0.15; none: nothing is written to disk; legal',
      'redis (fast); linearizable; 1.00 ×; redis 7.0.15; none: nothing is written to disk; legal',
    ]);
    expect(markdown).toContain('1 × is redis (fast): 2,000 operations a second');
  });

  it('divides the figures of each by those of the same kind', () => {
    const latency = (read: number, write: number) => ({
      read: { p50: read, p99: 7, p999: 7 },
      write: { p50: write, p99: 7, p999: 7 },
    });
    const markdown = performance(
      run('attiya-register', { operationsPerCpuSecond: 100, latencyUs: latency(10, 100) }),
      run('other', {
        operationsPerCpuSecond: 300,
        latencyUs: latency(40, 50),
        messagesPerOperation: { read: 0, write: 6 },
      }),
    );
    expect(cells(markdown, 2, 3, 4, 5, 6)[3]).toBe('other; 1.00 ×; 3.00 ×; 4.00 ×; 0.50 ×; 0 / 6');
  });

  it('is dated, with machine, commit, rounds and the command', () => {
    const markdown = performance(run('attiya-register'));
    expect(markdown).toContain(
      'Measured 2026-01-02 03:04 UTC, on 2 × Processor, 24 GB, linux x64, Node v20.19.0, commit abc1234, ' +
        'medians of 3 rounds in turns:',
    );
    expect(markdown).toContain('```\nnpm run bench -- --json FILE\n```');
    expect(markdown).toContain('Of ycsb-b with 3 members and 64 clients');
  });

  it('takes the register where no Redis is legal, and the first where there is none', () => {
    const broken = run('redis', { ...store, throughput: 9_000, verdict: 'illegal' });
    expect(performance(run('one'), run('attiya-register over tcp'), broken)).toContain(
      '1 × is attiya-register over tcp',
    );
    expect(performance(run('one'), run('two'))).toContain('1 × is one');
  });

  it('breaks neither table nor page, whatever a system is called', () => {
    const odd = run('a|b <i>\nc', { latencyUs: { read: { p50: 1, p99: 2, p999: 3 }, write: absent } });
    const markdown = performance(odd);
    expect(cells(markdown, 5)[2]).toBe('a\\|b &lt;i> c; –');
  });
});
