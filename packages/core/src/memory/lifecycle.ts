import { DsmError, type DsmErrorCode } from '../error.js';
import type { Status } from './shared-memory.js';

/** Where a member is in its life, since when and why. What has ended does not begin again. */
export class Lifecycle {
  state: Status['state'] = 'joining';
  private changed = new Date();
  reason: string | undefined;
  private readonly name: string;
  private readonly told: (change: string) => void;

  /** `told` hears of every change of state, as text. */
  constructor(name: string, told: (change: string) => void) {
    this.name = name;
    this.told = told;
  }

  /** The caller's to keep. */
  get since(): Date {
    return new Date(this.changed);
  }

  get ended(): boolean {
    return this.state === 'closed' || this.state === 'removed';
  }

  /** The code of what cannot be done because the member has ended. */
  get endCode(): DsmErrorCode {
    return this.state === 'removed' ? 'DSM_REMOVED' : 'DSM_CLOSED';
  }

  become(state: Status['state'], reason?: string): void {
    if (this.state === 'closed' || (this.ended && state !== 'closed')) return;
    // A member that failed and is then closed goes on to say why it failed.
    this.reason = reason ?? (this.ended ? this.reason : undefined);
    if (this.state === state) return;
    this.state = state;
    this.changed = new Date();
    this.told(reason === undefined ? state : `${state}: ${reason}`);
  }

  /** Throws where nothing can be done any more. */
  usable(): void {
    if (!this.ended) return;
    throw new DsmError(this.endCode, this.reason ?? `the memory of '${this.name}' is closed`);
  }
}
