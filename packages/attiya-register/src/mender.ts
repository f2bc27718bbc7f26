import { type Host, includes, type Members, nobody, only, type ReplicaId, vote } from '@dsm/core';
import type { Mend, Mended, Message } from './messages.js';
import type { Mending } from './phase.js';
import type { Register } from './register.js';

/**
 * Gets the stores that a member lacks: links that were full have dropped them, or their sender crashed when only some
 * had them. Without them its surveys would wait for what does not come, and those of others would not show what it
 * holds. Whoever is asked passes on its pairs of all stores behind those that the asker has. Afterwards the asker
 * holds, of every store that the other had taken in when it was asked first, that tag or a larger one.
 */
export class Mender {
  /** In the order in which they are asked. */
  private others: readonly ReplicaId[] = [];
  /** Those who were asked, since one helped. */
  private tried: Members = nobody;
  private underWay = false;
  /** Somebody was busy. Until then it does not matter what is missing. */
  private isNeeded = false;

  form(others: readonly ReplicaId[]): void {
    this.others = others;
  }

  /** Somebody's survey wants to know what is here. */
  surveyed(register: Register, host: Host<Message>): void {
    if (this.isNeeded) return;
    this.isNeeded = true;
    const { gap } = register.frontier;
    if (gap !== undefined) this.begin(gap, register, host);
  }

  /** Stores of a member are missing. */
  skipped(from: ReplicaId, register: Register, host: Host<Message>): void {
    if (this.isNeeded) this.begin(from, register, host);
  }

  /** Asks somebody, at first this one. */
  begin(first: ReplicaId | undefined, register: Register, host: Host<Message>): void {
    if (this.underWay) return;
    const untried = this.others.filter((other) => !includes(this.tried, other));
    const to = first !== undefined && untried.includes(first) ? first : untried[0];
    if (to === undefined) {
      // Nobody has what is missing.
      this.tried = nobody;
      return register.frontier.giveUp();
    }
    this.tried = vote(this.tried, to);
    this.underWay = true;
    const since = register.frontier.taken.slice();
    register.begin(
      { phase: 'mend', since, after: '', taken: undefined, asked: only(to), votes: nobody },
      host,
    );
  }

  onMend(from: ReplicaId, { round, since, after }: Mend, register: Register, host: Host<Message>): void {
    const { cells, frontier } = register;
    const { pairs, more } = cells.brought(since, after);
    host.send(from, { type: 'mended', round, taken: frontier.taken.slice(), pairs, more });
  }

  /** An answer to a part that is under way. */
  onMended(answer: Mended, mending: Mending, register: Register, host: Host<Message>): void {
    const { round, pairs, more } = answer;
    register.end(round);
    for (const pair of pairs) register.take(pair.from, register.cells.of(pair.key), pair, host);
    const taken = mending.taken ?? answer.taken;
    const last = pairs[pairs.length - 1];
    if (more && last !== undefined) return register.begin({ ...mending, after: last.key, taken }, host);

    if (register.frontier.adopt(taken)) this.tried = nobody;
    this.end(register, host);
  }

  /** Whoever was asked does not answer. */
  lapse(round: number, register: Register, host: Host<Message>): void {
    register.end(round);
    this.end(register, host);
  }

  private end(register: Register, host: Host<Message>): void {
    this.underWay = false;
    const { gap, isAstray } = register.frontier;
    if (gap !== undefined || isAstray) this.begin(gap, register, host);
    else this.tried = nobody;
  }
}
