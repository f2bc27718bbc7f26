import { firstSeed, runs, timeoutMs } from '@dsm/conformance/chance';
import { runSeeds } from '@dsm/simulator';
import { describe, expect, test } from 'vitest';
import { tokenCoherence } from '../src/index.js';
import { commandsPerHold } from '../src/replica.js';
import { Group } from './fixtures/group.js';
import { Waits } from './fixtures/waits.js';

describe.each(['update', 'migrate'] as const)('nobody starves with %s', (writes) => {
  test('the longest wait in random runs is short', { timeout: timeoutMs }, () => {
    const waits = new Waits();
    const subject = { protocol: tokenCoherence({ writes }), inspection: waits.inspection() };
    const report = runSeeds(subject, { first: firstSeed(400), seeds: runs(400), shrinks: false });
    expect(report.failure?.text).toBe(undefined);
    const { requests, longest, longestSinceKnown } = waits;
    process.stdout.write(
      `${writes}: ${requests} requests; at most ${longest} others were served while one waited, ` +
        `${longestSinceKnown} since everybody knew of it\n`,
    );
    expect(requests).toBeGreaterThan(runs(400));
    // Of five members each has at most two older requests, and one that was given its tokens before. Until a request is
    // known it waits for the slowest link, while others are served.
    expect(longestSinceKnown).toBeLessThanOrEqual(3 * 5);
  });

  test('where all write all the time, each has its turn after every other had one', () => {
    const size = 5;
    const group = new Group({ size, writes });
    const others = Array.from({ length: 30 * commandsPerHold }, (_, n) =>
      group.write(1 + (n % (size - 1)), `${n}`),
    );
    const first = group.write(0, 'waits');
    const served = () => others.filter(({ result }) => result !== undefined).length;
    while (first.result === undefined) group.deliver(...(group.ways()[0] as [number, number]));
    expect(served()).toBeLessThanOrEqual(size * commandsPerHold);
    group.settle();
    expect(served()).toBe(others.length);
  });
});
