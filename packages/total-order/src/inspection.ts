import type {
  Ended,
  Fault,
  Inspection,
  Inspector,
  Key,
  OperationName,
  RawEntry,
  ReplicaId,
  Sight,
  Value,
} from '@dsm/core';
import { type Batch, find, type Place, placeOf, precedes } from './batch.js';
import { DeliveryLogs, finalsAgree } from './delivery-logs.js';
import type { Message } from './messages.js';
import type { TotalOrderReplica } from './replica.js';

export { placeOf } from './batch.js';

const rising = 'what a member delivers rises in the order';
const pending = 'nothing is delivered before a smaller proposal';
const shared = 'members deliver what they share in one order';
const acyclic = 'deliveries have no cycle';
const oneFinal = 'a command has one final time';
const largest = 'a final time is no smaller than any proposal';
const program = 'final times keep the program order';
const once = 'a member proposes a time once';
const verdicts = 'a swap has the same verdict everywhere';
const named = 'a version names one value';
const keeps = 'a delivered command is kept until all have it';
const uniform = 'nobody delivers before enough others store the final time';
const atHome = 'an operation ends when it is delivered at its member';

/** The invariants of total order, and what a good test of it has met. */
export const inspection: Inspection<Message, TotalOrderReplica> = {
  placeOf,
  properties: [
    ...[rising, pending, shared, acyclic, oneFinal, largest, program],
    ...[once, verdicts, named, keeps, uniform, atHome],
  ],
  situations: [
    'two commands tied',
    'a final time waited for a smaller proposal',
    'a smaller final time came later',
    'a final time was above the proposal',
    'commands shared a batch',
    'two swaps of one key met',
    'a final time waited to be stable',
    'a read came before the delivery of a change',
    'delivered commands were forgotten',
  ],
  inspector: () => new OrderInspector(),
  beforeOperation,
  beforeMessage,
  idle: ({ queue, drafts, waits }) => queue.length === 0 && drafts.length === 0 && !waits,
};

/** Follows the deliveries of all members. */
class OrderInspector implements Inspector<Message, TotalOrderReplica> {
  private readonly logs = new DeliveryLogs({ rising, shared, acyclic, verdicts, keeps, uniform });
  private readonly ends: { readonly at: ReplicaId; readonly place: Place }[] = [];

  ended({ at, result }: Ended): void {
    const version = result.kind === 'written' ? result.version : result.entry.version;
    const [time = 0, initiator = 0] = placeOf(version) ?? [];
    if (time > 0) this.ends.push({ at, place: { time, initiator, number: 0 } });
  }

  fault({ replicas, keys }: Sight<Message, TotalOrderReplica>): Fault | undefined {
    const ends = this.ends.splice(0);
    return (
      this.logs.fault(replicas) ??
      earlyEnd(ends, replicas) ??
      finalsAgree(replicas, oneFinal) ??
      first(replicas, queueFault) ??
      first(replicas, programFault) ??
      ambiguity(replicas, keys)
    );
  }
}

