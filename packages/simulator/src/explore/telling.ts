import { labelOf } from '../label.js';
import type { Moment, Story } from '../story.js';
import { type Action, firstOf, kindOf, kinds, secondOf, subjectOf } from './action.js';
import { deedLabel, resultLabel } from './outcomes.js';
import type { Planned } from './plan.js';
import type { State, Step, World } from './world.js';

/** What happened, for people: as a story to draw, and as a line for each event. */
export interface Told {
  readonly story: Story;
  readonly schedule: readonly string[];
}

/** Tells what a sequence of actions does, from the first state on. */
export function tell(world: World, actions: readonly Action[]): Told {
  const telling = new Telling(world);
  let step = world.first();
  telling.consequences(step, undefined);
  for (const action of actions) {
    telling.event(step.state, action);
    const next = world.step(step.state, action);
    telling.consequences(next, step.state);
    step = next;
  }
  const { names: members } = world.turns;
  return { story: { members, moments: telling.moments }, schedule: telling.schedule };
}

class Telling {
  readonly moments: Moment[] = [];
  readonly schedule: string[] = [];
  private readonly world: World;
  /** By number of the parcel: its flights that have not ended, the oldest first. */
  private readonly flights = new Map<number, number[]>();
  private lastFlight = 0;

  constructor(world: World) {
    this.world = world;
  }

  event(state: State, action: Action): void {
    const subject = subjectOf(action);
    switch (kindOf(action)) {
      case kinds.invoke:
        return this.invoked(this.world.plan[firstOf(subject)] as Planned);
      case kinds.deliver:
        return this.delivered(subject, '');
      case kinds.duplicate:
        return this.delivered(subject, ', and stays in flight');
      case kinds.drop:
        this.moments.push({ kind: 'lose', flight: this.landed(subject) });
        return this.line(`${this.parcelLabel(subject)} is lost`);
      case kinds.crash:
        this.moments.push({ kind: 'event', at: subject, label: 'crash', ends: true });
        for (const parcel of state.flights) {
          if (this.world.turns.parcel(parcel).to !== subject) continue;
          this.moments.push({ kind: 'lose', flight: this.landed(parcel) });
        }
        return this.line(`${this.nameOf(subject)} crashes`);
      case kinds.fire:
        return this.happened(secondOf(subject), `timer ${this.world.turns.timers[firstOf(subject)]}`);
      case kinds.repeat:
        return this.happened(firstOf(subject), `asks ${this.nameOf(secondOf(subject))} again`);
      case kinds.silence:
        return this.happened(firstOf(subject), `misses ${this.nameOf(secondOf(subject))}`);
    }
  }

  /** What was sent, what cannot arrive, and what ended. Before the first event members only enter. */
  consequences({ sent, lost, returns }: Step, before: State | undefined): void {
    for (const number of sent) {
      const { from, to, message } = this.world.turns.parcel(number);
      const flight = ++this.lastFlight;
      this.moments.push({ kind: 'send', at: from, to, flight, label: labelOf(message) });
      this.flights.set(number, [...(this.flights.get(number) ?? []), flight]);
    }
    for (const parcel of lost) {
      if (before?.flights.includes(parcel)) continue; // Told with the crash.
      this.moments.push({ kind: 'lose', flight: this.landed(parcel) });
    }
    for (const { planned, ended } of returns) {
      const label = resultLabel(ended.result);
      this.moments.push({ kind: 'return', at: ended.at, operation: planned.number, label });
    }
  }

  private invoked(planned: Planned): void {
    const { at, number } = planned;
    const label = deedLabel(planned);
    this.moments.push({ kind: 'invoke', at, operation: number, label });
    this.line(`${this.nameOf(at)}: ${label}`);
  }

  private delivered(parcel: number, rest: string): void {
    const { from, to } = this.world.turns.parcel(parcel);
    // One that stays keeps its number: a flight that is received twice was duplicated.
    const flight = rest === '' ? this.landed(parcel) : (this.flights.get(parcel)?.[0] as number);
    this.moments.push({ kind: 'receive', at: to, from, flight });
    this.line(`${this.parcelLabel(parcel)}${rest}`);
  }

  private happened(at: number, label: string): void {
    this.moments.push({ kind: 'event', at, label });
    this.line(`${this.nameOf(at)}: ${label}`);
  }

  private landed(parcel: number): number {
    return this.flights.get(parcel)?.shift() as number;
  }

  private parcelLabel(parcel: number): string {
    const { from, to, message } = this.world.turns.parcel(parcel);
    return `${labelOf(message)} from ${this.nameOf(from)} to ${this.nameOf(to)}`;
  }

  private nameOf(member: number): string {
    return this.world.turns.names[member] as string;
  }

  private line(text: string): void {
    this.schedule.push(text);
  }
}
