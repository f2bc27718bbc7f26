import type { ReplicaId } from '@dsm/core';
import type { Moment, Story } from '../story.js';
import { columnsOf, legible } from './label.js';
import { endingOf, type Threads } from './threads.js';

/** A message on its way, drawn in the row in which it arrives or is lost. */
export interface Arrow {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly label: string;
  readonly lost: boolean;
  /** Nothing happened between its sending and its arrival. */
  readonly direct: boolean;
  /** The number of the row of its sending. */
  readonly since: number | undefined;
}

/** One row of a diagram, which is one moment, or several of one member that belong together. */
export interface Row {
  readonly arrow?: Arrow | undefined;
  /** What stands to the right of a lifeline. */
  text?: { readonly at: ReplicaId; readonly words: string } | undefined;
  /** What each lifeline looks like here. */
  readonly glyphs: string[];
}

export interface Rows {
  readonly rows: readonly Row[];
  /** Index of a moment → number of its row, from 1. */
  readonly numberOf: ReadonlyMap<number, number>;
}

/** Messages that are sent together share a row as long as what is said of them takes no more columns than `share`. */
export function rowsOf(story: Story, threads: Threads, share: number): Rows {
  const builder = new RowBuilder(story, threads, share);
  let index = 0;
  while (index < story.moments.length) index += builder.add(story.moments[index] as Moment, index);
  return builder;
}

type Send = Extract<Moment, { kind: 'send' }>;
type Receive = Extract<Moment, { kind: 'receive' }>;

class RowBuilder implements Rows {
  readonly rows: Row[] = [];
  readonly numberOf = new Map<number, number>();
  private readonly story: Story;
  private readonly threads: Threads;
  private readonly share: number;
  /** Operations under way, by slot. */
  private readonly open: number[];
  private readonly ended: boolean[];

  constructor(story: Story, threads: Threads, share: number) {
    this.story = story;
    this.threads = threads;
    this.share = share;
    this.open = story.members.map(() => 0);
    this.ended = story.members.map(() => false);
  }

  /** Draws the moment, and those that go into the same row. How many they were. */
  add(moment: Moment, index: number): number {
    if ('at' in moment) this.ended[moment.at] = false;
    switch (moment.kind) {
      case 'invoke':
        return this.onInvoke(moment.at, index);
      case 'return':
        return this.onReturn(moment.at, legible(moment.label), index);
      case 'send':
        return this.onSend(moment, index);
      case 'receive':
        return this.onReceive(moment, index);
      case 'lose':
        return this.onLose(index);
      case 'event': {
        this.write(moment.at, moment.ends === true ? '╳' : '●', legible(moment.label), index);
        if (moment.ends === true) this.end(moment.at);
        return 1;
      }
    }
  }

  private onInvoke(at: ReplicaId, index: number): number {
    const glyph = this.open[at] === 0 ? '┏' : '┣';
    this.open[at] = (this.open[at] ?? 0) + 1;
    this.write(at, glyph, this.threads.spanAt.get(index)?.label ?? '', index);
    return 1;
  }

  private onReturn(at: ReplicaId, label: string, index: number): number {
    this.open[at] = Math.max(0, (this.open[at] ?? 0) - 1);
    const glyph = this.open[at] === 0 ? '┗' : '┣';
    this.write(at, glyph, `${label} ← ${this.threads.spanAt.get(index)?.label}`, index);
    return 1;
  }

  private onSend(send: Send, index: number): number {
    if (this.isDirect(index)) return this.direct(send, index);
    let words = this.departure(send);
    let sent = 1;
    for (;;) {
      const next = this.story.moments[index + sent];
      if (next?.kind !== 'send' || next.at !== send.at || next.label !== send.label) break;
      if (this.isDirect(index + sent)) break;
      const more = `${words} ${this.departure(next)}`;
      if (columnsOf(`${more} ${legible(send.label)}`).length > this.share) break;
      words = more;
      sent += 1;
    }
    this.write(send.at, this.tee(send.at, '├', '┠'), `${words} ${legible(send.label)}`, index, sent);
    return sent;
  }

