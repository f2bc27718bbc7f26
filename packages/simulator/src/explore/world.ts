import {
  type Ended,
  type Fault,
  type Flight,
  includes,
  type Members,
  nobody,
  type Replica,
  type ReplicaId,
  vote,
} from '@dsm/core';
import type { Subject } from '../subject.js';
import { type Action, actionOf, firstOf, kindOf, kinds, pairOf, secondOf, subjectOf } from './action.js';
import { Inspections } from './inspections.js';
import { misnamed, notInvoked, Outcomes } from './outcomes.js';
import { copied } from './plain-data.js';
import { type Planned, planOf } from './plan.js';
import { builtIn, namesOf, type Scenario } from './scenario.js';
import type { Ending, Stimulus } from './turn.js';
import { type Snapshot, type Turn, Turns } from './turns.js';

/** A group between two events, in numbers of snapshots, parcels, outcomes and inspectors. */
export interface State {
  readonly members: readonly number[];
  /** In flight: sorted, as a bag; or by link, those of one link in the order they were sent. */
  readonly flights: readonly number[];
  /** In flight to crashed members, where an inspector wants to see them. */
  readonly letters: readonly number[];
  /** By operation. */
  readonly outcomes: readonly number[];
  readonly inspector: number;
  readonly crashed: Members;
  readonly duplicates: number;
  readonly drops: number;
  readonly crashes: number;
  /** By member, of whose silence it was told. */
  readonly told: readonly Members[];
}

/** An operation that ended in a step. */
export interface Return {
  readonly planned: Planned;
  readonly ended: Ended;
}

/** One event and what came of it. */
export interface Step {
  readonly state: State;
  readonly sent: readonly number[];
  readonly returns: readonly Return[];
  /** Parcels that a crash, or a receiver that has crashed, makes undeliverable. */
  readonly lost: readonly number[];
  readonly faults: readonly Fault[];
  /** A handler broke off: nothing can come after this. */
  readonly broken: boolean;
}

const nothing: readonly never[] = [];

/** The rules of a small world: what can happen in a state, and what comes of it. */
export class World {
  readonly plan: readonly Planned[];
  readonly outcomes = new Outcomes();
  readonly turns: Turns;
  readonly inspections: Inspections;
  /** Whether what is in flight to crashed members is a part of the state. */
  readonly keepsLetters: boolean;
  private readonly subject: Subject;
  private readonly scenario: Scenario;
  private readonly fifo: boolean;
  /** Codes of turns, by action. */
  private readonly invocations = new Map<Action, Action>();

  /** With the turns of an earlier world of the same subject and members, none of them runs again. */
  constructor(subject: Subject, scenario: Scenario, keepsLetters: boolean, turns?: Turns) {
    this.subject = subject;
    this.scenario = scenario;
    this.plan = planOf(subject, scenario);
    this.turns = turns ?? new Turns(subject.protocol, namesOf(scenario));
    this.inspections = new Inspections(subject.inspection, [...new Set(this.plan.map(({ key }) => key))]);
    this.fifo = subject.protocol.channels === 'fifo';
    this.keepsLetters = keepsLetters;
  }

  /** Everybody enters, before anything is received. */
  first(): Step {
    const { duplicates = 0, drops = 0, crashes = 0 } = this.scenario;
    const turns = Array.from({ length: this.turns.size }, (_, self) => this.turns.enter(self));
    const members = turns.map(({ snapshot }) => snapshot);
    const outcomes = this.plan.map(() => notInvoked);
    const inspector = this.inspections.first();
    const empty = {
      flights: [],
      letters: [],
      crashed: 0,
      duplicates,
      drops,
      crashes,
      told: this.turns.names.map(() => nobody),
    };
    const sent = turns.flatMap((turn) => turn.sent);
    const step = this.after({ ...empty, members, outcomes, inspector }, sent, nothing, nothing);
    const faults = turns.flatMap(({ fault, endings }, self) => [
      ...(fault === undefined ? [] : [fault]),
      ...endings.map((ending) => surplus(self, ending)),
    ]);
    return { ...step, faults: [...faults, ...step.faults], broken: broke(faults) };
  }

  /** What can happen, crashes last. */
  actions(state: State): Action[] {
    const actions: Action[] = [];
    for (const parcel of this.deliverable(state)) {
      actions.push(actionOf(kinds.deliver, parcel));
      if (state.duplicates > 0) actions.push(actionOf(kinds.duplicate, parcel));
      if (state.drops > 0) actions.push(actionOf(kinds.drop, parcel));
    }
    for (const planned of this.plan) {
      if (this.mayBegin(state, planned))
        actions.push(actionOf(kinds.invoke, this.invocation(state, planned)));
    }
    if (actions.length === 0 && state.drops < (this.scenario.drops ?? 0)) this.addRepeats(state, actions);
    this.addTimers(state, actions);
    this.addSilences(state, actions);
    if (state.crashes === 0) return actions;
    for (const self of this.alive(state)) actions.push(actionOf(kinds.crash, self));
    return actions;
  }

