import { compareTimestamps, type DeliveryLog, type SentCommand, type Timestamp } from './delivery-log.js';
import { findCycle } from './delivery-order.js';
import type { Verdict } from './verdict.js';

/** What was sent in a run, and what its members delivered. */
export interface TotalOrderRun {
  readonly sent: Iterable<SentCommand>;
  readonly logs: Iterable<DeliveryLog>;
  /** Whether everything has come to rest, so that what was not delivered never will be. */
  readonly quiescent: boolean;
}

/** What a run must keep. */
export type TotalOrderProperty = 'integrity' | 'agreement' | 'order' | 'prefix' | 'timestamps';

/** A small part of a run that is illegal by itself. */
export interface DeliveryCounterexample {
  readonly property: TotalOrderProperty;
  readonly reason: string;
  /** What the members concerned delivered, without all other commands. */
  readonly logs: readonly DeliveryLog[];
}

/** What `checkTotalOrder` found. */
export interface TotalOrderReport {
  readonly model: 'total order';
  /** `unknown` is not a pass: nothing was delivered. */
  readonly verdict: Verdict;
  /** Deliveries. */
  readonly checkedOperations: number;
  /** Why the verdict is not `legal`. */
  readonly reason?: string;
  /** Present when the verdict is `illegal`. */
  readonly counterexample?: DeliveryCounterexample;
}

/**
 * Whether members delivered commands to overlapping groups in one total order (Hadzilacos and Toueg, A modular approach
 * to fault-tolerant broadcasts, 1994):
 *
 * - *integrity*: a member delivers only what was sent to it, once;
 * - *timestamps*, where they were recorded: they strictly increase at each member, and are the same at all;
 * - *order*: what somebody delivered next to each other, over all members, has no cycle (to compare members two by two
 *   is weaker: three groups of two can turn in a circle);
 * - *prefix*: of what is for two members both, the deliveries of one are a beginning of the other's. Logs only grow,
 *   so that it held at every moment before if it holds now;
 * - *agreement*, at quiescence: members that have not stopped delivered what anybody delivered that is for them, and
 *   all that was sent by a member that has not stopped.
 *
 * A member of a group that has no log delivered nothing. Takes O(members · deliveries). Throws `RangeError` when a
 * command is sent twice, or a member has two logs.
 */
export function checkTotalOrder(run: TotalOrderRun): TotalOrderReport {
  const model = 'total order';
  const logs = byMember(run.logs);
  const sent = byCommand(run.sent);
  let checkedOperations = 0;
  for (const { deliveries } of logs.values()) checkedOperations += deliveries.length;
  const counterexample =
    findForeign(logs, sent) ??
    findMistimed(logs) ??
    findCircle(logs) ??
    findGap(logs, sent) ??
    (run.quiescent ? findMissing(logs, sent) : undefined);
  if (counterexample !== undefined) {
    const reason = `${counterexample.property}: ${counterexample.reason}`;
    return { model, verdict: 'illegal', checkedOperations, reason, counterexample };
  }
  if (checkedOperations > 0) return { model, verdict: 'legal', checkedOperations };
  return { model, verdict: 'unknown', checkedOperations, reason: 'nothing was delivered' };
}

type Logs = ReadonlyMap<string, DeliveryLog>;
type Sent = ReadonlyMap<string, Addressed>;

interface Addressed {
  readonly command: SentCommand;
  readonly group: ReadonlySet<string>;
}

function byMember(logs: Iterable<DeliveryLog>): Logs {
  const found = new Map<string, DeliveryLog>();
  for (const log of logs) {
    if (found.has(log.member)) throw new RangeError(`member ${log.member} has two logs`);
    found.set(log.member, log);
  }
  return found;
}

function byCommand(sent: Iterable<SentCommand>): Sent {
  const found = new Map<string, Addressed>();
  for (const command of sent) {
    if (found.has(command.command)) throw new RangeError(`command ${command.command} is sent twice`);
    found.set(command.command, { command, group: new Set(command.group) });
  }
  return found;
}

