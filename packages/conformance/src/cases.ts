import type { Replica } from '@dsm/core';
import type { Subject } from '@dsm/simulator';
import type { AnyProtocol, Case, Draft } from './case.js';
import { type Ground, grounds, Stage, socketsOf } from './face/stage.js';
import { ends } from './face/waiting.js';
import { type ConformanceOptions, type Settings, settingsOf } from './options.js';
import { lawsOf } from './replica/laws.js';
import { topics } from './topics/all.js';
import type { Topic } from './topics/topic.js';
import { explorerCases } from './worlds/explorer.js';
import { simulatorCases } from './worlds/simulator.js';

/**
 * Everything that a protocol must do, chosen by its manifest: what does not apply is there too, with the reason why it
 * is skipped. Throws a `TypeError` for options that cannot be meant, such as a name in `leaveOut` that no case has.
 */
export function casesFor<Message, R extends Replica<Message>>(
  subject: Subject<Message, R>,
  options: ConformanceOptions = {},
): readonly Case[] {
  const settings = settingsOf(options);
  const protocol = subject.protocol as AnyProtocol;
  const drafts = [
    ...lawsOf(protocol, settings.sizes),
    ...faceCases(subject as unknown as Subject, settings),
    ...explorerCases(subject as unknown as Subject, settings),
    ...simulatorCases(subject as unknown as Subject, settings),
  ];
  return casesOf(drafts, settings.leaveOut);
}

/** Cases with their reasons. Throws a `TypeError` where one is to be left out that there is not. */
export function casesOf(drafts: readonly Draft[], leaveOut: Settings['leaveOut']): readonly Case[] {
  const cases = drafts.map((draft) => caseOf(draft, leaveOut));
  for (const name of leaveOut.keys()) {
    const known = cases.some((one) => one.name === name || untold(one.title) === name);
    if (!known) throw new TypeError(`leaveOut names '${name}', and there is no such case`);
  }
  return cases;
}

function caseOf({ name, where, skipped, run }: Draft, leaveOut: ReadonlyMap<string, string>): Case {
  const title = `${name} [${where}]`;
  const reason = leaveOut.get(name) ?? leaveOut.get(title) ?? skipped;
  return {
    name,
    title: reason === undefined ? title : `${title} (skipped: ${reason})`,
    skipped: reason,
    run: async () => run(),
  };
}

/** A title without the reason of a case that is skipped. */
function untold(title: string): string {
  return title.replace(/ \(skipped: .*$/s, '');
}

/** Sockets and threads are slow to make: one member, and the smallest number that has a minority. */
function sizesOverSockets(sizes: readonly number[]): readonly number[] {
  const few = sizes.filter((size) => size === 1 || size === 3);
  return few.length > 0 ? few : sizes.slice(0, 1);
}

/** The users' view, in every world that there is one in. */
function faceCases(subject: Subject, { worlds, sizes, transport, patienceMs }: Settings): Draft[] {
  const few = sizesOverSockets(sizes);
  const inWorld = (name: string, ground: Ground, some: readonly number[]) =>
    some.flatMap((size) =>
      topicCases(subject, size, name, () => new Stage(subject, size, ground, patienceMs)),
    );
  return [
    ...(worlds.has('in-process') ? inWorld('in-process', grounds['in-process'], sizes) : []),
    ...(worlds.has('zeromq') ? inWorld('zeromq', grounds.zeromq, few) : []),
    ...(worlds.has('transport') && transport ? inWorld(transport().name, socketsOf(transport), few) : []),
  ];
}

/** What every user may expect, of groups of one size. */
export function topicCases(subject: Subject, size: number, world: string, stage: () => Stage): Draft[] {
  return topics.map(({ name, excuse, run }) => ({
    name,
    where: `${world}, ${size === 1 ? '1 member' : `${size} members`}`,
    skipped: excuse?.({ protocol: subject.protocol, size }),
    run: () => play(run, stage()),
  }));
}

/** A case waits for a few things, one after the other, and for each no longer than its patience. */
const patiences = 12;

async function play(run: Topic['run'], stage: Stage): Promise<void> {
  try {
    await ends({ patienceMs: stage.patienceMs * patiences }, 'the case', run(stage));
  } finally {
    await stage.close();
  }
}
