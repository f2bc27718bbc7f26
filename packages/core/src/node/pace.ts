import type { Timers } from './timers.js';
import type { World } from './world.js';

/** For turns that are longer nothing waits. */
const shortTurnMs = 0.1;

/** What a pace governs. */
export interface Paced {
  readonly world: World;
  readonly timers: Timers;
  /** How long messages may wait for those of later turns; 0: not at all. */
  readonly lingerMs: number;
  /** Whether enough has been collected to leave anyway. */
  crowded(): boolean;
  /** Sends all that was collected. */
  flush(): void;
}

/**
 * When what the handlers of a turn have produced leaves: with the turn. Of a protocol whose messages nobody waits for,
 * the first at once, and what follows it soon together, since a frame costs more than the messages in it.
 */
export class Pace {
  private readonly paced: Paced;
  private due = false;
  /** What is due waits for one more turn, once. */
  private patience: 'none' | 'one turn' | 'spent' = 'none';
  /** Since when that has been so. */
  private patientMs = 0;
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(paced: Paced) {
    this.paced = paced;
  }

  /** Something was produced in this turn. */
  afterTurn(): void {
    if (this.due) return;
    this.due = true;
    this.paced.world.afterTurn(() => this.endTurn());
  }

  /**
   * Much has arrived in this turn, so more is likely to: what all of it causes leaves together, one turn later. A frame
   * costs more than the messages in it. Not where turns are long, with what the application does in them.
   */
  afterNextTurn(): void {
    if (this.patience === 'none') {
      this.patience = 'one turn';
      this.patientMs = this.paced.world.now();
    }
    this.afterTurn();
  }

  /** What was produced may leave, unless it is to wait for more. */
  now(): void {
    const { lingerMs, world, timers } = this.paced;
    if (lingerMs === 0) return this.paced.flush();
    const waitMs = this.lastMs + lingerMs - world.now();
    if (waitMs <= 0 || this.paced.crowded()) return this.send();
    if (!timers.isSet('linger')) timers.set('linger', waitMs, () => this.send());
  }

  private endTurn(): void {
    const { timers, world } = this.paced;
    if (this.patience === 'one turn' && world.now() - this.patientMs < shortTurnMs) {
      this.patience = 'spent';
      return world.afterTurn(() => this.endTurn());
    }
    this.patience = 'none';
    timers.endTurn();
    this.due = false;
    this.now();
    if (timers.awaitTurnsEnd) this.afterTurn();
  }

  private send(): void {
    this.lastMs = this.paced.world.now();
    this.paced.flush();
  }
}
