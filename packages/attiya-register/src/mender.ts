import { type Host, includes, type Members, nobody, only, type ReplicaId, vote } from '@dsm/core';
import type { Mend, Mended, Message } from './messages.js';
import type { Mending } from './phase.js';
import type { Register } from './register.js';

/** So often is wanted what nobody had before it is asked for again; twice as often each time that nobody has it. */
const pauseMin = 16;
const pauseMax = 4_096;
/** Who has much to look through answers late: so much longer than usual is waited at most. */
const patienceMax = 31;

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
  /** How often it will be wanted in vain. */
  private pause = 0;
  private nextPause = pauseMin;
  /** Grows with each answer that does not come in time, and falls with each that does. */
  private patience = 0;

  form(others: readonly ReplicaId[]): void {
    this.others = others;
  }

  /** Somebody's survey wants to know what is here. */
  surveyed(register: Register, host: Host<Message>): void {
    this.isNeeded = true;
    if (register.frontier.gap !== undefined) this.want(register, host);
  }

  /** What is missing is in somebody's way. Where nobody had it that is no news: it is tried again after a while. */
  want(register: Register, host: Host<Message>): void {
    if (this.pause > 0) this.pause -= 1;
    else this.begin(register.frontier.gap, register, host);
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
      // Nobody has what is missing, or says so in time.
      this.tried = nobody;
      this.pause = this.nextPause;
      this.nextPause = Math.min(2 * this.nextPause, pauseMax);
      return register.frontier.giveUp();
    }
    this.tried = vote(this.tried, to);
    this.underWay = true;
    const since = register.frontier.taken.slice();
    const { patience } = this;
    register.begin(
      { phase: 'mend', since, place: 0, taken: undefined, patience, asked: only(to), votes: nobody },
      host,
    );
  }

  onMend(from: ReplicaId, { round, since, place }: Mend, register: Register, host: Host<Message>): void {
    const { cells, frontier } = register;
    const { pairs, next } = cells.brought(since, place);
    host.send(from, { type: 'mended', round, taken: frontier.taken.slice(), pairs, next });
  }

  /** An answer to a part that is under way. */
  onMended(answer: Mended, mending: Mending, register: Register, host: Host<Message>): void {
    const { round, pairs, next } = answer;
    register.end(round);
    for (const pair of pairs) register.take(pair.from, register.cells.of(pair.key), pair, host);
    const taken = mending.taken ?? answer.taken;
    if (next > mending.place) {
      return register.begin({ ...mending, place: next, taken, patience: this.patience }, host);
    }

    this.patience >>= 1;
    if (register.frontier.adopt(taken)) this.tried = nobody;
    this.end(register, host);
  }

  /** Whoever was asked has not answered yet. */
  lapse(round: number, mending: Mending, register: Register, host: Host<Message>): void {
    if (mending.patience > 0) {
      mending.patience -= 1;
      return register.wait(host);
    }
    this.patience = Math.min(2 * this.patience + 1, patienceMax);
    register.end(round);
    this.end(register, host);
  }

  private end(register: Register, host: Host<Message>): void {
    this.underWay = false;
    const { gap, isAstray } = register.frontier;
    if (gap !== undefined || isAstray) return this.begin(gap, register, host);
    this.tried = nobody;
    this.nextPause = pauseMin;
  }
}
