/** What can be made smaller: a number of places, of which some are kept. */
export interface Shrinkable {
  readonly size: number;
  /** Removes places from those kept, with all that depends on them. */
  remove(kept: Uint8Array, places: readonly number[]): void;
  /** Whether what is kept is still illegal; false also when nobody knows. */
  illegal(places: readonly number[]): boolean;
  /** Whether it is time to stop with what there is. */
  spent(): boolean;
}

/** Removes halves, quarters, … down to single places, while the rest stays illegal (Zeller, ddmin). What is left. */
export function minimise(shrinkable: Shrinkable): number[] {
  let kept = new Uint8Array(shrinkable.size).fill(1);
  let places = keptPlaces(kept);
  for (let length = Math.ceil(places.length / 2); length >= 1; ) {
    let changed = false;
    for (let from = 0; from < places.length; from += length) {
      if (shrinkable.spent()) return keptPlaces(kept);
      const fewer = kept.slice();
      const leaving = places.slice(from, from + length).filter((at) => fewer[at] === 1);
      if (leaving.length === 0) continue;
      shrinkable.remove(fewer, leaving);
      if (!shrinkable.illegal(keptPlaces(fewer))) continue;
      kept = fewer;
      changed = true;
    }
    places = keptPlaces(kept);
    if (!changed && length === 1) break;
    if (!changed || length > places.length) length = Math.ceil(Math.min(length, places.length) / 2);
  }
  return places;
}

function keptPlaces(kept: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = 0; at < kept.length; at += 1) {
    if (kept[at] === 1) places.push(at);
  }
  return places;
}
