import type { World } from './world.js';

/** Timers by name: setting one again replaces it. */
export class Timers {
  private readonly world: World;
  private readonly cancels = new Map<string, () => void>();
  private ended = false;
  /** Those without a delay. */
  private turnsEnd = new Map<string, () => void>();

  constructor(world: World) {
    this.world = world;
  }

  isSet(name: string): boolean {
    return this.cancels.has(name);
  }

  set(name: string, delayMs: number, callback: () => void): void {
    if (this.ended) return;
    this.cancels.get(name)?.();
    if (delayMs === 0) {
      this.cancels.delete(name);
      this.turnsEnd.set(name, callback);
      return;
    }
    this.turnsEnd.delete(name);
    const cancel = this.world.after(delayMs, () => {
      this.cancels.delete(name);
      callback();
    });
    this.cancels.set(name, cancel);
  }

  /** Whether some timer goes off when this turn ends. */
  get awaitTurnsEnd(): boolean {
    return this.turnsEnd.size > 0;
  }

  /** The turn has ended: those go off that were set without a delay; what they set again does so after the next. */
  endTurn(): void {
    if (this.turnsEnd.size === 0) return;
    const due = this.turnsEnd;
    this.turnsEnd = new Map();
    for (const callback of due.values()) callback();
  }

  /** None is set any more. */
  cancelAll(): void {
    this.ended = true;
    this.turnsEnd.clear();
    for (const cancel of this.cancels.values()) cancel();
    this.cancels.clear();
  }
}
