import { dateOf, duration, figure, times } from './numbers.js';
import type { StoredOutcome, StoredRun } from './stored.js';

/** An outcome, and the command that anybody can give to measure it again. */
export interface Measurement {
  readonly command: string;
  readonly outcome: StoredOutcome;
}

/**
 * The performance of systems as a Markdown table. Machines differ and drift, so figures are ratios to one system of the
 * same run: the fastest Redis client, or else the register, or else the first.
 */
export function performanceOf({ command, outcome }: Measurement): string {
  const { runs, machine, node, commit, date, rounds } = outcome;
  const one = referenceAmong(runs);
  if (one === undefined) return 'Nothing was measured.';
  const heads = ['', 'consistency', 'operations per second', 'per CPU second', 'read p50', 'write p50'];
  heads.push('messages per read / write', 'what an acknowledged write outlives', 'history');
  const rows = runs.map((run) => rowOf(run, one));
  const table = [heads, heads.map(() => '---'), ...rows];
  const measured = [
    date === undefined ? 'Measured' : `Measured ${dateOf(date)}`,
    `on ${machine}, Node ${node}, commit ${commit}`,
    rounds === undefined || rounds === 1 ? 'one round' : `medians of ${rounds} rounds in turns`,
  ];
  const load = `Of ${one.workload} with ${one.members} members and ${one.clients} clients, in one run on one machine.`;
  const figures = [
    `1 × is ${one.system}: ${figure(one.throughput)} operations a second`,
    `${figure(one.operationsPerCpuSecond)} a CPU second`,
    `half of the reads within ${duration(one.latencyUs.read.p50)}`,
    `half of the writes within ${duration(one.latencyUs.write.p50)}`,
  ];
  return `${table.map((cells) => `| ${cells.map(cellOf).join(' | ')} |`).join('\n')}

${plain(`${load} ${figures.join(', ')}. ${measured.join(', ')}`)}:

\`\`\`
${command}
\`\`\``;
}

function referenceAmong(runs: readonly StoredRun[]): StoredRun | undefined {
  const legal = runs.filter(({ verdict }) => verdict === 'legal' || verdict === 'unchecked');
  const fastest = [...legal].sort((a, b) => b.throughput - a.throughput);
  return (
    fastest.find(({ server }) => server !== undefined && /^redis\b/i.test(server.software)) ??
    fastest.find(({ system }) => system.startsWith('attiya-register')) ??
    runs[0]
  );
}

function rowOf(run: StoredRun, one: StoredRun): string[] {
  const { latencyUs, messagesPerOperation: messages, guarantees } = run;
  return [
    run.system,
    guarantees.consistency,
    times(run.throughput / one.throughput),
    times(run.operationsPerCpuSecond / one.operationsPerCpuSecond),
    times(latencyUs.read.p50 / one.latencyUs.read.p50),
    times(latencyUs.write.p50 / one.latencyUs.write.p50),
    `${figure(messages.read)} / ${figure(messages.write)}`,
    run.server === undefined ? crashesOf(run) : `${run.server.software}; ${run.server.durability}`,
    run.verdict,
  ];
}

/** What an acknowledged write of a protocol without a server outlives: all of it is in memory. */
function crashesOf({ guarantees: { survives } }: StoredRun): string {
  if (typeof survives === 'object') return `the crash of ${survives.crashes}`;
  return { none: 'no crash', minority: 'the crash of a minority', any: 'any crash' }[survives];
}

function cellOf(text: string): string {
  return plain(text).replaceAll('|', '\\|');
}

/** Text from data: on one line, and nothing that Markdown would take for an element. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('<', '&lt;');
}
