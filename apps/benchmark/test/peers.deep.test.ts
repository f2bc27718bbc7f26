import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../src/run.js';
import { Command } from './command.js';

const limitMs = 300_000;
const command = new Command();

afterAll(() => command.remove());

/** Whether a program is here; where not, a visible line says what is not tried. */
function installed(program: string): boolean {
  if (spawnSync(program, ['--version']).error === undefined) return true;
  console.warn(`SKIPPED: ${program} is not installed, so it is not measured here`);
  return false;
}

describe('the benchmark of what people would use instead', () => {
  const none = 'none: ';
  const expected: Record<string, [systems: string[], durability: string, bytes: boolean]> = {
    single: [['single'], none, true],
    redis: [['redis (node-redis)', 'redis (ioredis)', 'redis (@dsm/redis)'], none, true],
    etcd: [['etcd (@dsm/etcd)'], 'fsync before a write is acknowledged', false],
    nats: [['nats (@dsm/nats)'], 'in files, with fsync every two minutes', false],
  };
  const programs = new Map([
    ['redis', 'redis-server'],
    ['etcd', 'etcd'],
    ['nats', 'nats-server'],
  ]);
  for (const [peer, [systems, durability, bytesCounted]] of Object.entries(expected)) {
    const program = programs.get(peer);
    it.runIf(program === undefined || installed(program))(
      `measures ${peer} beside a protocol, finds it legal, and says what a crash would lose`,
      async () => {
        const json = `${peer}.json`;
        const { status, printed } = await command.tiny('--peers', peer, '--members', '2', '--json', json);
        expect(status, printed).toBe(0);
        const { runs } = JSON.parse(readFileSync(join(command.directory, json), 'utf8')) as Outcome;
        expect(runs.map(({ system }) => system)).toEqual(['attiya-register', ...systems]);
        expect(runs[0]?.server).toBeUndefined();
        for (const { verdict, operations, bytesPerOperation, server } of runs.slice(1)) {
          expect(verdict).toBe('legal');
          // How many is the machine's affair: a slow disk makes an etcd of few writes.
          expect(operations).toBeGreaterThan(0);
          expect((bytesPerOperation ?? 0) > 40).toBe(bytesCounted);
          expect(server?.software).toMatch(/\d+\.\d+\.\d+/);
          expect(server?.durability.slice(0, durability.length)).toBe(durability);
        }
      },
      limitMs,
    );
  }
});
