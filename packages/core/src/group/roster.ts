import { Malformed } from '../codec/malformed.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';

/** A process that is, or was, a member: the same name with another incarnation is another one. */
export interface Enrolled {
  readonly name: string;
  readonly incarnation: number;
  /** Where the others dial it. */
  readonly address: string;
}

/**
 * Who has come to a group without views, and who has gone: two sets that only grow, so that members who have heard of
 * different things come to the same by telling each other, in whatever order. Who has gone never comes back.
 */
export class Roster {
  private readonly enrolled = new Map<number, Enrolled>();
  private readonly gone = new Set<number>();

  /** Those who have come and have not gone. */
  get members(): Enrolled[] {
    return [...this.enrolled.values()];
  }

  get departed(): number[] {
    return [...this.gone];
  }

  /** Those under whose name another one has come, too: all but the one that everybody keeps. */
  get superfluous(): number[] {
    const kept = new Map<string, number>();
    for (const { name, incarnation } of this.members) {
      kept.set(name, Math.max(incarnation, kept.get(name) ?? 0));
    }
    const others = this.members.filter(({ name, incarnation }) => incarnation !== kept.get(name));
    return others.map(({ incarnation }) => incarnation);
  }

  has(incarnation: number): boolean {
    return this.enrolled.has(incarnation);
  }

  hasLeft(incarnation: number): boolean {
    return this.gone.has(incarnation);
  }

  /** Somebody has come. False where that was known, or it has gone since. */
  enrol(member: Enrolled): boolean {
    const { incarnation } = member;
    if (this.enrolled.has(incarnation) || this.gone.has(incarnation)) return false;
    this.enrolled.set(incarnation, member);
    return true;
  }

  /** Somebody has gone, perhaps one who was never heard of. False where that was known. */
  depart(incarnation: number): boolean {
    if (this.gone.has(incarnation)) return false;
    this.gone.add(incarnation);
    this.enrolled.delete(incarnation);
    return true;
  }
}

export function writeEnrolled(members: readonly Enrolled[], writer: Writer): void {
  writer.whole(members.length);
  for (const { name, incarnation, address } of members) {
    writer.string(name);
    writer.whole(incarnation);
    writer.string(address);
  }
}

export function readEnrolled(reader: Reader): Enrolled[] {
  const members: Enrolled[] = [];
  for (let left = reader.whole(); left > 0; left -= 1) {
    members.push({ name: reader.string(), incarnation: readIncarnation(reader), address: reader.string() });
  }
  return members;
}

export function writeDeparted(departed: readonly number[], writer: Writer): void {
  writer.whole(departed.length);
  for (const incarnation of departed) writer.whole(incarnation);
}

export function readDeparted(reader: Reader): number[] {
  const departed: number[] = [];
  for (let left = reader.whole(); left > 0; left -= 1) departed.push(readIncarnation(reader));
  return departed;
}

function readIncarnation(reader: Reader): number {
  const incarnation = reader.whole();
  if (incarnation === 0) throw new Malformed('nobody in a roster');
  return incarnation;
}
