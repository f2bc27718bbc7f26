import type { ReplicaId } from '@dsm/core';
import type { Moment, Story } from '../story.js';
import { legible } from './label.js';

/** A message from its sending to its last receipt. Moments are named by their index in the story. */
export interface Voyage {
  readonly flight: number;
  /** Legible; '' when it was sent before the story began. */
  readonly label: string;
  /** Unknown for what is only seen to be lost. */
  readonly from: ReplicaId | undefined;
  readonly to: ReplicaId | undefined;
  readonly sent: number | undefined;
  readonly received: number[];
  lost: number | undefined;
  /** Sent earlier on the same way, first received later. */
  readonly overtaken: Voyage[];
}

/** An operation from its invocation to its return. */
export interface Span {
  readonly at: ReplicaId;
  /** Legible; its number when it was invoked before the story began. */
  readonly label: string;
  readonly began: number | undefined;
  ended: number | undefined;
}

/** What runs through a story: the messages and operations that its moments are parts of. */
export interface Threads {
  /** By slot, legible. */
  readonly names: readonly string[];
  readonly voyages: readonly Voyage[];
  readonly spans: readonly Span[];
  /** By index of a moment. */
  readonly voyageAt: ReadonlyMap<number, Voyage>;
  readonly spanAt: ReadonlyMap<number, Span>;
  /** Members whose end is the last that is heard of them. */
  readonly gone: ReadonlySet<ReplicaId>;
}

/** Throws a `RangeError` when a moment is of a member that the story does not have. */
export function threadsOf(story: Story): Threads {
  const spinner = new Spinner();
  const gone = new Set<ReplicaId>();
  story.moments.forEach((moment, index) => {
    for (const slot of slotsOf(moment)) {
      if (slot in story.members) continue;
      throw new RangeError(`Moment ${index} is of member ${slot}; there are ${story.members.length} members`);
    }
    spinner.add(moment, index);
    if ('at' in moment) gone.delete(moment.at);
    if (moment.kind === 'event' && moment.ends === true) gone.add(moment.at);
  });
  findOvertaken(spinner.voyages);
  const { voyages, spans, voyageAt, spanAt } = spinner;
  return { names: story.members.map(legible), voyages, spans, voyageAt, spanAt, gone };
}

/** `3 query x`: what a message is called at both of its ends. */
export function titleOf({ flight, label }: Voyage): string {
  return `${flight} ${label}`.trimEnd();
}

/**
 * What a message is called where it is received or lost, first what is remarkable: that it is lost, or a repetition,
 * or what it was faster than. `3 overtakes 1 2: query x`.
 */
export function endingOf(voyage: Voyage, moment: number): string {
  const remark = remarkOn(voyage, moment);
  if (remark === undefined) return titleOf(voyage);
  return `${voyage.flight} ${remark}${voyage.label === '' ? '' : `: ${voyage.label}`}`;
}

function remarkOn({ received, lost, overtaken }: Voyage, moment: number): string | undefined {
  if (lost === moment) return 'lost';
  if (received[0] !== moment) return 'again';
  return overtaken.length === 0 ? undefined : `overtakes ${overtaken.map(({ flight }) => flight).join(' ')}`;
}

export function isUnderWay({ received, lost }: Voyage): boolean {
  return received.length === 0 && lost === undefined;
}

class Spinner {
  readonly voyages: Voyage[] = [];
  readonly spans: Span[] = [];
  readonly voyageAt = new Map<number, Voyage>();
  readonly spanAt = new Map<number, Span>();
  private readonly flying = new Map<number, Voyage>();
  private readonly open = new Map<string, Span>();

  add(moment: Moment, index: number): void {
    switch (moment.kind) {
      case 'invoke':
        this.begin(`${moment.at} ${moment.operation}`, moment.at, legible(moment.label), index);
        return;
      case 'return': {
        const key = `${moment.at} ${moment.operation}`;
        const span = this.open.get(key) ?? this.begin(key, moment.at, `operation ${moment.operation}`);
        span.ended = index;
        this.spanAt.set(index, span);
        return;
      }
      case 'send':
        this.depart(moment.flight, legible(moment.label), moment.at, moment.to, index);
        return;
      case 'receive':
        this.voyageOf(moment.flight, index, moment.from, moment.at).received.push(index);
        return;
      case 'lose':
        this.voyageOf(moment.flight, index).lost = index;
        return;
      case 'event':
        return;
    }
  }

  private begin(key: string, at: ReplicaId, label: string, began?: number): Span {
    const span: Span = { at, label, began, ended: undefined };
    this.spans.push(span);
    this.open.set(key, span);
    if (began !== undefined) this.spanAt.set(began, span);
    return span;
  }

  private voyageOf(flight: number, index: number, from?: ReplicaId, to?: ReplicaId): Voyage {
    const voyage = this.flying.get(flight) ?? this.depart(flight, '', from, to);
    this.voyageAt.set(index, voyage);
    return voyage;
  }

  private depart(flight: number, label: string, from?: ReplicaId, to?: ReplicaId, sent?: number): Voyage {
    const voyage: Voyage = {
      flight,
      label,
      from,
      to,
      sent,
      received: [],
      lost: undefined,
      overtaken: [],
    };
    this.voyages.push(voyage);
    this.flying.set(flight, voyage);
    if (sent !== undefined) this.voyageAt.set(sent, voyage);
    return voyage;
  }
}

function slotsOf(moment: Moment): ReplicaId[] {
  if (moment.kind === 'lose') return [];
  if (moment.kind === 'send') return [moment.at, moment.to];
  return moment.kind === 'receive' ? [moment.at, moment.from] : [moment.at];
}

function findOvertaken(voyages: readonly Voyage[]): void {
  const ways = new Map<string, Voyage[]>();
  for (const voyage of voyages) {
    if (voyage.sent === undefined || voyage.received.length === 0) continue;
    const way = `${voyage.from} ${voyage.to}`;
    const travelling = (ways.get(way) ?? []).filter((earlier) => arrival(earlier) > (voyage.sent ?? 0));
    voyage.overtaken.push(...travelling.filter((earlier) => arrival(earlier) > arrival(voyage)));
    ways.set(way, [...travelling, voyage]);
  }
}

function arrival({ received }: Voyage): number {
  return received[0] ?? Number.POSITIVE_INFINITY;
}
