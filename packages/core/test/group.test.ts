import { describe, expect, test } from 'vitest';
import { Group, type GroupHost } from '../src/group/group.js';
import type { GroupMessage } from '../src/group/messages.js';
import type { View } from '../src/protocol.js';
import { type Chance, forSeeds, oneSeed, runs, timeoutMs } from './fixtures/chance.js';
import { Story } from './fixtures/group-story.js';
import { birthOf, Town } from './fixtures/group-town.js';
import { explore } from './fixtures/town-explorer.js';

const deep = Boolean(process.env.DSM_DEEP);
/** As `npm run simulate:full` asks for. */
const full = Boolean(process.env.DSM_FULL);

describe('by chance', () => {
  const seen = { formed: 0, removed: 0, gone: 0, stuck: 0 };

  test(
    'at most one view is entered whoever dies whenever, and one is once nobody dies any more',
    () => {
      forSeeds(3_000, (chance) => {
        const late = chance.happens(0.5) ? Number.POSITIVE_INFINITY : 0;
        const town = new Town(chance.between(1, chance.happens(0.5) ? 3 : 5), late);
        const dying = chance.sometimes(0.15);
        for (let left = chance.between(10, 150); left > 0; left -= 1) live(town, chance, dying);
        seen[heal(town, chance)] += 1;
      });
      if (oneSeed) return;
      expect(seen.formed).toBeGreaterThan(runs(1_500));
      expect(seen.removed).toBeGreaterThan(runs(150));
      expect(seen.stuck).toBe(0);
    },
    timeoutMs,
  );

  function live(town: Town, chance: Chance, dying: number): void {
    if (chance.happens(dying)) town.restart(chance.below(town.names.length));
    const steps = town.steps();
    if (steps.length > 0) town.take(chance.pick(steps));
  }

  /** Until nothing more can happen; members that were told to go are started once more while there is no group. */
  function heal(town: Town, chance: Chance): Town['outcome'] {
    for (let left = 10_000; left > 0; left -= 1) {
      const steps = town.healingSteps();
      if (steps.length > 0) town.take(chance.pick(steps));
      else if (town.outcome === 'gone') town.restartRemoved();
      else if (town.outcome === 'stuck') throw new Error('they wait for ever');
      else return town.outcome;
    }
    throw new Error('they never come to an end');
  }
});

describe('in every order', () => {
  /** A changed count means a changed protocol. */
  test.each([
    { members: 1, restarts: 1, lateHellos: 0, states: 2 },
    { members: 2, restarts: 0, lateHellos: 0, states: 12 },
    { members: 2, restarts: 1, lateHellos: 0, states: 162 },
    { members: 2, restarts: 1, lateHellos: 2, states: 735 },
    { members: 2, restarts: 2, lateHellos: 1, states: 6_796 },
    { members: 3, restarts: 0, lateHellos: 0, states: 256 },
    { members: 3, restarts: 1, lateHellos: 0, states: 7_754 },
    ...(deep
      ? [
          { members: 2, restarts: 3, lateHellos: 0, states: 13_959 },
          { members: 3, restarts: 1, lateHellos: 1, states: 34_338 },
          { members: 4, restarts: 0, lateHellos: 0, states: 20_928 },
        ]
      : []),
    ...(full ? [{ members: 3, restarts: 2, lateHellos: 0, states: 260_031 }] : []),
  ])(
    '$members members, $restarts deaths, $lateHellos hellos of the dead: one view, $states states',
    ({ states, ...budget }) => {
      const explored = explore(budget);
      expect(explored.ends.stuck).toBe(0);
      expect(explored.ends.formed).toBeGreaterThan(0);
      if (budget.restarts === 0) expect(explored.ends).toEqual({ formed: 1, removed: 0, gone: 0, stuck: 0 });
      expect(explored.states).toBe(states);
    },
    timeoutMs,
  );
});

