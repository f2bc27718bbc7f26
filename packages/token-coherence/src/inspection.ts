import type { Ended, Fault, Inspection, Inspector, Key, ReplicaId, Sight } from '@dsm/core';
import { nobody } from '@dsm/core';
import { type Holding, tokensPerKey } from './holding.js';
import type { Message } from './messages.js';
import type { TokenReplica } from './replica.js';
import { newestOf, othersHaveTokens, type Scene, sameBytes, scenesOf, tokensOf } from './scene.js';
import { beforeMessage, beforeOperation, situationsOf } from './situations.js';

const allTokens = 'a key has all its tokens, and no more';
const oneOwner = 'one token is the owner’s, and the data is with it';
const alone = 'a member writes while it holds all tokens';
const pinned = 'all tokens stay with a writer until everybody keeps the value';
const valid = 'a copy that may be read has a token, and is the newest';
const current = 'what an operation ends with is the newest';
const kept = 'what may be read is kept by every member';
const named = 'a version names one value';
const remembered = 'a request is remembered by everybody until it is closed';
const inTurn = 'a request is overtaken by older ones only';
const later = 'a member asks later than everything it has heard of';

const properties = [
  allTokens,
  oneOwner,
  alone,
  pinned,
  valid,
  current,
  kept,
  named,
  remembered,
  inTurn,
  later,
];

/** The invariants of token coherence, and what a good test of it has met with `writes: 'update'`. */
export const inspection: Inspection<Message, TokenReplica> = inspectionOf('update');

/** The same, with `writes: 'migrate'`. */
export const migrateInspection: Inspection<Message, TokenReplica> = inspectionOf('migrate');

function inspectionOf(writes: 'update' | 'migrate'): Inspection<Message, TokenReplica> {
  return {
    properties,
    situations: situationsOf(writes),
    inspector: () => new TokenInspector(),
    beforeOperation,
    beforeMessage,
    idle: ({ holdings }) => [...holdings.values()].every(rests),
  };
}

function rests({ requests, reads, commands, round, prepared }: Holding): boolean {
  return (
    requests.length === 0 &&
    reads.length === 0 &&
    commands.length === 0 &&
    round === undefined &&
    prepared === undefined
  );
}

/** Counts tokens, and compares every copy with the newest, which is where the owner token is. */
class TokenInspector implements Inspector<Message, TokenReplica> {
  /** The newest version of each key after the event before. */
  private readonly newest = new Map<Key, number>();
  private readonly ends: Ended[] = [];

  ended(ended: Ended): void {
    this.ends.push(ended);
  }

  fault(sight: Sight<Message, TokenReplica>): Fault | undefined {
    const ends = this.ends.splice(0);
    const intact = sight.crashed === nobody;
    for (const scene of scenesOf(sight)) {
      const fault = tokenFault(scene, intact) ?? this.entryFault(scene, ends, sight);
      if (fault !== undefined) return fault;
      if (intact && !sight.replicas.some(({ members }) => members.length === 0)) {
        const forgotten = requestFault(scene);
        if (forgotten !== undefined) return forgotten;
      }
      const unfair = orderFault(scene, sight.replicas);
      if (unfair !== undefined) return unfair;
    }
    return undefined;
  }

  private entryFault(scene: Scene, ends: readonly Ended[], { crashed }: Sight): Fault | undefined {
    const newest = newestOf(scene);
    // A member that crashed took it along. What is left may be read, and nobody can write.
    if (newest === undefined) return crashed === nobody ? noOwner(scene) : undefined;
    const before = this.newest.get(scene.key) ?? scene.first.version;
    this.newest.set(scene.key, newest.version);
    return (
      writingFault(scene, before, newest.version) ??
      copyFault(scene, newest.version) ??
      endFault(scene, ends, before, newest.version) ??
      keepingFault(scene, newest.version) ??
      ambiguity(scene)
    );
  }
}

function noOwner({ key }: Scene): Fault {
  return { property: oneOwner, detail: `nobody has the one of ${key}` };
}

function tokenFault({ key, holdings, flights }: Scene, intact: boolean): Fault | undefined {
  let sum = 0;
  let owners = 0;
  for (const { tokens, owner } of holdings) {
    sum += tokens;
    owners += Number(owner);
  }
  for (const { message } of flights) {
    const { tokens, owner } = tokensOf(message);
    sum += tokens;
    owners += Number(owner);
  }
  if (sum > tokensPerKey || (intact && sum < tokensPerKey)) {
    return { property: allTokens, detail: `${key} has ${sum}` };
  }
  if (owners > 1) return { property: oneOwner, detail: `${key} has ${owners}` };
  for (const [slot, { owner, tokens, valid: readable, round }] of holdings.entries()) {
    if (owner && (tokens === 0 || !readable)) {
      return { property: oneOwner, detail: `${slot} has it of ${key} without data` };
    }
    if (round !== undefined && tokens !== tokensPerKey) {
      return { property: pinned, detail: `${slot} has ${tokens} of ${key} in its round` };
    }
  }
  return undefined;
}

