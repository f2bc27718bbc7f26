import assert from 'node:assert/strict';
import { Chance } from '@dsm/simulator';
import { judge, Recorder, unjudged } from '../face/recorder.js';
import type { Face, Group, Stage } from '../face/stage.js';
import { attended, ends, eventually, sees } from '../face/waiting.js';
import { alone, type Setting, type Topic } from './topic.js';

const judged = ({ protocol }: Setting) => unjudged(protocol.guarantees);

/** Many operations at once, recorded and judged by the checker of the promised consistency. */
export const histories: readonly Topic[] = [
  { name: '200 pending operations of one member give a history that is promised', excuse: judged, run: one },
  { name: 'pending operations of all members give a history that is promised', excuse: judged, run: all },
  { name: 'a few operations at a time, deletes and swaps too, do so', excuse: judged, run: few },
  { name: 'what a watch yields is what a read could have returned', excuse: judged, run: watched },
  {
    name: 'a member that was out of reach for a while gives a history that is promised',
    excuse: (setting) => alone(setting) ?? judged(setting),
    run: outOfReach,
  },
  { name: 'all members come to agree on every key', excuse: alone, run: convergence },
];

const keys = ['x', 'y', 'z'] as const;

async function one(stage: Stage): Promise<void> {
  const group = await stage.group({}, new Chance(stage.size));
  const recorder = new Recorder(stage.placeOf);
  await burst(recorder, group.last, 200, new Chance(1));
  assert.equal(recorder.operations.length, 200);
  await look(recorder, group);
  judge(recorder, stage.protocol.guarantees);
}

async function all(stage: Stage): Promise<void> {
  const group = await stage.group({}, new Chance(stage.size));
  const recorder = new Recorder(stage.placeOf);
  // Ten at a time at each member: each that ends makes room for the next.
  const lanes = group.members.flatMap((memory, slot) =>
    Array.from({ length: 10 }, async (_, lane) => {
      const chance = new Chance(slot * 10 + lane);
      for (let left = 10; left > 0; left -= 1) await burst(recorder, memory, 1, chance);
    }),
  );
  await Promise.all(lanes);
  await look(recorder, group);
  judge(recorder, stage.protocol.guarantees);
}

/** Operations that are all pending at once. */
async function burst(recorder: Recorder, memory: Face, count: number, chance: Chance): Promise<void> {
  const pending = Array.from({ length: count }, () => {
    const key = chance.pick(keys);
    return chance.happens(0.5) ? recorder.write(memory, key) : recorder.read(memory, key);
  });
  await Promise.all(pending);
}

/** Everybody reads everything, once nothing is pending. */
async function look(recorder: Recorder, { members }: Group): Promise<void> {
  for (const memory of members) for (const key of keys) await recorder.read(memory, key);
}

async function few(stage: Stage): Promise<void> {
  const group = await stage.group({}, new Chance(stage.size));
  const recorder = new Recorder(stage.placeOf);
  const { compareAndSwap } = stage.protocol.guarantees;
  const work = async (memory: Face, chance: Chance) => {
    for (let left = 25; left > 0; left -= 1) await step(recorder, memory, chance, compareAndSwap);
  };
  // Two at each member: they begin and end together whatever the speed of the machine, so that swaps do race.
  const workers = group.members.flatMap((memory, slot) =>
    [slot + 10, slot + 50].map((seed) => ({ memory, seed })),
  );
  await Promise.all(workers.map(({ memory, seed }) => work(memory, new Chance(seed))));
  await look(recorder, group);
  judge(recorder, stage.protocol.guarantees);
}

async function step(recorder: Recorder, memory: Face, chance: Chance, swaps: boolean): Promise<void> {
  const key = chance.pick(keys);
  const kind = chance.below(swaps ? 5 : 3);
  if (kind === 0) return recorder.delete(memory, key);
  if (kind === 1) return recorder.write(memory, key);
  const current = await recorder.read(memory, key);
  if (kind > 2) await recorder.swap(memory, key, current);
}

async function watched(stage: Stage): Promise<void> {
  const group = await stage.group({}, new Chance(stage.size));
  const recorder = new Recorder(stage.placeOf);
  let writing = true;
  const follow = async (memory: Face) => {
    const watch = memory.watch('x');
    // The last value is written once more, so that nobody waits for a change that does not come.
    for (let last: unknown; writing || last !== 'the end'; ) {
      last = await ends(stage, 'a step of a watch', recorder.step(memory, watch, 'x'));
    }
    await watch.return?.();
  };
  const watching = attended(Promise.all(group.members.map(follow)));
  const writers = group.members.map(async (memory) => {
    for (let left = 20; left > 0; left -= 1) await recorder.write(memory, 'x');
  });
  await Promise.all(writers);
  writing = false;
  await recorder.write(group.first, 'x', 'the end');
  await watching;
  judge(recorder, stage.protocol.guarantees);
}

async function outOfReach(stage: Stage): Promise<void> {
  const group = await stage.group({}, new Chance(stage.size));
  const recorder = new Recorder(stage.placeOf);
  const { last, members } = group;
  group.isolate(last);
  const bursts = members.map((memory, slot) => burst(recorder, memory, 30, new Chance(slot + 20)));
  const pending = attended(Promise.all(bursts));
  // Frames of some turns are lost: those that the others would have sent it, and its own.
  for (let turns = 20; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  group.heal();
  await pending;
  await look(recorder, group);
  judge(recorder, stage.protocol.guarantees);
}

async function convergence(stage: Stage): Promise<void> {
  const { members } = await stage.group({}, new Chance(stage.size));
  const chances = members.map((_, slot) => new Chance(slot + 30));
  const writing = members.flatMap((memory, slot) =>
    Array.from({ length: 30 }, async (_, n) => {
      const key = chances[slot]?.pick(keys) ?? 'x';
      await (n % 7 === 6 ? memory.delete(key) : memory.write(key, `${memory.id} ${n}`));
    }),
  );
  await Promise.all(writing);
  await eventually(stage, async () => {
    const seen = await Promise.all(members.map((memory) => Promise.all(keys.map((key) => memory.read(key)))));
    for (const values of seen) assert.deepEqual(values, seen[0]);
  });
  await members[0]?.write('x', 'last of all');
  for (const memory of members) await sees(stage, memory, 'x', 'last of all');
}
