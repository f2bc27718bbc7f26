import { expect, test } from 'vitest';
import {
  checkCausal,
  checkLinearizable,
  checkSequential,
  checkSessions,
  checkTotalOrder,
  type Operation,
  type Verdict,
} from '../src/index.js';
import { causalHistory } from './causal-generator.js';
import { corrupted, legalHistory } from './generator.js';
import { Random } from './random.js';
import { sequentialHistory, spoilt, type WeakShape } from './weak-generator.js';

const histories = 500;
const operations = 100_000;

const medium: WeakShape = {
  sessions: 6,
  operations: 120,
  keys: 3,
  values: 0,
  writes: 0.5,
  cas: 0,
  deletes: 0,
  unknown: 0.03,
  ordered: 1,
};

type Models = Record<'linearizable' | 'sequential' | 'ccv' | 'cc' | 'sessions', Verdict>;

function verdictsOf(history: readonly Operation[]): Models {
  return {
    linearizable: checkLinearizable(history).verdict,
    // Whether a history is sequential takes exponential time at worst: some stay undecided.
    sequential: checkSequential(history, { stepsMax: 50_000 }).verdict,
    ccv: checkCausal(history).verdict,
    cc: checkCausal(history, { level: 'cc' }).verdict,
    sessions: checkSessions(history).verdict,
  };
}

/** Each model of a chain allows all that the one before allows. */
function checkChains(found: Models, seed: number): void {
  const chains = [
    [found.sequential, found.ccv, found.cc],
    [found.ccv, found.sessions],
  ];
  for (const chain of chains) {
    if (chain.join().includes('illegal,legal') === false && chain.includes('unknown'))
      expect.fail(`seed ${seed}`);
    const firstLegal = chain.indexOf('legal');
    if (firstLegal >= 0 && chain.slice(firstLegal).includes('illegal')) {
      expect.fail(`seed ${seed}: ${JSON.stringify(found)}`);
    }
  }
}

test('a stronger model never allows what a weaker one forbids, on histories of 120 operations', () => {
  const shape = {
    clients: 6,
    operations: 120,
    keys: 3,
    values: 0,
    cas: 0,
    deletes: 0,
    unknown: 0.03,
    gapMax: 12,
  };
  const counts: Record<string, number> = {};
  for (let seed = 0; seed < histories; seed += 1) {
    const random = new Random(seed);
    const draws = [
      () => legalHistory(random, shape),
      () => corrupted(random, legalHistory(random, shape)),
      () => sequentialHistory(random, { ...medium, ordered: 0 }),
      () => spoilt(random, sequentialHistory(random, { ...medium, ordered: 0 })),
      () => causalHistory(random, medium, false),
      () => causalHistory(random, medium, true),
      () => spoilt(random, causalHistory(random, medium, false)),
    ];
    const draw = seed % draws.length;
    const found = verdictsOf((draws[draw] as () => Operation[])());
    checkChains(found, seed);
    if (draw === 0) expect(found.linearizable).toBe('legal');
    if (draw === 2) expect(found.sequential).toBe('legal');
    if (draw === 4) expect(found.ccv).toBe('legal');
    if (draw === 5) expect(found.cc).toBe('legal');
    for (const [model, verdict] of Object.entries(found)) {
      counts[`${model} ${verdict}`] = (counts[`${model} ${verdict}`] ?? 0) + 1;
    }
  }
  for (const model of ['linearizable', 'sequential', 'ccv', 'cc', 'sessions']) {
    expect(counts[`${model} legal`], model).toBeGreaterThan(histories / 14);
    expect(counts[`${model} illegal`], model).toBeGreaterThan(histories / 40);
  }
});

test('a recorded order decides, and forgetting it forbids nothing more, on histories of 120 operations', () => {
  const counts = { legal: 0, illegal: 0, unknown: 0 };
  for (let seed = 0; seed < histories; seed += 1) {
    const random = new Random(seed);
    const shape = { ...medium, values: random.pick([0, 0, 40]), cas: 0.1, unknown: random.pick([0, 0.02]) };
    const honest = sequentialHistory(random, shape);
    const history = seed % 3 === 0 ? honest : spoilt(random, honest);
    const { verdict } = checkSequential(history);
    const forgotten = history.map(({ order: _, ...operation }): Operation => operation);
    if (history === honest) expect(verdict, `seed ${seed}`).toBe('legal');
    const without = checkSequential(forgotten, { stepsMax: 50_000 }).verdict;
    if (verdict === 'legal' && without === 'illegal') expect.fail(`seed ${seed}`);
    counts[verdict] += 1;
  }
  expect(counts.legal).toBeGreaterThan(histories / 3);
  expect(counts.illegal).toBeGreaterThan(histories / 8);
  expect(counts.unknown).toBeLessThan(histories / 50);
});

