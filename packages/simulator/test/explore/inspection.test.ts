import type { Ended, Fault, Inspection, Inspector, Sight } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { explore, parseScript, type Subject } from '../../src/index.js';
import { Courier, courier } from './fixtures/courier.js';
import { Primary, primary } from './fixtures/primary.js';

describe('an inspector', () => {
  test('sees what is in flight, to crashed members too', () => {
    // Without the last letters there would be no token left where the member to which it travels has crashed.
    expect(explore(courier(), { script: parseScript('w w'), crashes: 1 })).toEqual({
      states: 20,
      complete: true,
    });
  });

  test('tells states apart by what is in flight to crashed members', () => {
    class Deaf extends Courier {
      override receive(): void {}
    }
    // The token has arrived, unnoticed, before m1 crashes, or has not: one state of twelve in which only that differs.
    const scenario = { script: parseScript('w'), crashes: 1, properties: ['every operation ends'] };
    expect(explore(courier(Deaf), scenario)).toEqual({ states: 12, complete: true });
  });

  test('finds what it looks for', () => {
    class Forger extends Courier {
      override left(): number {
        return this.tokens;
      }
    }
    const { violation } = explore(courier(Forger), { script: parseScript('w') });
    expect(violation).toMatchObject({ property: 'there is one token', detail: 'there are 2' });
    expect(violation?.schedule).toEqual(["m0: write x 'a'"]);
  });

  test('is asked after a crash, too', () => {
    const fault = ({ crashed }: Sight) =>
      crashed === 0 ? undefined : { property: 'all live', detail: `${crashed}` };
    const inspection: Inspection = {
      properties: ['all live'],
      situations: [],
      inspector: () => ({ ended: () => undefined, fault }),
      idle: () => true,
    };
    const { violation } = explore(
      { protocol: primary(), inspection },
      { script: parseScript('r'), crashes: 1 },
    );
    expect(violation).toMatchObject({ property: 'all live', detail: '1', schedule: ['m0 crashes'] });
  });

  test('is not asked for what nobody looks for', () => {
    class Forger extends Courier {
      override left(): number {
        return this.tokens;
      }
    }
    const script = parseScript('w');
    expect(explore(courier(Forger), { script, properties: ['every operation ends'] }).complete).toBe(true);
  });

  test('is told of every ending, and remembers', () => {
    const { violation } = explore(counting(2), { script: parseScript('| wy r | d') });
    expect(violation).toMatchObject({ property: 'few', detail: '1/1 write y written, 1/2 read x read' });
    expect(violation?.schedule).toHaveLength(7);
  });

  test('is a part of the state where it remembers more than the replicas show', () => {
    const plain = explore({ protocol: primary() }, { script: parseScript('| r | r') });
    const told = explore(counting(3), { script: parseScript('| r | r') });
    // The two ends in either order: one state more than without anybody who remembers it.
    expect(told.states).toBe(plain.states + 1);
  });
});

/** An inspection whose inspectors write down what ended, and have enough after so many. */
function counting(most: number): Subject {
  class Clerk implements Inspector {
    readonly texts: string[] = [];

    ended({ at, operation, name, key, result }: Ended): void {
      this.texts.push(`${at}/${operation} ${name} ${key} ${result.kind}`);
    }

    fault({ keys }: Sight): Fault | undefined {
      if (this.texts.length < most) return undefined;
      return { property: 'few', detail: keys.length === 0 ? 'no keys' : this.texts.join(', ') };
    }
  }
  const inspection: Inspection = {
    properties: ['few'],
    situations: [],
    inspector: () => new Clerk(),
    idle: () => true,
  };
  return { protocol: primary(Primary), inspection } as Subject;
}
