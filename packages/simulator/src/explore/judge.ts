import { count, type Fault, type Guarantees } from '@dsm/core';
import { checkerOf, judgeHistory } from '../judge.js';
import { deedLabel, historyOf } from './outcomes.js';
import { builtIn } from './scenario.js';
import { Trie } from './trie.js';
import type { State, Step, World } from './world.js';

/** Says what does not hold after an event, and where nothing can happen any more. */
export class Judge {
  private readonly world: World;
  private readonly guarantees: Guarantees;
  private readonly answersNeeded: (size: number) => number;
  private readonly properties: readonly string[] | undefined;
  /** Histories differ in their outcomes only: each is judged once. */
  private readonly histories = new Trie();
  private readonly verdicts = new Map<number, Fault | undefined>();

  /** Throws `UnjudgedError` where no checker knows the consistency that is promised. */
  constructor(
    world: World,
    protocol: { readonly guarantees: Guarantees; answersNeeded(size: number): number },
    properties: readonly string[] | undefined,
  ) {
    checkerOf(protocol.guarantees.consistency);
    this.world = world;
    this.guarantees = protocol.guarantees;
    this.answersNeeded = (size) => protocol.answersNeeded(size);
    this.properties = properties;
  }

  /** The property that a step broke, of those that are looked for. */
  fault({ state, faults, returns }: Step): Fault | undefined {
    const named = faults.find(({ property }) => this.looksFor(property));
    if (named !== undefined || returns.length === 0) return named;
    return this.looksFor(this.guarantees.consistency) ? this.verdict(state) : undefined;
  }

  /** Nothing happens any more: an operation that waits does so for ever, and must have an excuse. */
  hang(state: State): Fault | undefined {
    if (!this.looksFor(builtIn.hangs) || this.isExcused(state)) return undefined;
    const waiting = this.world.plan.filter((planned) => this.world.waits(state, planned));
    if (waiting.length === 0) return undefined;
    const texts = waiting.map((planned) => `${deedLabel(planned)} at m${planned.at}`);
    return {
      property: builtIn.hangs,
      detail: `nothing happens any more, and waiting are: ${texts.join(', ')}`,
    };
  }

  /** Nothing happens any more: what those who live hold is what they end with. */
  disagreement(state: State): Fault | undefined {
    const fault = this.world.disagreement(state);
    return fault !== undefined && this.looksFor(fault.property) ? fault : undefined;
  }

  private looksFor(property: string): boolean {
    return this.properties === undefined || this.properties.includes(property);
  }

  private isExcused({ crashed, members }: State): boolean {
    const crashes = count(crashed);
    const size = members.length;
    return crashes > survived(this.guarantees.survives, size) || size - crashes < this.answersNeeded(size);
  }

  private verdict({ outcomes }: State): Fault | undefined {
    const path = this.histories.of(outcomes);
    if (!this.verdicts.has(path)) this.verdicts.set(path, this.judge(outcomes));
    return this.verdicts.get(path);
  }

  private judge(outcomes: readonly number[]): Fault | undefined {
    const { plan } = this.world;
    const history = historyOf(
      plan,
      outcomes.map((outcome) => this.world.outcomes.of(outcome)),
    );
    const { consistency } = this.guarantees;
    const { verdict, reason = '' } = judgeHistory(consistency, history);
    if (verdict === 'legal') return undefined;
    // What cannot be decided must not pass for right.
    if (verdict === 'unknown')
      throw new Error(`a history of ${history.length} operations is undecided: ${reason}`);
    return { property: consistency, detail: reason };
  }
}

function survived(survives: Guarantees['survives'], size: number): number {
  switch (survives) {
    case 'none':
      return 0;
    case 'minority':
      return Math.floor((size - 1) / 2);
    case 'any':
      return size;
    default:
      return survives.crashes;
  }
}
