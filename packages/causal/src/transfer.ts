import type { Contents, Named, Shelved } from './contents.js';
import type { Departures } from './departures.js';
import type { Journal } from './journal.js';
import type { State } from './messages.js';
import type { Origin, Origins } from './origins.js';

/** A message of the transfer carries about so many bytes. */
const partBytesMax = 256 * 1024;

/** What a member holds, or a part of it. */
interface Holdings {
  readonly cells: Shelved[];
  readonly names: Named[];
}

/** Cuts all that a member holds into pieces of a bounded size. */
class Cutter {
  readonly parts: Holdings[] = [{ cells: [], names: [] }];
  private bytes = 0;

  /** The piece that so much more goes into. */
  room(bytes: number): Holdings {
    if (this.bytes > 0 && this.bytes + bytes > partBytesMax) {
      this.parts.push({ cells: [], names: [] });
      this.bytes = 0;
    }
    this.bytes += bytes;
    return this.parts.at(-1) as Holdings;
  }
}

/** All that a member holds, deleted keys too, in pieces: one at least. */
function partsOf(contents: Contents, speaks: (origin: Origin) => boolean): Holdings[] {
  const cutter = new Cutter();
  for (const { key, value, tag, origin, sequence, merged } of contents.cells.values()) {
    const own = merged === undefined ? undefined : [...merged];
    const cell = { key, value, tag, origin, sequence, merged: own };
    cutter.room(key.length + (value?.length ?? 0)).cells.push(cell);
  }
  for (const named of contents.named(speaks)) cutter.room(named.key.length).names.push(named);
  return cutter.parts;
}

/** What is to be sent of a member. */
interface Donor {
  readonly contents: Contents;
  readonly journal: Journal;
  readonly origins: Origins;
  readonly departures: Departures;
  readonly clock: number;
}

/** Counts the transfers of a member. */
export class Transfers {
  private count = 0;

  /** All that it holds, as the messages of one transfer. */
  parts({ contents, journal, origins, departures, clock }: Donor): State[] {
    this.count += 1;
    const { count: transfer } = this;
    const { later } = origins;
    // Of one who has departed, as all know, only what others pass on is read, and that says its keys.
    const isKnown = departures.areKnownTo(origins.others);
    const speaks = (origin: Origin) => !isKnown || origins.isMember(origin);
    const parts = partsOf(contents, speaks);
    const applied = [...journal.applied];
    const common = { type: 'state', later, applied, transfer, parts: parts.length, clock } as const;
    return parts.map((holdings, part) => ({ ...common, part, ...holdings }));
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

  /** All that it holds, with the last part to come. Slots are given again, and who has one then counts from 1. */
  add(from: Origin, state: State): Readonly<Holdings> | undefined {
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
    const all = [...arriving.parts.values()];
    return { cells: all.flatMap(({ cells }) => cells), names: all.flatMap(({ names }) => names) };
  }
}