  private departure({ flight, to }: Send): string {
    return `${flight}→${this.threads.names[to]}`;
  }

  /** Whether a message arrives, or is lost, in the moment after its sending. */
  private isDirect(index: number): boolean {
    const voyage = this.threads.voyageAt.get(index);
    return voyage !== undefined && this.threads.voyageAt.get(index + 1) === voyage;
  }

  private direct({ at: from, to }: Send, index: number): number {
    const lost = this.story.moments[index + 1]?.kind === 'lose';
    const label = this.labelAt(index + 1);
    if (from === to) {
      this.write(from, this.tee(from, '├', '┠'), `${lost ? '×' : '↺'} ${label}`, index, 2);
      return 2;
    }
    const glyphs = this.glyphs();
    glyphs[from] = from < to ? this.tee(from, '├', '┠') : this.tee(from, '┤', '┨');
    this.push({ arrow: { from, to, label, lost, direct: true, since: undefined }, glyphs }, index, 2);
    return 2;
  }

  private onReceive({ at, from }: Receive, index: number): number {
    const label = this.labelAt(index);
    const since = this.sinceOf(index);
    if (at === from) {
      this.write(at, this.tee(at, '├', '┠'), `↺ ${label}${since === undefined ? '' : ` ↑${since}`}`, index);
      return 1;
    }
    this.push(
      { arrow: { from, to: at, label, lost: false, direct: false, since }, glyphs: this.glyphs() },
      index,
    );
    return 1;
  }

  private onLose(index: number): number {
    const { from, to } = this.threads.voyageAt.get(index) ?? {};
    const label = this.labelAt(index);
    const since = this.sinceOf(index);
    if (from !== undefined && to !== undefined && from !== to) {
      this.push(
        { arrow: { from, to, label, lost: true, direct: false, since }, glyphs: this.glyphs() },
        index,
      );
      return 1;
    }
    const words = `× ${label}${since === undefined ? '' : ` ↑${since}`}`;
    this.push({ text: { at: from ?? 0, words }, glyphs: this.glyphs() }, index);
    return 1;
  }

  private labelAt(index: number): string {
    const voyage = this.threads.voyageAt.get(index);
    return voyage === undefined ? '' : endingOf(voyage, index);
  }

  private sinceOf(index: number): number | undefined {
    const sent = this.threads.voyageAt.get(index)?.sent;
    return sent === undefined ? undefined : this.numberOf.get(sent);
  }

  private end(at: ReplicaId): void {
    this.open[at] = 0;
    this.ended[at] = true;
  }

  private glyphs(): string[] {
    return this.story.members.map((_, slot) => (this.ended[slot] ? ' ' : this.tee(slot, '│', '┃')));
  }

  private tee(at: ReplicaId, idle: string, busy: string): string {
    return (this.open[at] ?? 0) > 0 ? busy : idle;
  }

  /** Beside the arrow that has just come from the left, or in a row of its own. */
  private write(at: ReplicaId, glyph: string, words: string, index: number, moments = 1): void {
    const last = this.rows.at(-1);
    const arrow = last?.arrow;
    if (last !== undefined && arrow?.to === at && arrow.from < at && !arrow.lost && last.text === undefined) {
      last.text = { at, words };
      last.glyphs[at] = glyph;
      this.count(index, moments);
      return;
    }
    const glyphs = this.glyphs();
    glyphs[at] = glyph;
    this.push({ text: { at, words }, glyphs }, index, moments);
  }

  private push(row: Row, index: number, moments = 1): void {
    this.rows.push(row);
    this.count(index, moments);
  }

  private count(index: number, moments: number): void {
    for (let moment = index; moment < index + moments; moment++) this.numberOf.set(moment, this.rows.length);
  }
}
