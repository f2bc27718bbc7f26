import type { OperationId } from '@dsm/core';
import { type Seen, seenHere } from './context.js';
import type { Origins } from './origins.js';
import type { Past } from './past.js';
import type { Vector } from './vector.js';

/** Sessions that come from other members, until this one has all that they have seen. */
export class Attaching {
  private waiting: { readonly operation: OperationId; readonly past: Past; readonly seen: Seen }[] = [];

  get size(): number {
    return this.waiting.length;
  }

  add(operation: OperationId, past: Past, seen: Seen): void {
    this.waiting.push({ operation, past, seen });
  }

  /** Those that go on here now, with what they have seen in the numbers of this member. */
  settle(applied: Readonly<Vector>, origins: Origins): { operation: OperationId; past: Past }[] {
    const settled: { operation: OperationId; past: Past }[] = [];
    this.waiting = this.waiting.filter(({ operation, past, seen }) => {
      const here = seenHere(seen, applied, origins);
      if (here === undefined) return true;
      for (const [origin, sequence] of here.entries()) past.see(origin, sequence);
      settled.push({ operation, past });
      return false;
    });
    return settled;
  }
}