describe('a story', () => {
  const proposed = [
    [101, 201],
    [201, 101],
    [101, 201],
  ] as const;

  /** Two members that know each other; 101 proposes. */
  function pair(): Story {
    const story = new Story(2);
    story.meet(101, 201);
    story.meet(201, 101);
    return story;
  }

  test('of two members: who proposed enters first', () => {
    const story = pair();
    story.deliver(...proposed, [201, 101]);
    expect(story.viewOf(101)).toEqual([101, 201]);
    expect(story.viewOf(201)).toBe(undefined);
    story.deliver([101, 201]);
    expect(story.viewOf(201)).toEqual([101, 201]);
  });

  test('of a member that dies before it has accepted: the group forms with its successor', () => {
    const story = pair();
    story.deliver([101, 201], [201, 101]);
    story.restart(1);
    story.settle();
    expect(story.viewOf(101)).toEqual([101, 202]);
    expect(story.viewOf(202)).toEqual([101, 202]);
  });

  test.each([
    [true, [101, 201]],
    [false, [101, 202]],
  ])('of a member that dies once it has accepted, and whether that was heard: %s', (heard, members) => {
    const story = pair();
    story.deliver(...proposed);
    if (heard) story.deliver([201, 101]);
    story.restart(1);
    if (!heard) story.meet(101, 202);
    story.settle();
    expect(story.viewOf(101)).toEqual(members);
    expect(story.wasRemoved(202)).toBe(heard);
  });

  test('of a proposer that dies when its view is accepted: its successor finishes that view, and goes', () => {
    const story = pair();
    story.deliver(...proposed);
    story.restart(0);
    story.settle();
    expect(story.viewOf(201)).toEqual([101, 201]);
    expect(story.wasRemoved(102)).toBe(true);
  });

  test('of a proposer that dies before its view is accepted: its successor proposes one of its own', () => {
    const story = pair();
    story.deliver([101, 201], [201, 101]);
    story.restart(0);
    story.meet(201, 102);
    story.settle();
    expect(story.viewOf(201)).toEqual([102, 201]);
    expect(story.viewOf(102)).toEqual([102, 201]);
  });

  test('of a late request by a dead proposer: the living one is told, and asks again', () => {
    const story = new Story(2);
    story.meet(101, 201);
    story.restart(1);
    story.meet(101, 202);
    story.restart(0);
    story.meet(102, 202);
    story.meet(202, 102);
    story.deliver([102, 202], [202, 102]);
    // A late hello makes 202 listen to 101, whose ballot is higher; then it hears of 102 again.
    story.meet(202, 101);
    story.deliver([101, 202]);
    story.settle();
    expect(story.viewOf(102)).toEqual([102, 202]);
    expect(story.viewOf(202)).toEqual([102, 202]);
  });

  test('of a late request by a dead proposer: it does not undo what a successor has decided', () => {
    const story = new Story(3);
    story.restart(1);
    story.meet(101, 202, 301);
    for (const who of [202, 301]) story.meet(who, 101);
    story.deliver([101, 202], [101, 301], [202, 101], [301, 101], [101, 202]);
    // 202 has accepted. Late hellos of 201 and 202 make 101 ask for two other views; it dies.
    story.meet(101, 201, 202);
    story.restart(0);
    // 102 finishes what 202 accepted: it is decided, and its decision is under way.
    story.meet(102, 202, 301);
    for (const who of [202, 301]) story.meet(who, 102);
    story.settle((step) => step.kind === 'deliver' && !story.decides(step));
    expect(story.wasRemoved(102)).toBe(true);

    // The requests of 101 reach 301 only now. 202 dies.
    story.meet(301, 101);
    story.drain(101, 301);
    story.restart(0, 1);
    story.settle();
    expect(story.viewOf(301)).toEqual([101, 202, 301]);
    expect(story.wasRemoved(103)).toBe(true);
    expect(story.wasRemoved(203)).toBe(true);
  });
});

