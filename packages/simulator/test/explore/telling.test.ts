import { expect, test } from 'vitest';
import { type Action, type Kind, kindOf, kinds } from '../../src/explore/action.js';
import { tell } from '../../src/explore/telling.js';
import { World } from '../../src/explore/world.js';
import { parseScript } from '../../src/index.js';
import { Primary, primary, SlowPrimary } from './fixtures/primary.js';

/** Takes actions where everything can go wrong: of those of each kind that are possible, one by its place. */
function told(
  replica: typeof Primary,
  text: string,
  picks: readonly (readonly [kind: Kind, place: number])[],
) {
  const faults = { duplicates: 1, drops: 1, crashes: 1 };
  const subject = { protocol: primary(replica, { channels: 'unordered' }) };
  const world = new World(subject, { script: parseScript(text), ...faults }, false);
  const actions: Action[] = [];
  let { state } = world.first();
  for (const [kind, place] of picks) {
    const action = world.actions(state).filter((one) => kindOf(one) === kind)[place] as Action;
    actions.push(action);
    ({ state } = world.step(state, action));
  }
  return tell(world, actions);
}

test('a duplicate, a loss and a crash are told', () => {
  const { schedule, story } = told(Primary, '| w', [
    [kinds.invoke, 0],
    [kinds.duplicate, 0],
    [kinds.drop, 0],
    [kinds.crash, 2],
    [kinds.deliver, 1],
  ]);
  expect(schedule).toEqual([
    "m1: write x 'a'",
    "write 1 x 'a' from m1 to m0, and stays in flight",
    "write 1 x 'a' from m1 to m0 is lost",
    'm2 crashes',
    'ended 1 x written from m0 to m1',
  ]);
  expect(story.moments).toEqual([
    { kind: 'invoke', at: 1, operation: 0, label: "write x 'a'" },
    { kind: 'send', at: 1, to: 0, flight: 1, label: "write 1 x 'a'" },
    { kind: 'receive', at: 0, from: 1, flight: 1 },
    { kind: 'send', at: 0, to: 1, flight: 2, label: 'update x' },
    { kind: 'send', at: 0, to: 2, flight: 3, label: 'update x' },
    { kind: 'send', at: 0, to: 1, flight: 4, label: 'ended 1 x written' },
    { kind: 'lose', flight: 1 },
    { kind: 'event', at: 2, label: 'crash', ends: true },
    { kind: 'lose', flight: 3 },
    { kind: 'receive', at: 1, from: 0, flight: 4 },
    { kind: 'return', at: 1, operation: 0, label: 'ok' },
  ]);
});

test('what is sent to a member that has crashed is lost at once', () => {
  const { story } = told(Primary, '| w', [
    [kinds.crash, 2],
    [kinds.invoke, 0],
    [kinds.deliver, 0],
  ]);
  expect(story.moments.slice(-4)).toEqual([
    { kind: 'send', at: 0, to: 1, flight: 2, label: 'update x' },
    { kind: 'send', at: 0, to: 2, flight: 3, label: 'update x' },
    { kind: 'send', at: 0, to: 1, flight: 4, label: 'ended 1 x written' },
    { kind: 'lose', flight: 3 },
  ]);
});

test('two equal messages in flight are two flights', () => {
  class Echo extends Primary {
    override read(...[operation, key, host]: Parameters<Primary['read']>): void {
      super.read(operation, key, host);
      super.read(operation, key, host);
    }
  }
  const { story } = told(Echo, '| r', [
    [kinds.invoke, 0],
    [kinds.deliver, 0],
    [kinds.drop, 0],
  ]);
  const flights = story.moments.map((moment) =>
    'flight' in moment ? `${moment.kind} ${moment.flight}` : '',
  );
  expect(flights).toEqual([
    '',
    'send 1',
    'send 2',
    'receive 1',
    'send 3',
    expect.stringMatching(/^lose [23]$/),
  ]);
});

test('members enter, and are told of, under the names of the scenario', () => {
  const seen: string[] = [];
  const protocol = primary(Primary);
  const replica = (self: number) => {
    const made = protocol.replica(self);
    const { enter } = made;
    made.enter = (view, sealed, host) => {
      seen.push(...view.members.map(({ name }) => name));
      enter.call(made, view, sealed, host);
    };
    return made;
  };
  const scenario = { script: parseScript('| r'), names: ['x', 'y', 'z'] };
  const world = new World({ protocol: { ...protocol, replica } }, scenario, false);
  const invoke = world.actions(world.first().state).filter((one) => kindOf(one) === kinds.invoke);
  const { schedule, story } = tell(world, invoke);
  expect(new Set(seen)).toEqual(new Set(['x', 'y', 'z']));
  expect(story.members).toEqual(['x', 'y', 'z']);
  expect(schedule).toEqual(['y: read x']);
});

test('timers, and members that ask again, are told', () => {
  class Asking extends SlowPrimary {
    repeat(): void {}
  }
  const { schedule, story } = told(Asking, '| r', [
    [kinds.fire, 0],
    [kinds.invoke, 0],
    [kinds.drop, 0],
    [kinds.repeat, 2],
    [kinds.repeat, 3],
  ]);
  expect(schedule.filter((line) => !line.includes('mark'))).toEqual([
    'm0: timer beat',
    'm1: read x',
    'm1: asks m0 again',
    'm1: asks m2 again',
  ]);
  expect(story.moments[0]).toEqual({ kind: 'event', at: 0, label: 'timer beat' });
});

test('how an operation ended is told', () => {
  const { story } = told(
    Primary,
    'r w r c d',
    [0, 1, 2, 3, 4].map(() => [kinds.invoke, 0] as const),
  );
  const labels = story.moments.flatMap((moment) => (moment.kind === 'return' ? [moment.label] : []));
  expect(labels).toEqual(['absent', 'ok', "'b'", 'ok', 'ok']);
  const unequal = told(Primary, 'w & c', [
    [kinds.invoke, 0],
    [kinds.invoke, 0],
  ]);
  expect(unequal.story.moments.at(-1)).toMatchObject({ kind: 'return', label: 'not swapped' });
});