  step(state: State, action: Action): Step {
    const subject = subjectOf(action);
    switch (kindOf(action)) {
      case kinds.invoke:
        return this.invoke(state, action);
      case kinds.deliver:
        return this.deliver({ ...state, flights: less(state.flights, subject) }, subject);
      case kinds.duplicate:
        return this.deliver({ ...state, duplicates: state.duplicates - 1 }, subject);
      case kinds.drop: {
        const flights = less(state.flights, subject);
        return this.after({ ...state, flights, drops: state.drops - 1 }, nothing, nothing, nothing);
      }
      case kinds.crash:
        return this.crash(state, subject);
      case kinds.fire:
        return this.fire(state, action);
      case kinds.repeat: {
        const to = secondOf(subject);
        return this.turn(state, firstOf(subject), action, () => ({ kind: 'repeat', to }));
      }
      case kinds.silence: {
        const [self, of] = [firstOf(subject), secondOf(subject)];
        const told = state.told.with(self, vote(state.told[self] ?? nobody, of));
        return this.turn({ ...state, told }, self, action, () => ({ kind: 'silence', of }));
      }
    }
  }

  /** What those who live should agree on, and do not. */
  disagreement(state: State): Fault | undefined {
    const replicas = this.alive(state).map((self) => this.snapshot(state, self).replica);
    return this.subject.inspection?.settled?.(replicas);
  }

  alive({ crashed }: State): ReplicaId[] {
    const alive: ReplicaId[] = [];
    for (let self = 0; self < this.turns.size; self += 1) if (!includes(crashed, self)) alive.push(self);
    return alive;
  }

  /** Whether an operation was invoked, has not ended, and is one of a member that did not crash. */
  waits({ outcomes, crashed }: State, { number, at }: Planned): boolean {
    const outcome = outcomes[number] as number;
    return outcome !== notInvoked && !this.outcomes.hasEnded(outcome) && !includes(crashed, at);
  }

  /** The parcels that may be delivered next, each once. */
  private deliverable({ flights }: State): number[] {
    if (!this.fifo) return flights.filter((parcel, index) => parcel !== flights[index - 1]);
    return flights.filter(
      (parcel, index) => index === 0 || this.link(parcel) !== this.link(flights[index - 1]),
    );
  }

  private link(parcel: number | undefined): number {
    const { from, to } = this.turns.parcel(parcel as number);
    return pairOf(from, to);
  }

  private mayBegin({ outcomes, crashed }: State, { number, at, after }: Planned): boolean {
    if (outcomes[number] !== notInvoked || includes(crashed, at)) return false;
    return after === undefined || this.outcomes.hasEnded(outcomes[after] as number);
  }

  /** The operation with the number that it gets at its member. */
  private invocation({ outcomes }: State, { number, at }: Planned): number {
    let id = 1;
    for (const other of this.plan) if (other.at === at && outcomes[other.number] !== notInvoked) id += 1;
    return pairOf(number, id);
  }

  private addRepeats(state: State, actions: Action[]): void {
    for (const from of this.alive(state)) {
      for (let to = 0; to < this.turns.size; to += 1) {
        if (to !== from) actions.push(actionOf(kinds.repeat, pairOf(from, to)));
      }
    }
  }

  /** Whoever lives misses those who have crashed, sooner or later. */
  private addSilences(state: State, actions: Action[]): void {
    if (state.crashed === 0) return;
    for (const self of this.alive(state)) {
      if (this.snapshot(state, self).replica.silent === undefined) continue;
      for (let of = 0; of < this.turns.size; of += 1) {
        const isTold = includes(state.told[self] ?? nobody, of);
        if (includes(state.crashed, of) && !isTold) actions.push(actionOf(kinds.silence, pairOf(self, of)));
      }
    }
  }

  private addTimers(state: State, actions: Action[]): void {
    for (const self of this.alive(state)) {
      for (const timer of this.snapshot(state, self).timers) {
        actions.push(actionOf(kinds.fire, pairOf(this.turns.timerOf(timer), self)));
      }
    }
  }

  private invoke(state: State, action: Action): Step {
    const operation = secondOf(subjectOf(action));
    const { number, at, name, key, value, expected } = this.plan[firstOf(subjectOf(action))] as Planned;
    let before = 0;
    state.outcomes.forEach((outcome, other) => {
      if (this.outcomes.hasEnded(outcome)) before |= 1 << other;
    });
    const outcomes = state.outcomes.with(number, this.outcomes.invoked(operation, before));
    const deed = { kind: name, operation, key, value, expected };
    let code = this.invocations.get(action);
    if (code === undefined) {
      code = this.turns.codeOf(deed);
      this.invocations.set(action, code);
    }
    return this.turn({ ...state, outcomes }, at, code, () => deed);
  }

  private deliver(state: State, parcel: number): Step {
    const { from, to, message } = this.turns.parcel(parcel);
    // One that stays in flight does the same to its receiver as one that does not.
    const code = actionOf(kinds.deliver, parcel);
    return this.turn(state, to, code, () => ({ kind: 'receive', from, message: copied(message) }));
  }