describe('a member', () => {
  const names = ['a', 'b', 'c'];
  const viewOf = (birth: number, ...incarnations: readonly number[]): View => ({
    epoch: 1,
    birth,
    members: incarnations.map((incarnation, slot) => ({
      name: names[slot] as string,
      slot,
      incarnation,
      since: 1,
    })),
  });

  /** A group alone, and what it does to the world. Its messages to itself are the test's to deliver. */
  function alone(self: number, of = names) {
    const group = new Group(self, of, self + 1, birthOf(self + 1));
    const did: unknown[] = [];
    const host: GroupHost = {
      send: (to, message) => did.push([to, message]),
      broadcast: (message) => did.push(['all', message]),
      settle: () => did.push('settle'),
      entered: () => did.push('entered'),
      told: () => did.push('told'),
      removed: () => did.push('removed'),
    };
    return {
      group,
      host,
      /** What it did since last asked. */
      did: () => did.splice(0),
      gets: (from: number, ...messages: readonly GroupMessage[]) => {
        for (const message of messages) group.receive(from, message, host);
        return did.splice(0);
      },
      meets: (...slots: readonly number[]) => {
        for (const slot of slots) group.met(slot, slot + 1, host);
        return did.splice(0);
      },
    };
  }

  const birth = birthOf(1);
  const mine = viewOf(birth, 1, 2, 3);

  test('that is alone proposes at once, to itself', () => {
    const { group, host, gets } = alone(0, ['a']);
    group.propose(host);
    const view = viewOf(birth, 1);
    expect(gets(0)).toEqual([['all', { type: 'prepare', ballot: 32, birth }]]);
    expect(gets(0, { type: 'promised', ballot: 32, accepted: undefined })).toEqual([
      ['all', { type: 'accept', ballot: 32, view }],
    ]);
    expect(gets(0, { type: 'accepted', ballot: 32 })).toEqual([['all', { type: 'decided', view }]]);
    expect(group.epoch).toBe(0);
    expect(gets(0, { type: 'decided', view })).toEqual([
      'settle',
      ['all', { type: 'decided', view }],
      'entered',
    ]);
    expect([group.epoch, group.view]).toEqual([1, view]);
  });

  test('proposes only in slot 0, and only when it has met everybody', () => {
    expect(alone(1).meets(0, 2)).toEqual([]);
    const first = alone(0);
    expect(first.meets(2)).toEqual([]);
    expect(first.meets(1)).toEqual([['all', { type: 'prepare', ballot: 32, birth }]]);
    expect(first.group.incarnationOf(2)).toBe(3);
    expect(first.group.incarnationOf(9)).toBe(0);
  });

  test('needs the promise of everybody, and counts nobody twice', () => {
    const { meets, gets } = alone(0);
    const promised: GroupMessage = { type: 'promised', ballot: 32, accepted: undefined };
    meets(1, 2);
    expect(gets(0, promised, promised, promised)).toEqual([]);
    expect(gets(1, promised, { ...promised, ballot: 31 }, { ...promised, ballot: 64 })).toEqual([]);
    expect(gets(2, { ...promised, ballot: 64 })).toEqual([]);
    expect(gets(2, promised)).toEqual([['all', { type: 'accept', ballot: 32, view: mine }]]);
    expect(gets(2, promised)).toEqual([]);
  });

  test('needs everybody to accept, in this ballot, what it has proposed', () => {
    const { meets, gets } = alone(0);
    const accepted: GroupMessage = { type: 'accepted', ballot: 32 };
    meets(1, 2);
    for (const from of [0, 1, 2]) expect(gets(from, accepted)).toEqual([]);
    for (const from of [0, 1, 2]) gets(from, { type: 'promised', ballot: 32, accepted: undefined });
    expect(gets(0, accepted, accepted, { ...accepted, ballot: 64 })).toEqual([]);
    expect(gets(2, accepted)).toEqual([]);
    expect(gets(1, { ...accepted, ballot: 64 })).toEqual([]);
    expect(gets(1, accepted)).toEqual([['all', { type: 'decided', view: mine }]]);
    expect(gets(1, accepted)).toEqual([]);
  });

  test('proposes what was accepted in the highest ballot', () => {
    const { meets, gets } = alone(0);
    meets(1, 2);
    const [older, newer] = [viewOf(5, 4, 2, 3), viewOf(6, 5, 2, 3)];
    const promised = (ballot: number, view: View): GroupMessage => ({
      ...{ type: 'promised', ballot: 32 },
      accepted: { ballot, view },
    });
    gets(0, promised(3, older));
    gets(1, promised(7, newer));
    expect(gets(2, promised(5, older))).toEqual([['all', { type: 'accept', ballot: 32, view: newer }]]);
  });

  test('asks again with a higher ballot when it is outranked, in this ballot', () => {
    const { meets, gets } = alone(0);
    meets(1, 2);
    gets(0, { type: 'prepare', ballot: 32, birth });
    expect(gets(1, { type: 'outranked', ballot: 31, promised: 320 })).toEqual([]);
    expect(gets(1, { type: 'outranked', ballot: 32, promised: 320 })).toEqual([
      ['all', { type: 'prepare', ballot: 352, birth }],
    ]);
    gets(0, { type: 'prepare', ballot: 352, birth });
    expect(gets(2, { type: 'outranked', ballot: 352, promised: 3 })).toEqual([
      ['all', { type: 'prepare', ballot: 384, birth }],
    ]);
  });

  test('begins anew, votes forgotten, when it meets another process of a name', () => {
    const { group, host, meets, gets, did } = alone(0);
    meets(1, 2);
    for (const from of [0, 1, 2]) gets(from, { type: 'promised', ballot: 32, accepted: undefined });
    gets(0, { type: 'prepare', ballot: 32, birth }, { type: 'accept', ballot: 32, view: mine });
    group.met(2, 9, host);
    expect(did()).toEqual([['all', { type: 'prepare', ballot: 64, birth }]]);
    // What it had asked itself to accept was not decided, so it promises without it.
    expect(gets(0, { type: 'prepare', ballot: 64, birth })).toEqual([
      [0, { type: 'promised', ballot: 64, accepted: undefined }],
    ]);
    for (const from of [0, 1, 2]) expect(gets(from, { type: 'accepted', ballot: 32 })).toEqual([]);
  });

  test('promises a ballot once, and nothing below it', () => {
    const { gets } = alone(1);
    const prepare: GroupMessage = { type: 'prepare', ballot: 64, birth: 5 };
    expect(gets(0, prepare)).toEqual([[0, { type: 'promised', ballot: 64, accepted: undefined }]]);
    expect(gets(0, prepare)).toEqual([[0, { type: 'outranked', ballot: 64, promised: 64 }]]);
    expect(gets(0, { ...prepare, ballot: 32 })).toEqual([
      [0, { type: 'outranked', ballot: 32, promised: 64 }],
    ]);
    const accept: GroupMessage = { type: 'accept', ballot: 32, view: mine };
    expect(gets(0, accept)).toEqual([[0, { type: 'outranked', ballot: 32, promised: 64 }]]);
    expect(gets(0, { ...accept, ballot: 64 })).toEqual([[0, { type: 'accepted', ballot: 64 }]]);
  });

  test('tells what it accepted, unless who asked for that and drew it asks for another view', () => {
    const accepting = (asker: number) => {
      const { gets } = alone(1);
      gets(0, { type: 'prepare', ballot: 32, birth: asker }, { type: 'accept', ballot: 32, view: mine });
      return gets;
    };
    const accepted = { ballot: 32, view: mine };
    const again: GroupMessage = { type: 'prepare', ballot: 64, birth };
    expect(accepting(birth)(0, again)).toEqual([[0, { type: 'promised', ballot: 64, accepted: undefined }]]);
    expect(accepting(birth)(0, { ...again, birth: 5 })).toEqual([
      [0, { type: 'promised', ballot: 64, accepted }],
    ]);
    expect(accepting(5)(0, again)).toEqual([[0, { type: 'promised', ballot: 64, accepted }]]);
    expect(accepting(5)(0, { ...again, birth: 5 })).toEqual([
      [0, { type: 'promised', ballot: 64, accepted }],
    ]);
  });

  test('in a view answers with it, and changes its mind for nobody', () => {
    const { group, host, gets, meets, did } = alone(0);
    gets(1, { type: 'decided', view: mine });
    expect(gets(1, { type: 'prepare', ballot: 64, birth: 5 })).toEqual([
      [1, { type: 'decided', view: mine }],
    ]);
    expect(gets(1, { type: 'accept', ballot: 640, view: viewOf(5, 1, 2, 3) })).toEqual([]);
    expect(gets(1, { type: 'decided', view: viewOf(5, 1, 2, 3) })).toEqual([]);
    expect(meets(1, 2)).toEqual([]);
    group.met(2, 9, host);
    group.propose(host);
    expect(did()).toEqual([]);
    expect(group.incarnationOf(2)).toBe(3);
    expect(group.view).toBe(mine);
  });

  test('that proposed itself and is told of a decision counts no more votes', () => {
    const { meets, gets } = alone(0);
    meets(1, 2);
    gets(1, { type: 'decided', view: mine });
    for (const from of [0, 1, 2]) {
      expect(gets(from, { type: 'promised', ballot: 32, accepted: undefined })).toEqual([]);
    }
  });

  test('that the view does not name is removed, and enters nothing', () => {
    for (const view of [viewOf(5, 1, 9, 3), viewOf(5, 1)]) {
      const { group, gets } = alone(1);
      expect(gets(0, { type: 'decided', view })).toEqual(['removed']);
      expect(group.view).toBe(undefined);
    }
  });
});
