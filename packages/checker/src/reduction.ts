import { attempt, type Register, read, refusal, select, swap, write, writes } from './register.js';
import { absent } from './value.js';

/** Enough for every chain of unknown cas that is likely; stopping early is safe, only slower afterwards. */
const passesMax = 32;

/**
 * The register with its unknown operations decided where that is certain. The verdict stays the same:
 * a write or cas whose value nobody may have observed is dropped; one whose value was observed, and can have come
 * from it alone, took effect, and ended no later than its first observer did.
 */
export function reduce(register: Register): Register {
  if (!register.end.includes(Number.POSITIVE_INFINITY)) return register;
  return observedEnds(withoutUnobserved(register));
}

/** A refused cas observes whatever it found, of which it only tells what it was not. Then nothing is dropped. */
function withoutUnobserved(register: Register): Register {
  if (register.kind.includes(refusal)) return register;
  let kept = register;
  for (let pass = 0; pass < passesMax; pass += 1) {
    const observers = observerCounts(kept);
    const places: number[] = [];
    for (let at = 0; at < kept.size; at += 1) {
      const certain = kept.end[at] !== Number.POSITIVE_INFINITY;
      if (certain || (observers[kept.value[at] as number] as number) > 0) places.push(at);
    }
    if (places.length === kept.size) break;
    kept = select(kept, places);
  }
  return kept;
}

function observerCounts(register: Register): Int32Array {
  const counts = new Int32Array(register.values);
  for (let at = 0; at < register.size; at += 1) {
    const observed = observedValue(register, at);
    if (observed >= 0) counts[observed] = (counts[observed] as number) + 1;
  }
  return counts;
}

/** The value that an operation saw, or may have seen; -1 when it saw none that it can name. */
export function observedValue(register: Register, at: number): number {
  const kind = register.kind[at] as number;
  if (kind === read) return register.value[at] as number;
  return kind === swap || kind === attempt ? (register.expected[at] as number) : -1;
}

function observedEnds(register: Register): Register {
  const decided = { ...register, kind: register.kind.slice(), end: register.end.slice() };
  const writers = writerCounts(register);
  for (let pass = 0, changed = true; changed && pass < passesMax; pass += 1) {
    changed = false;
    const ends = firstObserverEnds(decided);
    for (let at = 0; at < decided.size; at += 1) {
      const value = decided.value[at] as number;
      const observedBy = ends[value] as number;
      if (writers[value] !== 1 || !writes(decided.kind[at] as number)) continue;
      if (decided.end[at] !== Number.POSITIVE_INFINITY || observedBy === Number.POSITIVE_INFINITY) continue;
      // Observed before it started: illegal, whatever its end.
      decided.end[at] = Math.max(observedBy, decided.start[at] as number);
      decided.kind[at] = decided.kind[at] === attempt ? swap : write;
      changed = true;
    }
  }
  return decided;
}

function writerCounts(register: Register): Int32Array {
  const counts = new Int32Array(register.values);
  counts[absent] = 1;
  for (let at = 0; at < register.size; at += 1) {
    const value = register.value[at] as number;
    if (writes(register.kind[at] as number)) counts[value] = (counts[value] as number) + 1;
  }
  return counts;
}

/** When each value had surely been observed. An attempt may not have observed anything, and never ends. */
function firstObserverEnds(register: Register): Float64Array {
  const ends = new Float64Array(register.values).fill(Number.POSITIVE_INFINITY);
  for (let at = 0; at < register.size; at += 1) {
    const observed = observedValue(register, at);
    if (observed >= 0) ends[observed] = Math.min(ends[observed] as number, register.end[at] as number);
  }
  return ends;
}
