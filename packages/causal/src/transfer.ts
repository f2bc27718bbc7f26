import type { Contents, Shelved } from './contents.js';
import type { Journal } from './journal.js';
import type { State } from './messages.js';
import type { Origin, Origins } from './origins.js';

/** A message of the transfer carries about so many bytes. */
const partBytesMax = 256 * 1024;

/** All that a member holds, deleted keys too, in pieces of a bounded size: one at least. */
function partsOf(contents: Contents): Shelved[][] {
  const parts: Shelved[][] = [[]];
  let bytes = 0;
  for (const [key, { value, tag, origin, sequence, merged }] of contents.cells) {
    const size = key.length + (value?.length ?? 0);
    if (bytes > 0 && bytes + size > partBytesMax) {
      parts.push([]);
      bytes = 0;
    }
    bytes += size;
    const own = merged === undefined ? undefined : [...merged];
    parts.at(-1)?.push({ key, value, tag, origin, sequence, merged: own });
  }
  return parts;
}

/** What is to be sent of a member. */
interface Donor {
  readonly contents: Contents;
  readonly journal: Journal;
  readonly origins: Origins;
  readonly clock: number;
}

/** Counts the transfers of a member. */
export class Transfers {
  private count = 0;

  /** All that it holds, as the messages of one transfer. */
  parts({ contents, journal, origins, clock }: Donor): State[] {
    this.count += 1;
    const { count: transfer } = this;
    const { later } = origins;
    const parts = partsOf(contents);
    const applied = [...journal.applied];
    const common = { type: 'state', later, applied, transfer, parts: parts.length, clock } as const;
    return parts.map((cells, part) => ({ ...common, part, cells }));
  }
}

/** Collects the parts of what other members hold, of the last transfer of each. */
export class Arrivals {
  private readonly arriving = new Map<Origin, { transfer: number; parts: Map<number, State> }>();

  /** How many transfers are under way. */
  get size(): number {
    return this.arriving.size;
  }

  /** Of those who have departed nothing more comes. */
  keep(members: readonly Origin[]): void {
    for (const origin of this.arriving.keys()) if (!members.includes(origin)) this.arriving.delete(origin);
  }

  /** All cells, with the last part to come. Slots are given again, and who has one then counts from 1. */
  add(from: Origin, state: State): readonly Shelved[] | undefined {
    const { transfer, part, parts } = state;
    let arriving = this.arriving.get(from);
    if (arriving !== undefined && arriving.transfer > transfer) return undefined; // A part of an earlier one.
    if (arriving?.transfer !== transfer) {
      arriving = { transfer, parts: new Map() };
      this.arriving.set(from, arriving);
    }
    arriving.parts.set(part, state);
    if (arriving.parts.size < parts) return undefined;
    this.arriving.delete(from);
    return [...arriving.parts.values()].flatMap(({ cells }) => cells);
  }
}
