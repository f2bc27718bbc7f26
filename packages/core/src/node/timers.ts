import type { World } from './world.js';

/** Timers by name: setting one again replaces it. */
export class Timers {
  private readonly world: World;
  private readonly cancels = new Map<string, () => void>();

  constructor(world: World) {
    this.world = world;
  }

  isSet(name: string): boolean {
    return this.cancels.has(name);
  }

  set(name: string, delayMs: number, callback: () => void): void {
    this.cancels.get(name)?.();
    const cancel = this.world.after(delayMs, () => {
      this.cancels.delete(name);
      callback();
    });
    this.cancels.set(name, cancel);
  }

  cancelAll(): void {
    for (const cancel of this.cancels.values()) cancel();
    this.cancels.clear();
  }
}
