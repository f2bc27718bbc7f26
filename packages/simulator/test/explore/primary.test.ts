import type { Guarantees, Protocol } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { explore, parseScript, type Scenario, type Story } from '../../src/index.js';
import { type Message, Primary, primary, SlowPrimary } from './fixtures/primary.js';

function tried(
  protocol: Protocol<Guarantees, Message>,
  text: string,
  options: Omit<Scenario, 'script'> = {},
) {
  return explore({ protocol }, { script: parseScript(text), ...options });
}

describe('a primary, over links that keep the order', () => {
  test.each([
    ['| r', 4],
    ['| w', 8],
    ['| w | r', 50],
    ['| w w | r r', 789],
    ['| c | c', 56],
    ['| w c | d r', 829],
    ['| w & r | r', 460],
    ['r | wx ry | wy rx', 6_078],
  ])('is right in every order of %s, in %i states', (text, states) => {
    expect(tried(primary(), text)).toEqual({ states, complete: true });
  });

  test('is wrong when it is declared to bear any order: a mark overtakes a change', () => {
    const { violation } = tried(primary(Primary, { channels: 'unordered' }), '| w | r');
    expect(violation?.property).toBe('linearizable');
    expect(violation?.schedule).toEqual([
      "m1: write x 'a'",
      "write 1 x 'a' from m1 to m0",
      'ended 1 x written from m0 to m1',
      'm2: read x',
      'mark 1 x from m2 to m0',
      'ended 1 x read from m0 to m2',
    ]);
  });

  test('is wrong when messages may be lost, since it asks for none again', () => {
    const { violation } = tried(primary(Primary, { channels: 'unordered' }), '| r', { drops: 1 });
    expect(violation?.property).toBe('every operation ends');
    expect(violation?.schedule).toEqual(['m1: read x', 'mark 1 x from m1 to m0 is lost']);
  });

  test('is refused what its links do not do', () => {
    expect(() => tried(primary(), '| r', { drops: 1 })).toThrow('nothing is lost or repeated');
    expect(() => tried(primary(), '| r', { duplicates: 1 })).toThrow('nothing is lost or repeated');
  });

  test('lets one of two racing swaps win: a second winner is found', () => {
    class Careless extends Primary {
      override holds(): boolean {
        return true;
      }
    }
    const { violation } = tried(primary(Careless), '| c | c');
    expect(violation?.property).toBe('linearizable');
  });
});

describe('a crash', () => {
  test('excuses whom the protocol does not promise to survive it', () => {
    expect(tried(primary(), '| w | r', { crashes: 1 })).toEqual({ states: 197, complete: true });
  });

  test.each([
    ['survives one', { survives: { crashes: 1 } as const }, 2, 'every operation ends'],
    ['survives a minority', { survives: 'minority' as const }, 2, 'every operation ends'],
    ['survives any', { survives: 'any' as const }, 2, 'every operation ends'],
    ['survives none', { survives: 'none' as const }, 2, undefined],
    ['survives one, and needs everybody', { survives: { crashes: 1 } as const }, 3, undefined],
  ])('is no excuse for one that %s', (_, promises, needed, property) => {
    const protocol = primary(Primary, { promises, answersNeeded: () => needed });
    expect(tried(protocol, '| r', { crashes: 1 }).violation?.property).toBe(property);
  });

  test('that did not happen excuses nobody', () => {
    class Silent extends Primary {
      override onRequest(): void {}
    }
    const { violation } = tried(primary(Silent), '| r', { crashes: 1 });
    expect(violation?.property).toBe('every operation ends');
    expect(violation?.schedule).toEqual(['m1: read x', 'mark 1 x from m1 to m0']);
  });

  test('loses what is in flight to the member, and nothing else', () => {
    const protocol = primary(Primary, { promises: { survives: 'any' }, answersNeeded: () => 1 });
    const { violation } = tried(protocol, '| r', { crashes: 1 });
    expect(violation?.schedule).toEqual(['m1: read x', 'm0 crashes']);
    expect(endings(violation?.story)).toEqual(['send 1', 'event', 'lose 1']);
  });
});

function endings(story: Story | undefined): string[] {
  return (story?.moments ?? []).flatMap((moment) => {
    if (moment.kind === 'event') return ['event'];
    return moment.kind === 'send' || moment.kind === 'lose' ? [`${moment.kind} ${moment.flight}`] : [];
  });
}

describe('a timer', () => {
  test.each([
    ['| w | r', 67],
    ['w | c | r', 920],
  ])('that is always set again leaves the space finite: %s, %i states', (text, states) => {
    expect(tried(primary(SlowPrimary), text)).toEqual({ states, complete: true });
  });

  test('that is not set again is missed', () => {
    class Once extends SlowPrimary {
      override timeout(timer: string, host: Parameters<SlowPrimary['timeout']>[1]): void {
        super.timeout(timer, { ...host, send: (...sent) => host.send(...sent), setTimer: () => undefined });
      }
    }
    const { violation } = tried(primary(Once), '| r');
    expect(violation?.property).toBe('every operation ends');
    expect(violation?.schedule).toEqual(['m1: read x', 'm0: timer beat', 'mark 1 x from m1 to m0']);
  });

  test('that changes nothing when it fires does not hide that an operation waits for ever', () => {
    class Idle extends SlowPrimary {
      override timeout(timer: string, host: Parameters<SlowPrimary['timeout']>[1]): void {
        host.setTimer(timer, 100);
      }
    }
    const { violation } = tried(primary(Idle), '| r');
    expect(violation?.property).toBe('every operation ends');
    expect(violation?.schedule).toEqual(['m1: read x', 'mark 1 x from m1 to m0']);
  });

  test('of a crashed member does not fire', () => {
    const { violation } = tried(primary(SlowPrimary), '| r', { crashes: 1 });
    expect(violation).toBeUndefined();
  });
});
