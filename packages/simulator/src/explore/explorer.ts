import type { Fault } from '@dsm/core';
import type { Subject } from '../subject.js';
import { type Action, kindOf, kinds } from './action.js';
import { Ancestry } from './ancestry.js';
import { Judge } from './judge.js';
import type { Exploration, Scenario } from './scenario.js';
import { tell } from './telling.js';
import { Trie } from './trie.js';
import type { Turns } from './turns.js';
import { type State, World } from './world.js';

const statesMaxUsual = 10_000_000;

/**
 * Tries everything that can happen in a small world, breadth first, so that a counter-example is a shortest one. Equal
 * states merge: real time is no part of them but for which operations ended before which began. The space is made
 * smaller, without a loss, where messages to oneself arrive in the same turn and those that `Inspection.matters` says
 * can make no difference are forgotten. Members with equal scripts are not exchanged for each other, since protocols
 * compare slots.
 *
 * Throws `ScriptError` for a scenario that does not fit the protocol, and `UnjudgedError` where nothing can judge what
 * it promises.
 */
export function explore(subject: Subject, scenario: Scenario): Exploration {
  return exploreWith(undefined, subject, scenario);
}

/** The same; turns that were run in another scenario, of the same subject and members, are not run again. */
export function exploreWith(turns: Turns | undefined, subject: Subject, scenario: Scenario): Exploration {
  const world = new World(subject, scenario, false, turns);
  const explorer = new Explorer(subject, scenario, world);
  const exploration = explorer.explore();
  if (!explorer.wantsLetters) return exploration;
  // This inspector counts what is in flight to crashed members too: that belongs to the state, at the price of more.
  const whole = new World(subject, scenario, true, world.turns);
  return new Explorer(subject, scenario, whole).explore();
}

/** A state that is to be expanded. */
interface Reached {
  readonly state: State;
  readonly number: number;
  /** The same number if and only if the state is the same. */
  readonly node: number;
}

class Explorer {
  private readonly world: World;
  private readonly judge: Judge;
  private readonly statesMax: number;
  private readonly ancestry = new Ancestry();
  private readonly seen = new Trie();
  /** Numbers for the parts of a state that are sequences themselves. */
  private readonly sequences = new Trie();
  private next: Reached[] = [];
  private found: { readonly fault: Fault; readonly path: readonly Action[] } | undefined;

  constructor(subject: Subject, scenario: Scenario, world: World) {
    this.world = world;
    this.judge = new Judge(this.world, subject.protocol, scenario.properties);
    this.statesMax = scenario.statesMax ?? statesMaxUsual;
  }

  /** What was found is of no worth: the inspector looks at what this explorer forgets. */
  get wantsLetters(): boolean {
    return !this.world.keepsLetters && this.world.inspections.sawLetters;
  }

  explore(): Exploration {
    const first = this.world.first();
    const fault = this.judge.fault(first);
    if (fault !== undefined) this.found = { fault, path: [] };
    else if (!first.broken) this.reach(first.state, 0, 0);
    while (this.next.length > 0 && !this.isOver()) {
      const layer = this.next;
      this.next = [];
      for (const reached of layer) {
        if (this.isOver()) break;
        this.expand(reached);
      }
    }
    const states = this.ancestry.size;
    if (this.found === undefined) return { states, complete: !this.isOver() };
    const { property, detail } = this.found.fault;
    return { states, complete: false, violation: { property, detail, ...tell(this.world, this.found.path) } };
  }

  private isOver(): boolean {
    return this.found !== undefined || this.ancestry.size >= this.statesMax || this.wantsLetters;
  }

  private expand({ state, number, node }: Reached): void {
    // Crashes aside, and what leaves everything as it is, such as a timer that only sets itself again.
    let moves = false;
    for (const action of this.world.actions(state)) {
      const step = this.world.step(state, action);
      const fault = this.judge.fault(step);
      if (fault !== undefined) return this.accuse(fault, number, [action]);
      const after = step.broken ? undefined : this.reach(step.state, number, action);
      if (after !== node && kindOf(action) !== kinds.crash) moves = true;
    }
    const fault = moves ? undefined : (this.judge.hang(state) ?? this.judge.disagreement(state));
    if (fault !== undefined) this.accuse(fault, number, []);
  }

  /** The state's node; a new state is to be expanded. */
  private reach(state: State, parent: number, action: Action): number {
    const { members, flights, letters, outcomes, inspector, crashed } = state;
    const budgets = [state.duplicates, state.drops, state.crashes, crashed, ...state.told];
    let path = this.seen.of(budgets);
    path = this.seen.child(path, this.sequences.of(outcomes));
    path = this.seen.child(path, inspector);
    path = this.seen.of(members, path);
    path = this.seen.child(path, this.sequences.of(letters));
    const { size } = this.seen;
    const node = this.seen.child(path, this.sequences.of(flights));
    if (node > size) this.next.push({ state, node, number: this.ancestry.add(parent, action) });
    return node;
  }

  private accuse(fault: Fault, number: number, last: readonly Action[]): void {
    this.found ??= { fault, path: [...this.ancestry.pathTo(number), ...last] };
  }
}