  private fire(state: State, action: Action): Step {
    const self = secondOf(subjectOf(action));
    const timer = this.turns.timers[firstOf(subjectOf(action))] as string;
    const { timers } = this.snapshot(state, self);
    const left = timers.filter((other) => other !== timer);
    const members = state.members.with(
      self,
      this.turns.withTimers(state.members[self] as number, self, left),
    );
    return this.turn({ ...state, members }, self, action, () => ({ kind: 'timeout', timer }));
  }

  private crash(state: State, self: ReplicaId): Step {
    const still = this.turns.withTimers(state.members[self] as number, self, []);
    const members = state.members.with(self, still);
    const crashed = state.crashed | (1 << self);
    return this.after({ ...state, members, crashed, crashes: state.crashes - 1 }, nothing, nothing, nothing);
  }

  private turn(state: State, self: ReplicaId, code: Action, stimulus: () => Stimulus): Step {
    const turn = this.turns.take(self, state.members[self] as number, code, stimulus);
    const members = state.members.with(self, turn.snapshot);
    if (turn.endings.length === 0 && turn.fault === undefined) {
      return this.after({ ...state, members }, turn.sent, nothing, nothing);
    }
    return this.ending({ ...state, members }, self, turn);
  }

  private ending(state: State, self: ReplicaId, turn: Turn): Step {
    const faults = turn.fault === undefined ? [] : [turn.fault];
    const outcomes = [...state.outcomes];
    const returns: Return[] = [];
    for (const ending of turn.endings) {
      const planned = this.pending(outcomes, self, ending);
      const fault = planned === undefined ? surplus(self, ending) : misnamed(planned, ending.result);
      if (fault !== undefined) faults.push(fault);
      if (planned === undefined || fault !== undefined) continue;
      const { name, key } = planned;
      returns.push({ planned, ended: { at: self, ...ending, name, key } });
      outcomes[planned.number] = this.outcomes.ended(outcomes[planned.number] as number, ending.result);
    }
    return this.after({ ...state, outcomes }, turn.sent, returns, faults);
  }

  private pending(outcomes: readonly number[], self: ReplicaId, { operation }: Ending): Planned | undefined {
    return this.plan.find(({ at, number }) => {
      const outcome = this.outcomes.of(outcomes[number] as number);
      return at === self && outcome?.id === operation && outcome.ended === undefined;
    });
  }

  /** Sorts what is in flight after an event, and asks the inspector. */
  private after(
    state: State,
    sent: readonly number[],
    returns: readonly Return[],
    faults: readonly Fault[],
  ): Step {
    const replicas = state.members.map((_, self) => this.snapshot(state, self).replica);
    const all = sent.length === 0 ? state.flights : [...state.flights, ...sent];
    const lost = state.crashed === 0 ? nothing : all.filter((parcel) => this.isLost(state, parcel));
    const alive = lost.length === 0 ? all : all.filter((parcel) => !this.isLost(state, parcel));
    const left = this.mattering(alive, replicas);
    const flights = sent.length === 0 ? left : this.sorted(left);
    const dead = this.keepsLetters ? [...state.letters, ...lost] : nothing;
    const letters = dead.length === 0 ? nothing : this.sorted(this.mattering(dead, replicas));
    const { members, crashed } = state;
    const seen = () => [...flights, ...letters].map((parcel) => this.turns.parcel(parcel));
    const ended = returns.map((one) => one.ended);
    const view = { members, replicas, crashed, flights: seen };
    const { inspector, fault } = this.inspections.find(state.inspector, view, ended);
    const found = fault === undefined ? faults : [...faults, fault];
    const next = { ...state, flights, letters, inspector };
    return { state: next, sent, returns, lost, faults: found, broken: broke(faults) };
  }

  private isLost({ crashed }: State, parcel: number): boolean {
    return includes(crashed, this.turns.parcel(parcel).to);
  }

  private mattering(parcels: readonly number[], replicas: readonly Replica<unknown>[]): number[] {
    const { inspection } = this.subject;
    if (this.scenario.keepLate || inspection?.matters === undefined) return [...parcels];
    const matters = (flight: Flight) => inspection.matters?.(flight, replicas) ?? true;
    return parcels.filter((parcel) => matters(this.turns.parcel(parcel)));
  }

  private sorted(parcels: number[]): number[] {
    if (!this.fifo) return parcels.sort((one, other) => one - other);
    return parcels.sort((one, other) => this.link(one) - this.link(other));
  }

  private snapshot({ members }: State, self: ReplicaId): Snapshot {
    return this.turns.snapshots[members[self] as number] as Snapshot;
  }
}

function less(parcels: readonly number[], parcel: number): number[] {
  return parcels.toSpliced(parcels.indexOf(parcel), 1);
}

function broke(faults: readonly Fault[]): boolean {
  return faults.some(({ property }) => property === builtIn.throws);
}

function surplus(self: ReplicaId, { operation }: Ending): Fault {
  const detail = `m${self} ended operation ${operation}, which had ended or was never begun there`;
  return { property: builtIn.twice, detail };
}
