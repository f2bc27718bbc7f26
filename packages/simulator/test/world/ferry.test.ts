import type { Host, Key } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { runSeeds } from '../../src/index.js';
import { range, timeoutMs } from './fixtures/chance.js';
import { Ferry, ferry, type Message, type Request } from './fixtures/ferry.js';

describe('a protocol that needs links in order', { timeout: timeoutMs }, () => {
  test('keeps its promise, with timers and swaps, and messages in flight are seen', () => {
    const { failure, sometimes, undecided, faults } = runSeeds(ferry(), range(150));
    expect(failure?.text).toBeUndefined();
    expect(undecided).toEqual([]);
    expect(Object.entries(sometimes).filter(([, times]) => times === 0)).toEqual([]);
    // Nobody survives a crash here, so nobody crashes.
    expect(Object.keys(faults).filter((kind) => faults[kind as 'crash'] === 0)).toEqual(['crash']);
  });

  test('may refuse what a member takes no part in, which then never happened', () => {
    class Choosy extends Ferry {
      subscribes(key: Key): boolean {
        return this.self !== 1 || key !== 'x';
      }
      override ask(request: Request, host: Host<Message>): void {
        if (this.subscribes(request.key)) return super.ask(request, host);
        host.complete(request.operation, {
          kind: 'refused',
          code: 'DSM_NOT_SUBSCRIBED',
          text: 'no part of it',
        });
      }
    }
    const { failure, operations } = runSeeds(ferry(Choosy), { seeds: 60 });
    expect(failure?.text).toBeUndefined();
    expect(operations).toBeLessThan(runSeeds(ferry(), { seeds: 60 }).operations);
  });

  test('does not keep it where they are not', () => {
    const { failure } = runSeeds(ferry(Ferry, { channels: 'unordered' }), { seeds: 300, shrinks: false });
    expect(failure).toBeDefined();
  });
});