function first(
  replicas: readonly TotalOrderReplica[],
  look: (replica: TotalOrderReplica) => Fault | undefined,
): Fault | undefined {
  for (const replica of replicas) {
    const fault = look(replica);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function earlyEnd(
  ends: readonly { readonly at: ReplicaId; readonly place: Place }[],
  replicas: readonly TotalOrderReplica[],
): Fault | undefined {
  for (const { at, place } of ends) {
    const last = replicas[at]?.last as Place;
    // Of the batches of one initiator no two have the same time.
    if (!precedes({ ...last, number: 0 }, place)) continue;
    return {
      property: atHome,
      detail: `one at ${at} of time ${place.time}, when ${last.time} was delivered`,
    };
  }
  return undefined;
}

/** What waits at a member. */
function queueFault({ self, queue, kept, last }: TotalOrderReplica): Fault | undefined {
  const times = new Set<number>();
  for (const batch of queue) {
    if (batch.stage !== 'proposed') continue;
    if (!precedes(last, batch)) {
      return { property: pending, detail: `${nameOf(last)} at ${self}, where ${nameOf(batch)} is pending` };
    }
    if (times.has(batch.time)) return { property: once, detail: `time ${batch.time} at ${self}` };
    times.add(batch.time);
  }
  for (const batch of [...kept, ...queue]) {
    const larger = batch.proposals.find(({ time }) => batch.stage !== 'proposed' && time > batch.time);
    if (larger === undefined) continue;
    return {
      property: largest,
      detail: `${nameOf(batch)} at ${self}; ${larger.member} proposed ${larger.time}`,
    };
  }
  return undefined;
}

/** At an initiator: no batch has a final time before an earlier one, nor a smaller one. */
function programFault({ self, queue, kept, drafts }: TotalOrderReplica): Fault | undefined {
  const finals = [...kept, ...queue].filter(
    ({ initiator, stage }) => initiator === self && stage !== 'proposed',
  );
  const late = finals.find(({ number }) => number > (drafts[0]?.number ?? number));
  if (late !== undefined) {
    return {
      property: program,
      detail: `${nameOf(late)} is final, and ${drafts[0]?.number} of ${self} is not`,
    };
  }
  finals.sort((one, other) => one.number - other.number);
  const back = finals.find(({ time }, index) => time <= (finals[index - 1]?.time ?? -1));
  return back === undefined ? undefined : { property: program, detail: `${nameOf(back)} after a larger one` };
}

function nameOf({ time, initiator, number }: Place): string {
  return `batch ${number} of ${initiator} at time ${time}`;
}

function ambiguity(replicas: readonly TotalOrderReplica[], keys: readonly Key[]): Fault | undefined {
  for (const key of keys) {
    const seen = new Map<RawEntry['version'], Value>();
    for (const { entries } of replicas) {
      const { version, value } = entries.at(key);
      const other = seen.get(version);
      if (other !== undefined && !sameBytes(other, value)) {
        return { property: named, detail: `version ${version} of ${key} has two` };
      }
      seen.set(version, value);
    }
  }
  return undefined;
}

function sameBytes(one: Value, other: Value): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function beforeOperation({ queue }: TotalOrderReplica, name: OperationName, key: Key): string | undefined {
  if (name !== 'read') return undefined;
  return queue.some((batch) => changes(batch, key))
    ? 'a read came before the delivery of a change'
    : undefined;
}

function changes({ commands }: Pick<Batch, 'commands'>, wanted: Key): boolean {
  return commands.some(({ kind, key }) => kind !== 'read' && key === wanted);
}

function beforeMessage(
  { queue, kept, self }: TotalOrderReplica,
  from: ReplicaId,
  message: Message,
): string | undefined {
  switch (message.type) {
    case 'propose': {
      if (message.commands.length > 1) return 'commands shared a batch';
      const [command] = message.commands;
      const met = queue.some(({ commands }) =>
        commands.some(({ kind, key }) => kind === 'swap' && key === command?.key),
      );
      return met && command?.kind === 'swap' ? 'two swaps of one key met' : undefined;
    }
    case 'commit':
      return beforeCommit(queue, { time: message.time, initiator: from, number: message.number });
    case 'proposed':
    case 'committed': {
      const older = ({ initiator, number }: Batch) => initiator === self && number <= message.delivered;
      return kept.some(older) ? 'delivered commands were forgotten' : undefined;
    }
    case 'stable':
      return 'a final time waited to be stable';
  }
}

function beforeCommit(queue: readonly Batch[], place: Place): string | undefined {
  const others = queue.filter(
    ({ initiator, number }) => initiator !== place.initiator || number !== place.number,
  );
  if (others.some(({ time }) => time === place.time)) return 'two commands tied';
  if (others.some((batch) => batch.stage === 'proposed' && precedes(batch, place))) {
    return 'a final time waited for a smaller proposal';
  }
  if (others.some((batch) => batch.stage !== 'proposed' && precedes(place, batch))) {
    return 'a smaller final time came later';
  }
  const proposal = find(queue, place.initiator, place.number)?.time ?? place.time;
  return place.time > proposal ? 'a final time was above the proposal' : undefined;
}
