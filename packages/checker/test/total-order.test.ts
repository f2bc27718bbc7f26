import { describe, expect, test } from 'vitest';
import {
  checkTotalOrder,
  type Delivery,
  type DeliveryLog,
  type SentCommand,
  type TotalOrderProperty,
  type TotalOrderRun,
} from '../src/index.js';
import { bruteTotalOrder } from './brute-total-order.js';
import { Random } from './random.js';

const deep = process.env.DSM_DEEP === '1';
const runs = deep ? 63_000 : 9_000;

/** Groups of one-letter members by command: `{ x: 'ab' }`. */
function sent(groups: Record<string, string>): SentCommand[] {
  return Object.entries(groups).map(([command, group]) => ({ command, group: [...group] }));
}

function log(member: string, commands: string, stopped = false): DeliveryLog {
  return { member, deliveries: [...commands].map((command) => ({ command })), stopped };
}

function judged(groups: Record<string, string>, logs: DeliveryLog[], quiescent = true): string {
  const { verdict, reason } = checkTotalOrder({ sent: sent(groups), logs, quiescent });
  return reason === undefined ? verdict : `${verdict}, ${reason}`;
}

describe('total order', () => {
  test('is legal when overlapping groups fit in one order', () => {
    const groups = { x: 'ab', y: 'bc', z: 'ac' };
    expect(judged(groups, [log('a', 'xz'), log('b', 'xy'), log('c', 'yz')])).toBe('legal');
  });

  test('has no circle over three groups, which no two members could notice', () => {
    const groups = { x: 'ab', y: 'bc', z: 'ac' };
    const circle = [log('a', 'zx'), log('b', 'xy'), log('c', 'yz')];
    expect(judged(groups, circle)).toMatch(/^illegal, order: . delivered . before ., . delivered/);
    const { counterexample } = checkTotalOrder({ sent: sent(groups), logs: circle, quiescent: false });
    expect(counterexample?.logs.map(({ member }) => member).sort()).toEqual(['a', 'b', 'c']);
  });

  test('a circle is told by its corners alone', () => {
    const groups = { x: 'ab', p: 'a', q: 'a', y: 'ab', r: 'b' };
    const { counterexample } = checkTotalOrder({
      sent: sent(groups),
      logs: [log('a', 'xpqy'), log('b', 'yrx')],
      quiescent: true,
    });
    expect(counterexample?.property).toBe('order');
    const seen = counterexample?.logs.flatMap(({ deliveries }) => deliveries.map(({ command }) => command));
    expect(seen?.sort()).toEqual(['x', 'x', 'y', 'y']);
  });

  test('integrity: only what was sent, to whom it was sent, once', () => {
    expect(judged({ x: 'a' }, [log('a', 'xy')])).toBe('illegal, integrity: a delivered y, which nobody sent');
    expect(judged({ x: 'a' }, [log('b', 'x')])).toBe(
      'illegal, integrity: b delivered x, which is not for it',
    );
    expect(judged({ x: 'a' }, [log('a', 'xx')])).toBe('illegal, integrity: a delivered x, twice');
  });

  test('prefix: nothing is left out in between, at any time', () => {
    const groups = { x: 'ab', y: 'ab' };
    const left = 'illegal, prefix: of what is for a and b, one delivered x next and the other y';
    expect(judged(groups, [log('a', 'xy'), log('b', 'y')], false)).toBe(left);
    expect(judged(groups, [log('a', 'xy'), log('b', 'x')], false)).toBe('legal');
    expect(judged({ x: 'a', y: 'ab' }, [log('a', 'xy'), log('b', 'y')], false)).toBe('legal');
  });

  test('agreement: at quiescence everybody has everything', () => {
    const groups = { x: 'ab', y: 'ab' };
    const missing = 'illegal, agreement: b never delivered y, which is for it';
    expect(judged(groups, [log('a', 'xy'), log('b', 'x')])).toBe(missing);
    expect(judged(groups, [log('a', 'xy')])).toBe('illegal, agreement: b never delivered x, which is for it');
    expect(judged(groups, [log('a', 'xy'), log('b', 'x', true)])).toBe('legal');
    expect(judged(groups, [log('a', 'x'), log('b', 'xy', true)])).toBe(
      'illegal, agreement: a never delivered y, which is for it',
    );
  });

  test('what was sent by a member that stopped may be lost, but for nobody alone', () => {
    const command = { command: 'y', group: ['a', 'b'], from: 'c' };
    const verdict = (logs: DeliveryLog[]): string =>
      checkTotalOrder({ sent: [...sent({ x: 'ab' }), command], logs, quiescent: true }).verdict;
    expect(verdict([log('a', 'x'), log('b', 'x'), log('c', '', true)])).toBe('legal');
    expect(verdict([log('a', 'x'), log('b', 'x'), log('c', '')])).toBe('illegal');
    expect(verdict([log('a', 'xy'), log('b', 'x'), log('c', '', true)])).toBe('illegal');
  });

  test('timestamps increase, part by part, and are the same everywhere', () => {
    const verdict = (...logs: [string, number, number, number][][]): string => {
      const timed = logs.map((deliveries, member) => ({
        member: 'abc'[member] as string,
        deliveries: deliveries.map(([command, ...timestamp]) => ({ command, timestamp })),
      }));
      const groups = { x: 'ab', y: 'ab' };
      const report = checkTotalOrder({ sent: sent(groups), logs: timed, quiescent: false });
      return report.counterexample?.property ?? report.verdict;
    };
    expect(
      verdict([
        ['x', 1, 2, 3],
        ['y', 1, 2, 4],
      ]),
    ).toBe('legal');
    expect(
      verdict([
        ['x', 1, 2, 3],
        ['y', 1, 2, 3],
      ]),
    ).toBe('timestamps');
    expect(
      verdict([
        ['x', 1, 2, 3],
        ['y', 1, 1, 9],
      ]),
    ).toBe('timestamps');
    expect(
      verdict([
        ['x', 2, 0, 0],
        ['y', 1, 9, 9],
      ]),
    ).toBe('timestamps');
    expect(verdict([['x', 1, 0, 0]], [['x', 1, 0, 1]])).toBe('timestamps');
  });

  test('nothing delivered proves nothing', () => {
    expect(judged({}, [])).toBe('unknown, nothing was delivered');
    expect(judged({ x: 'a' }, [log('a', '')], false)).toBe('unknown, nothing was delivered');
    expect(judged({ x: 'a' }, [log('a', '')])).toMatch(/^illegal, agreement/);
  });

  test('refuses names that do not tell apart', () => {
    expect(() => judged({ x: 'a' }, [log('a', 'x'), log('a', '')])).toThrow(RangeError);
    const twice = [...sent({ x: 'a' }), ...sent({ x: 'a' })];
    expect(() => checkTotalOrder({ sent: twice, logs: [], quiescent: true })).toThrow(RangeError);
  });
});

