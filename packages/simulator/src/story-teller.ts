import type { ReplicaId } from '@dsm/core';
import { labelOf } from './label.js';
import type { Moment, Story } from './story.js';

/** Writes down what happens in a run, for a diagram. */
export class StoryTeller {
  private readonly members: readonly string[];
  private readonly moments: Moment[] = [];
  private flights = 0;

  constructor(members: readonly string[]) {
    this.members = members;
  }

  get story(): Story {
    return { members: this.members, moments: this.moments };
  }

  invoke(at: ReplicaId, operation: number, label: string): void {
    this.moments.push({ kind: 'invoke', at, operation, label });
  }

  return(at: ReplicaId, operation: number, label: string): void {
    this.moments.push({ kind: 'return', at, operation, label });
  }

  /** A message is sent; returns the number of its flight. */
  send(at: ReplicaId, to: ReplicaId, message: unknown): number {
    this.flights += 1;
    this.moments.push({ kind: 'send', at, to, flight: this.flights, label: labelOf(message) });
    return this.flights;
  }

  receive(at: ReplicaId, from: ReplicaId, flight: number): void {
    this.moments.push({ kind: 'receive', at, from, flight });
  }

  lose(flight: number): void {
    this.moments.push({ kind: 'lose', flight });
  }

  event(at: ReplicaId, label: string, ends = false): void {
    this.moments.push(ends ? { kind: 'event', at, label, ends } : { kind: 'event', at, label });
  }
}
