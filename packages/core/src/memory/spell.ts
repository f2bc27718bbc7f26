import type { World } from '../node/world.js';

/** How long writes that end as they begin may keep the event loop from turning. */
const spellMsMax = 2;
/** The clock is looked at once in so many of them, or earlier where they carry much. */
const tellsPerLook = 8;
/** So many reads are answered at once, or fewer where they carry much, until one waits for the next turn. */
const readsPerTurn = 2_048;

/**
 * Says whether who did what ended as it began may be told at once. A program that does nothing else, as one that reads
 * again and again until it finds what it waits for, would never let this process send or receive anything.
 */
export class Spell {
  private readonly world: World;
  private readonly turned: () => void;
  /** Since when what ends as it begins has kept the event loop from turning; undefined where nothing did. */
  private sinceMs: number | undefined;
  /** How many were told of since the clock was looked at. */
  private unlooked = 0;
  /** How many were shown what they read since one of them waited. */
  private shown = 0;

  /** `turned` is called when the turn has ended in which a spell began. */
  constructor(world: World, turned: () => void) {
    this.world = world;
    this.turned = turned;
  }

  begin(): void {
    if (this.sinceMs !== undefined) return;
    this.sinceMs = this.world.now();
    this.world.afterTurn(() => {
      this.sinceMs = undefined;
      this.turned();
    });
  }

  /** Whether who wrote so much may be told. After a moment the next write begins in another turn, with others. */
  mayTell(bytes: number): boolean {
    this.begin();
    this.unlooked += weightOf(bytes);
    if (this.unlooked < tellsPerLook) return true;
    this.unlooked = 0;
    return this.world.now() - (this.sinceMs as number) < spellMsMax;
  }

  /** Whether who read so much may be shown it. To look at the clock takes longer than such a read: they are counted. */
  mayShow(bytes: number): boolean {
    this.shown += weightOf(bytes);
    if (this.shown < readsPerTurn) return true;
    this.shown = 0;
    return false;
  }
}

/** What carries a KiB more counts as one more. */
function weightOf(bytes: number): number {
  return 1 + (bytes >>> 10);
}