interface Draft {
  sent: SentCommand[];
  logs: { member: string; deliveries: Delivery[]; stopped: boolean }[];
  quiescent: boolean;
}

/** One order of all commands, of which each member has delivered its part up to some place. */
function legalRun(random: Random): Draft {
  const members = [...'abcd'].slice(0, 2 + random.below(3));
  const commands = [...'uvwxyz'].slice(0, 1 + random.below(5)).map((command): SentCommand => {
    const group = members.filter(() => random.chance(0.65));
    return { command, group, ...(random.chance(0.5) && { from: random.pick(members) }) };
  });
  const quiescent = random.chance(0.5);
  const timed = random.chance(0.5);
  const logs = members.map((member) => {
    const mine = commands.flatMap(({ command, group }, at): Delivery[] =>
      group.includes(member) ? [{ command, ...(timed && { timestamp: [at >> 1, at & 1, 7] as const }) }] : [],
    );
    const stopped = random.chance(0.15);
    const whole = quiescent && !stopped;
    return { member, stopped, deliveries: whole ? mine : mine.slice(0, random.below(mine.length + 1)) };
  });
  return { sent: commands, logs, quiescent };
}

function spoil(random: Random, run: Draft): void {
  const { deliveries } = random.pick(run.logs);
  const at = random.below(deliveries.length + 1);
  const one = deliveries[at];
  const kind = random.below(6);
  if (kind <= 2 && deliveries.length > 1) {
    const from = random.below(deliveries.length - 1);
    deliveries.splice(from, 2, ...deliveries.slice(from, from + 2).reverse());
    if (kind > 0)
      for (const each of run.logs) each.deliveries = each.deliveries.map(({ command }) => ({ command }));
  } else if (kind === 3) deliveries.splice(at, 1);
  else if (kind === 4 && random.chance(0.3))
    deliveries.splice(at, 0, { command: random.pick([...'uvwxyz']) });
  else if (one?.timestamp !== undefined)
    deliveries[at] = { ...one, timestamp: [random.below(3), random.below(2), 7] };
}

test('agrees with brute force on random runs, some of them spoilt', () => {
  const counts = { legal: 0, illegal: 0, unknown: 0 };
  const properties = new Map<TotalOrderProperty, number>();
  for (let seed = 0; seed < runs; seed += 1) {
    const random = new Random(seed);
    const run: Draft = legalRun(random);
    const honest = random.chance(0.2);
    for (let times = honest ? 0 : 1 + random.below(3); times > 0; times -= 1) spoil(random, run);
    const where = `seed ${seed}\n${JSON.stringify(run)}`;
    const broken = bruteTotalOrder(run);
    if (honest && broken.size > 0) expect.fail(`the generator broke its promise, ${where}`);
    const { verdict, counterexample } = checkTotalOrder(run);
    counts[verdict] += 1;
    const nothing = run.logs.every(({ deliveries }) => deliveries.length === 0);
    if (verdict !== (broken.size > 0 ? 'illegal' : nothing ? 'unknown' : 'legal'))
      expect.fail(`${verdict}, ${where}`);
    if (counterexample === undefined) continue;
    const { property } = counterexample;
    properties.set(property, (properties.get(property) ?? 0) + 1);
    if (!broken.has(property)) expect.fail(`${property}, ${where}`);
    if (!bruteTotalOrder(alone(run, counterexample.logs)).has(property))
      expect.fail(`${property} alone, ${where}`);
  }
  expect(counts.legal / runs).toBeGreaterThan(0.3);
  expect(counts.illegal / runs).toBeGreaterThan(0.2);
  for (const property of ['integrity', 'agreement', 'order', 'prefix', 'timestamps'] as const) {
    expect(properties.get(property) ?? 0, property).toBeGreaterThan(runs / 100);
  }
});

/** A run of the members and commands of a counter-example only. */
function alone({ sent: commands, quiescent }: TotalOrderRun, logs: readonly DeliveryLog[]): TotalOrderRun {
  const members = new Set(logs.map(({ member }) => member));
  const seen = new Set(logs.flatMap(({ deliveries }) => deliveries.map(({ command }) => command)));
  const missing = seen.size === 0;
  const left = [...commands].filter(({ command }) => missing || seen.has(command));
  return {
    sent: left.map((each) => ({ ...each, group: each.group.filter((member) => members.has(member)) })),
    logs,
    quiescent,
  };
}
