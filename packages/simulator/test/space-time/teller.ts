import type { Moment, Story } from '../../src/story.js';

/** Tells a story moment by moment, with members by name. */
export class Teller implements Story {
  readonly members: readonly string[];
  readonly moments: Moment[] = [];

  constructor(...members: string[]) {
    this.members = members;
  }

  invoke(name: string, operation: number, label: string): this {
    return this.tell({ kind: 'invoke', at: this.slot(name), operation, label });
  }

  returns(name: string, operation: number, label: string): this {
    return this.tell({ kind: 'return', at: this.slot(name), operation, label });
  }

  /** `['a', 'b']` as the way of a message. */
  send(flight: number, [from, to]: readonly [string, string], label: string): this {
    return this.tell({ kind: 'send', at: this.slot(from), to: this.slot(to), flight, label });
  }

  receive(flight: number, [from, to]: readonly [string, string]): this {
    return this.tell({ kind: 'receive', at: this.slot(to), from: this.slot(from), flight });
  }

  lose(flight: number): this {
    return this.tell({ kind: 'lose', flight });
  }

  event(name: string, label: string): this {
    return this.tell({ kind: 'event', at: this.slot(name), label });
  }

  end(name: string, label: string): this {
    return this.tell({ kind: 'event', at: this.slot(name), label, ends: true });
  }

  private tell(moment: Moment): this {
    this.moments.push(moment);
    return this;
  }

  private slot(name: string): number {
    const slot = this.members.indexOf(name);
    if (slot < 0) throw new Error(`There is no ${name}`);
    return slot;
  }
}

/** A write that meets every trouble a message can have. */
export function troubledWrite(): Story {
  return new Teller('a', 'b', 'c')
    .invoke('a', 1, 'write x = 1')
    .send(1, ['a', 'a'], 'store 1')
    .send(2, ['a', 'b'], 'store 1')
    .send(3, ['a', 'c'], 'store 1')
    .receive(1, ['a', 'a'])
    .send(4, ['a', 'b'], 'hello')
    .receive(4, ['a', 'b'])
    .receive(2, ['a', 'b'])
    .send(5, ['b', 'a'], 'stored')
    .invoke('c', 1, 'read x')
    .send(6, ['c', 'b'], 'query')
    .lose(6)
    .receive(5, ['b', 'a'])
    .receive(5, ['b', 'a'])
    .returns('a', 1, 'ok')
    .end('c', 'crash');
}