function findForeign(logs: Logs, sent: Sent): DeliveryCounterexample | undefined {
  for (const { member, deliveries } of logs.values()) {
    const seen = new Set<string>();
    for (const { command } of deliveries) {
      const addressed = sent.get(command);
      const fault =
        addressed === undefined
          ? 'which nobody sent'
          : !addressed.group.has(member)
            ? 'which is not for it'
            : seen.has(command)
              ? 'twice'
              : undefined;
      if (fault !== undefined)
        return accusation('integrity', `${member} delivered ${command}, ${fault}`, logs, [member], [command]);
      seen.add(command);
    }
  }
  return undefined;
}

function findMistimed(logs: Logs): DeliveryCounterexample | undefined {
  const known = new Map<string, { timestamp: Timestamp; member: string }>();
  for (const { member, deliveries } of logs.values()) {
    let last: { timestamp: Timestamp; command: string } | undefined;
    for (const { command, timestamp } of deliveries) {
      if (timestamp === undefined) continue;
      if (last !== undefined && compareTimestamps(last.timestamp, timestamp) >= 0) {
        const reason = `${member} delivered ${command} after ${last.command}, whose timestamp is not smaller`;
        return accusation('timestamps', reason, logs, [member], [last.command, command]);
      }
      last = { timestamp, command };
      const elsewhere = known.get(command);
      if (elsewhere === undefined) known.set(command, { timestamp, member });
      else if (compareTimestamps(elsewhere.timestamp, timestamp) !== 0) {
        const reason = `${elsewhere.member} and ${member} delivered ${command} with different timestamps`;
        return accusation('timestamps', reason, logs, [elsewhere.member, member], [command]);
      }
    }
  }
  return undefined;
}

function findCircle(logs: Logs): DeliveryCounterexample | undefined {
  const cycle = findCycle([...logs.values()]);
  if (cycle === undefined) return undefined;
  const commands = cycle.map(({ earlier }) => earlier);
  const members = [...new Set(cycle.map(({ member }) => member))];
  const reason = cycle
    .map(({ member, earlier, later }) => `${member} delivered ${earlier} before ${later}`)
    .join(', ');
  return accusation('order', reason, logs, members, commands);
}

function findGap(logs: Logs, sent: Sent): DeliveryCounterexample | undefined {
  const members = [...logs.keys()];
  for (const [at, one] of members.entries()) {
    const mine = [...commandsOf(logs, one)];
    for (const other of members.slice(at + 1)) {
      const common = mine.filter((command) => sent.get(command)?.group.has(other));
      const theirs = commandsOf(logs, other).filter((command) => sent.get(command)?.group.has(one));
      const differs = common.findIndex(
        (command, place) => place < theirs.length && command !== theirs[place],
      );
      if (differs < 0) continue;
      const [first, second] = [common[differs] as string, theirs[differs] as string];
      const reason = `of what is for ${one} and ${other}, one delivered ${first} next and the other ${second}`;
      return accusation('prefix', reason, logs, [one, other], [first, second]);
    }
  }
  return undefined;
}

function findMissing(logs: Logs, sent: Sent): DeliveryCounterexample | undefined {
  const delivered = new Map([...logs.keys()].map((member) => [member, new Set(commandsOf(logs, member))]));
  const anywhere = new Set([...delivered.values()].flatMap((commands) => [...commands]));
  for (const { command, group } of sent.values()) {
    const lost = command.from !== undefined && logs.get(command.from)?.stopped === true;
    if (lost && !anywhere.has(command.command)) continue;
    for (const member of group) {
      if (logs.get(member)?.stopped === true || delivered.get(member)?.has(command.command) === true)
        continue;
      const reason = `${member} never delivered ${command.command}, which is for it`;
      const others = [...group].filter((each) => delivered.get(each)?.has(command.command) === true);
      return accusation('agreement', reason, logs, [member, ...others], [command.command]);
    }
  }
  return undefined;
}

function commandsOf(logs: Logs, member: string): string[] {
  return logs.get(member)?.deliveries.map(({ command }) => command) ?? [];
}

function accusation(
  property: TotalOrderProperty,
  reason: string,
  logs: Logs,
  members: readonly string[],
  commands: readonly string[],
): DeliveryCounterexample {
  const concerned = new Set(commands);
  const left = members.map((member) => {
    const log = logs.get(member) ?? { member, deliveries: [] };
    return { ...log, deliveries: log.deliveries.filter(({ command }) => concerned.has(command)) };
  });
  return { property, reason, logs: left };
}
