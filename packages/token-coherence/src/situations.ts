import type { Key, OperationName, ReplicaId } from '@dsm/core';
import { type Holding, tokensPerKey } from './holding.js';
import type { Message, Seek } from './messages.js';
import type { TokenReplica } from './replica.js';
import { find, isOlder, type Request } from './requests.js';

const common = [
  'a read was answered from a copy',
  'a member that gathered tokens gave them to an older request',
  'a request waited for an older one',
  'tokens were passed on',
  'a read waited for an older write',
  'a write was waiting when another was asked for',
] as const;

const ofUpdates = [
  'a read waited for what comes anyway',
  'a request waited for a round',
  'writes shared a round',
];

const ofMigration = ['a write needed no message', 'a token came for a read that had ended'];

/** Rare things that happen in a correct run. */
export function situationsOf(writes: 'update' | 'migrate'): readonly string[] {
  return [...common, ...(writes === 'update' ? ofUpdates : ofMigration)];
}

export function beforeOperation(replica: TokenReplica, name: OperationName, key: Key): string | undefined {
  const holding = replica.holdings.get(key);
  if (holding === undefined) return undefined;
  const { valid, requests, commands, round } = holding;
  if (name !== 'read') {
    if (commands.length > 0) return 'a write was waiting when another was asked for';
    const alone = replica.settings.writes === 'migrate' && holding.tokens === tokensPerKey;
    return alone && requests.length === 0 ? 'a write needed no message' : undefined;
  }
  if (valid) return 'a read was answered from a copy';
  const comes = replica.settings.writes === 'update' && round === undefined && requests.some(isWrite);
  return comes ? 'a read waited for what comes anyway' : undefined;
}

export function beforeMessage(replica: TokenReplica, from: ReplicaId, message: Message): string | undefined {
  const holding = replica.holdings.get(message.key);
  if (holding === undefined) return undefined;
  switch (message.type) {
    case 'seek':
      return beforeSeek(replica, from, message, holding);
    case 'yielded':
      return tokensArrive(replica, holding);
    case 'granted':
      if (!message.owner && find(holding.requests, replica.self, true) === undefined) {
        return 'a token came for a read that had ended';
      }
      return tokensArrive(replica, holding);
    case 'updated':
      return (holding.round?.outcome.ends.length ?? 0) > 1 ? 'writes shared a round' : undefined;
    default:
      return undefined;
  }
}

function beforeSeek(
  { self }: TokenReplica,
  slot: ReplicaId,
  { time, reading }: Seek,
  { requests, round, tokens }: Holding,
): string | undefined {
  if (round !== undefined) return 'a request waited for a round';
  const asked: Request = { time, slot, reading, served: false, overtaken: 0 };
  const older = requests.filter((request) => !request.reading && isOlder(request, asked));
  if (older.length > 0)
    return reading ? 'a read waited for an older write' : 'a request waited for an older one';
  const own = find(requests, self, false);
  const gives = !reading && own !== undefined && tokens > 0;
  return gives ? 'a member that gathered tokens gave them to an older request' : undefined;
}

function tokensArrive({ self }: TokenReplica, { requests }: Holding): string | undefined {
  const next = requests.find(isWrite);
  return next !== undefined && next.slot !== self ? 'tokens were passed on' : undefined;
}

function isWrite({ reading }: Request): boolean {
  return !reading;
}
