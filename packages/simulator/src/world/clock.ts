/** Whose events wait while it is paused, and never happen once it is dead. */
export interface Sleeper {
  paused: boolean;
  dead: boolean;
  /** How fast its clock runs: 1 is right. */
  readonly clockRate: number;
}

interface TurnEnd {
  readonly owner: Sleeper;
  readonly happen: () => void;
}

/** Something that will happen, unless it is cancelled before. */
interface Due {
  atUs: number;
  /** Breaks ties: what was asked for first happens first. */
  order: number;
  readonly owner: Sleeper | undefined;
  readonly happen: () => void;
  cancelled: boolean;
}

/**
 * Time that passes when it is told to, in whole microseconds. Everything of one instant is one turn of the event loop
 * of each process.
 */
export class Clock {
  nowUs = 0;
  /** Everything that has happened. */
  events = 0;
  private order = 0;
  /** A binary heap: no entry is due before its parent, at half its index. */
  private readonly due: Due[] = [];
  private held: Due[] = [];
  private turn: TurnEnd[] = [];
  /** Of processes that were paused in the middle of a turn. */
  private unfinished: TurnEnd[] = [];

  /** Lets it happen after a delay by nobody's clock but this one; what is returned can be cancelled. */
  after(owner: Sleeper | undefined, delayUs: number, happen: () => void): Due {
    const event: Due = { atUs: this.nowUs + delayUs, order: 0, owner, happen, cancelled: false };
    this.insert(event);
    return event;
  }

  /** At the end of this instant. */
  afterTurn(owner: Sleeper, happen: () => void): void {
    this.turn.push({ owner, happen });
  }

  /** What would have happened to a process while it was paused happens now. */
  wake(owner: Sleeper): void {
    owner.paused = false;
    const mine = this.held.filter((event) => event.owner === owner);
    this.held = this.held.filter((event) => event.owner !== owner);
    this.turn.push(...this.unfinished.filter((end) => end.owner === owner));
    this.unfinished = this.unfinished.filter((end) => end.owner !== owner);
    for (const event of mine) {
      event.atUs = this.nowUs;
      this.insert(event);
    }
  }

  /** Lets everything happen up to a time, or until it is told to stop. */
  runUntil(endUs: number, done: () => boolean = () => false): void {
    this.finishTurn();
    while (!done()) {
      const next = this.due[0];
      if (next === undefined || next.atUs > endUs) {
        this.nowUs = endUs;
        return;
      }
      this.nowUs = next.atUs;
      while (this.due[0]?.atUs === this.nowUs) this.happen(this.take());
      this.finishTurn();
    }
  }

  private happen(event: Due): void {
    const { owner } = event;
    if (event.cancelled || owner?.dead) return;
    if (owner?.paused) {
      this.held.push(event);
      return;
    }
    this.events += 1;
    event.happen();
  }

  private finishTurn(): void {
    // What a turn's end asks for is the next turn, at the same time.
    while (this.turn.length > 0) {
      const { turn } = this;
      this.turn = [];
      for (const end of turn) {
        if (end.owner.dead) continue;
        if (end.owner.paused) this.unfinished.push(end);
        else end.happen();
      }
    }
  }

  private insert(event: Due): void {
    this.order += 1;
    event.order = this.order;
    const { due } = this;
    let at = due.length;
    due.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, due[parent] as Due)) break;
      due[at] = due[parent] as Due;
      at = parent;
    }
    due[at] = event;
  }

  private take(): Due {
    const { due } = this;
    const first = due[0] as Due;
    const last = due.pop() as Due;
    if (due.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= due.length) break;
      if (child + 1 < due.length && before(due[child + 1] as Due, due[child] as Due)) child += 1;
      if (!before(due[child] as Due, last)) break;
      due[at] = due[child] as Due;
      at = child;
    }
    due[at] = last;
    return first;
  }
}

function before(one: Due, other: Due): boolean {
  return one.atUs < other.atUs || (one.atUs === other.atUs && one.order < other.order);
}
