import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { attiyaRegister } from '@dsm/attiya-register';
import { inspection as registerInspection } from '@dsm/attiya-register/inspection';
import { causal } from '@dsm/causal';
import { inspection as causalInspection } from '@dsm/causal/inspection';
import { readReplication } from '@dsm/read-replication';
import { inspection as replicationInspection } from '@dsm/read-replication/inspection';
import { judgeHistory, type Subject, UnjudgedError } from '@dsm/simulator';
import { tokenCoherence } from '@dsm/token-coherence';
import { migrateInspection, inspection as tokenInspection } from '@dsm/token-coherence/inspection';
import { totalOrder } from '@dsm/total-order';
import { inspection as orderInspection } from '@dsm/total-order/inspection';
import { UsageError } from './usage.js';

/** What each protocol is tried as: the first most often, the others too, with other options. One line each. */
export const subjects: Readonly<Record<string, readonly Subject[]>> = {
  'attiya-register': [
    { protocol: attiyaRegister(), inspection: registerInspection },
    { protocol: attiyaRegister({ reads: 'all' }), inspection: registerInspection },
    { protocol: attiyaRegister({ busyRounds: 0 }), inspection: registerInspection },
    { protocol: attiyaRegister({ busyRounds: 0, reads: 'all' }), inspection: registerInspection },
    { protocol: attiyaRegister({ busyRounds: 0 }), inspection: registerInspection },
  ],
  causal: [
    { protocol: causal(), inspection: causalInspection },
    { protocol: causal({ acknowledgements: 1 }), inspection: causalInspection },
    { protocol: causal({ subscriptions: { x: ['a'] } }), inspection: causalInspection },
  ],
  'token-coherence': [
    { protocol: tokenCoherence(), inspection: tokenInspection },
    { protocol: tokenCoherence({ writes: 'migrate' }), inspection: migrateInspection },
  ],
  'read-replication': [
    { protocol: readReplication(), inspection: replicationInspection },
    { protocol: readReplication({ policy: 'update' }), inspection: replicationInspection },
    { protocol: readReplication({ directory: 'b', replicas: 1 }), inspection: replicationInspection },
  ],
  'total-order': [
    { protocol: totalOrder(), inspection: orderInspection },
    { protocol: totalOrder({ reads: 'ordered' }), inspection: orderInspection },
    {
      protocol: totalOrder({ subscriptions: { x: ['a', 'b'], y: ['b', 'c'] } }),
      inspection: orderInspection,
    },
  ],
};

/**
 * The subjects of a protocol by its name, or those that a module exports as `subjects`, by its path from the folder.
 * Throws `UsageError` where there are none.
 */
export async function subjectsOf(
  name: string | undefined,
  folder: string,
): Promise<readonly [Subject, ...Subject[]]> {
  const known = Object.keys(subjects).join(', ');
  if (name === undefined) throw new UsageError(`which protocol? ${known}, or the path of a module`);
  const named = subjects[name] ?? (isPath(name) ? await exportedBy(resolve(folder, name), name) : undefined);
  if (named === undefined) {
    throw new UsageError(`there is no protocol '${name}': ${known}, or the path of a module`);
  }
  if (!hasSubjects(named)) {
    throw new UsageError(`'${name}' exports no \`subjects\`: a list of { protocol, inspection? }`);
  }
  for (const { protocol } of named) mustBeJudged(protocol.name, protocol.guarantees.consistency);
  return named;
}

function isPath(name: string): boolean {
  return /[/\\]|\.[mc]?[jt]s$/.test(name);
}

async function exportedBy(path: string, name: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { subjects?: unknown };
    return module.subjects ?? null;
  } catch (error) {
    throw new UsageError(`'${name}' cannot be loaded: ${(error as Error).message}`);
  }
}

function hasSubjects(exported: unknown): exported is readonly [Subject, ...Subject[]] {
  if (!Array.isArray(exported) || exported.length === 0) return false;
  return exported.every((one) => typeof (one as Partial<Subject> | null)?.protocol?.replica === 'function');
}

function mustBeJudged(name: string, consistency: Subject['protocol']['guarantees']['consistency']): void {
  try {
    judgeHistory(consistency, []);
  } catch (error) {
    if (!(error instanceof UnjudgedError)) throw error;
    throw new UsageError(`'${name}' cannot be judged: ${error.message}`);
  }
}
