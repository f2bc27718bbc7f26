import type { Numbering, Origin } from './origins.js';
import { include, nothing, type Vector } from './vector.js';

/** What a session has seen: the last update that it read or wrote, by origin. */
export class Past {
  /** The member that the session is at, in whose numbers all of this is. */
  self: Origin = 0;
  numbering: Numbering | undefined;
  /** The group's, once the session has seen anything: it goes on in no other one. */
  birth = 0;
  /** Of others. Once updates have it for their dependencies it is not changed, but replaced. */
  private seen: Readonly<Vector> = nothing;
  private shared = true;
  /** Of the member that the session is at. */
  private own = 0;

  /** What a write depends on. Consecutive writes share it until something else is read. */
  get dependencies(): Readonly<Vector> {
    this.shared = true;
    return this.seen;
  }

  /** All that was seen. */
  get whole(): Readonly<Vector> {
    if (this.own === 0) return this.seen;
    const whole = [...this.seen];
    include(whole, this.self, this.own);
    return whole;
  }

  /** Makes an update a part of what was seen. */
  see(origin: Origin, sequence: number): void {
    if (origin === this.self) {
      if (sequence > this.own) this.own = sequence;
    } else if ((this.seen[origin] ?? 0) < sequence) {
      if (this.shared) this.seen = [...this.seen];
      this.shared = false;
      include(this.seen as Vector, origin, sequence);
    }
  }
}