const large = { ...medium, sessions: 16, operations, keys: 50, unknown: 0.0005 };

/** The history with one read near its end that shows the first value of its key. */
function stale(history: readonly Operation[]): Operation[] {
  const latest = history.reduce((last, one) => (isLater(one, last) ? one : last));
  const writes = history.filter(({ op, key, end }) => op === 'write' && key === latest.key && end !== null);
  const first = writes.reduce((least, one) => (Number(one.value) < Number(least.value) ? one : least));
  return history.map((operation) =>
    operation === latest ? { ...operation, value: first.value } : operation,
  );
}

function isLater(one: Operation, other: Operation): boolean {
  if (one.op !== 'read' || one.value === undefined || one.end === null) return false;
  return other.op !== 'read' || other.value === undefined || Number(one.value) > Number(other.value);
}

/** One log of writes, of which every session has read up to some place; times are those of one clock. */
function loggedHistory(random: Random, ordered: boolean): Operation[] {
  const log: { key: string; value: number }[] = [];
  const sessions = Array.from({ length: 8 }, () => ({ read: 0, held: new Map<string, number>() }));
  return Array.from({ length: operations }, (_, number): Operation => {
    const client = random.below(sessions.length);
    const session = sessions[client] as (typeof sessions)[number];
    const key = `k${random.below(50)}`;
    const writes = random.chance(0.5);
    if (writes) log.push({ key, value: number });
    const until = writes ? log.length : Math.max(session.read, log.length - random.below(100));
    for (; session.read < until; session.read += 1) {
      const entry = log[session.read] as (typeof log)[number];
      session.held.set(entry.key, entry.value);
    }
    const times = { client, key, start: 10 * number, end: 10 * number + 5 };
    if (!writes) return { ...times, op: 'read', value: session.held.get(key) };
    return { ...times, op: 'write', value: number, ...(ordered && { order: [number, client, 0] as const }) };
  });
}

test.each([true, false])(`${operations} operations, sequential, the order recorded: %s`, (ordered) => {
  const history = loggedHistory(new Random(7), ordered);
  const legal = checkSequential(history);
  expect(legal).toEqual({ model: 'sequential', verdict: 'legal', checkedOperations: operations, keys: 50 });
  const { verdict, counterexample } = checkSequential(stale(history));
  expect(verdict).toBe('illegal');
  expect(counterexample?.operations.length).toBeLessThan(30);
});

test(`${operations} operations, causal and by session`, () => {
  const history = causalHistory(new Random(7), large, false);
  expect(checkCausal(history)).toMatchObject({ verdict: 'legal', checkedOperations: operations });
  expect(checkSessions(history)).toMatchObject({ verdict: 'legal', checkedOperations: operations });
  const wrong = checkCausal(stale(history));
  expect(wrong.verdict).toBe('illegal');
  expect(wrong.counterexample?.operations.length).toBeLessThan(30);
  const unkept = checkSessions(stale(history));
  expect(unkept.verdict).toBe('illegal');
  expect(unkept.counterexample?.operations.length).toBeLessThan(30);
});

test(`${operations} deliveries in one order, and with a circle over three groups`, () => {
  const members = Array.from({ length: 12 }, (_, at) => `m${at}`);
  const sent = Array.from({ length: operations / 2 }, (_, at) => ({
    command: `c${at}`,
    group: [members[at % 12] as string, members[(at * 7 + 1 + Math.floor(at / 12)) % 12] as string],
  })).map(({ command, group }) => ({ command, group: [...new Set(group)] }));
  const logs = members.map((member) => ({
    member,
    deliveries: sent.filter(({ group }) => group.includes(member)).map(({ command }) => ({ command })),
  }));
  const run = { sent, logs, quiescent: true };
  expect(checkTotalOrder(run).verdict).toBe('legal');
  const late = ['xy', 'yz', 'zx'].map((pair, at) => ({ at, pair: [...pair] }));
  const circle = {
    quiescent: true,
    sent: [
      ...sent,
      ...['x', 'y', 'z'].map((command, at) => ({ command, group: [`m${at}`, `m${(at + 2) % 3}`] })),
    ],
    logs: logs.map((log, number) => ({
      ...log,
      deliveries: [
        ...log.deliveries,
        ...late.filter(({ at }) => at === number).flatMap(({ pair }) => pair.map((command) => ({ command }))),
      ],
    })),
  };
  const { counterexample } = checkTotalOrder(circle);
  expect(counterexample?.property).toBe('order');
  expect(counterexample?.logs.flatMap(({ deliveries }) => deliveries)).toHaveLength(6);
});