/** The newest entry is another one: whoever wrote it still has all tokens, or has just sent them off. */
function writingFault(scene: Scene, before: number, newest: number): Fault | undefined {
  if (newest === before) return undefined;
  if (newest < before)
    return { property: current, detail: `${scene.key} went back from ${before} to ${newest}` };
  const writer = scene.holdings.findIndex(({ heard }) => heard === newest);
  if (!othersHaveTokens(scene, writer)) return undefined;
  return { property: alone, detail: `${writer} wrote ${newest} of ${scene.key}, and others had tokens` };
}

function copyFault({ key, holdings, flights }: Scene, newest: number): Fault | undefined {
  for (const [slot, { tokens, valid: readable, entry }] of holdings.entries()) {
    if (!readable || (tokens > 0 && entry.version === newest)) continue;
    const detail = `${slot} may read ${entry.version} of ${key} with ${tokens} tokens, the newest is ${newest}`;
    return { property: valid, detail };
  }
  for (const { from, to, message } of flights) {
    if (message.type !== 'granted' && message.type !== 'share') continue;
    if (message.version === newest) continue;
    const detail = `${from} lets ${to} read ${message.version} of ${key}, the newest is ${newest}`;
    return { property: valid, detail };
  }
  return undefined;
}

/** Reads see what was there before the event or after it; others may have ended in between. */
function endFault({ key }: Scene, ends: readonly Ended[], before: number, newest: number): Fault | undefined {
  for (const { at, name, key: used, result } of ends) {
    if (used !== key) continue;
    const version = Number(result.kind === 'written' ? result.version : result.entry.version);
    if (version === before || version === newest) continue;
    if (name !== 'read' && version > before && version < newest) continue;
    return { property: current, detail: `a ${name} of ${key} at ${at} ended with ${version}, not ${newest}` };
  }
  return undefined;
}

/** With `writes: 'update'` no minority can take along what was read or written. */
function keepingFault({ key, first, writes, holdings }: Scene, newest: number): Fault | undefined {
  if (writes === 'migrate' || newest === first.version) return undefined;
  const slot = holdings.findIndex(
    ({ entry, prepared }) => entry.version !== newest && prepared?.version !== newest,
  );
  return slot < 0 ? undefined : { property: kept, detail: `${slot} has not version ${newest} of ${key}` };
}

function ambiguity({ key, holdings }: Scene): Fault | undefined {
  const seen = new Map<number, Holding['entry']>();
  for (const { entry, prepared, round } of holdings) {
    for (const one of [entry, prepared, round?.outcome.entry]) {
      if (one === undefined) continue;
      const other = seen.get(one.version);
      if (other !== undefined && !sameBytes(other.value, one.value)) {
        return { property: named, detail: `version ${one.version} of ${key} has two` };
      }
      seen.set(one.version, one);
    }
  }
  return undefined;
}

/** What a member asks for everybody knows, or will hear; what it no longer asks for, everybody will forget. */
function requestFault(scene: Scene): Fault | undefined {
  const { key, holdings } = scene;
  for (const [asker, { requests }] of holdings.entries()) {
    const own = requests.filter(({ slot }) => slot === asker);
    for (const [other, { requests: known }] of holdings.entries()) {
      if (other === asker) continue;
      const theirs = known.filter(({ slot }) => slot === asker);
      const lost = own.find(
        ({ time }) => !has(theirs, time) && !isUnderWay(scene, asker, other, ['seek'], time),
      );
      const late = theirs.find(
        ({ time }) => !has(own, time) && !isUnderWay(scene, asker, other, ['close', 'share'], time),
      );
      const wrong = lost ?? late;
      if (wrong === undefined) continue;
      const how = wrong === lost ? 'does not know' : 'never forgets';
      const detail = `${other} ${how} the request of ${asker} for ${key} of time ${wrong.time}`;
      return { property: remembered, detail };
    }
  }
  return undefined;
}

function has(requests: Holding['requests'], time: number): boolean {
  return requests.some((request) => request.time === time);
}

function isUnderWay(
  { flights }: Scene,
  asker: ReplicaId,
  other: ReplicaId,
  types: readonly Message['type'][],
  time: number,
): boolean {
  return flights.some(
    ({ from, to, message }) =>
      from === asker &&
      to === other &&
      types.includes(message.type) &&
      'time' in message &&
      message.time === time,
  );
}

function orderFault({ key, holdings }: Scene, replicas: readonly TokenReplica[]): Fault | undefined {
  for (const [slot, { requests }] of holdings.entries()) {
    const clock = replicas[slot]?.clock ?? 0;
    for (const { slot: asker, time, overtaken } of requests) {
      if (time > clock) return { property: later, detail: `${slot} knows time ${time} at time ${clock}` };
      if (overtaken === 0) continue;
      const detail = `at ${slot}: ${asker} waits for ${key}, and ${overtaken} younger did not`;
      return { property: inTurn, detail };
    }
  }
  return undefined;
}
