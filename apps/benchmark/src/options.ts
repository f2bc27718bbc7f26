import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { membersMax } from '@dsm/core';
import { type Spread, spreads } from './load/arrivals.js';
import { messageOf } from './message-of.js';
import { type StoredOutcome, storedIn } from './print/stored.js';
import { type ScaleOrder, scaleOrderIn } from './scales.js';
import type { Settings } from './settings.js';
import { shellCommandOf } from './shell-command.js';
import { peers, protocols, systemsOf } from './systems.js';
import { type TransportName, transports } from './transports.js';
import { traceFileOf, workloadNames, workloadOf } from './workload/catalogue.js';
import { scanTrace } from './workload/trace-feed.js';

/** The benchmark was called wrongly; the message says how. */
export class WrongUsage extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongUsage';
  }
}

const flags = {
  protocols: { type: 'string' },
  transport: { type: 'string', default: 'zeromq' },
  workload: { type: 'string', default: 'ycsb-b' },
  members: { type: 'string', default: '3' },
  clients: { type: 'string', default: '64' },
  rate: { type: 'string' },
  arrivals: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string', default: '1' },
  keys: { type: 'string' },
  'value-bytes': { type: 'string' },
  rounds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  peers: { type: 'string' },
  curve: { type: 'string' },
  scale: { type: 'string', multiple: true },
  weigh: { type: 'string' },
  systems: { type: 'string' },
  json: { type: 'string' },
  report: { type: 'string' },
  compare: { type: 'string' },
  'no-verify': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Flags = ReturnType<typeof flagsIn>;

/** What a report weighs: entries of so many bytes of values, but neither very few nor very many. */
const weighedBytes = 16_000_000;
const entriesMin = 1_000;
const entriesMax = 50_000;

export const usage = `Measures the protocols over real processes, and checks the history of what it measured.

  npm run bench -- [options]

  --protocols a,b|all   what to measure                        (${Object.keys(protocols)[0]})
  --transport NAME      zeromq, tcp or both                    (zeromq)
  --workload NAME       ycsb-a, -b, -c, -d, -f, reads, writes, twitter-<cluster>, trace:FILE   (ycsb-b)
  --members N           processes, one member each             (3)
  --clients N           clients of all members together        (64)
  --rate N              open loop: operations per second of all clients together; what waits at the end is given up
                        after as long again, or ten seconds
  --arrivals HOW        of the open loop: poisson or fixed     (poisson)
  --seconds N           measured phase; a trace runs to its end (5; with --report 1.5)
  --warm-up N           seconds before it                      (1)
  --keys N              keys that exist at the beginning       (10000)
  --value-bytes N       size of the values                     (1000, or the workload's)
  --rounds N            measure everything N times in turns, print medians   (1; with --report 3)
  --seed N              of everything drawn at random          (1)
  --peers a,b           measure these too: ${Object.keys(peers).join(', ')}; their programs have to be on PATH
  --curve N             latency at N rates, up to 1.2 times what the first closed loop reached, which may not be all
                        that can be served                     (with --report 4)
  --scale WHAT=VALUES   what becomes of it when WHAT grows: members, clients, keys or value-bytes;
                        VALUES are such as 1..9 or 1,8,64, at most 100. May be given several times
  --weigh N             the memory that N more entries take    (with --report, for 16 MB of values)
  --systems FILE        measure what the module FILE exports as \`systems\`
  --json FILE           write the figures
  --report FILE.html    write a page with the figures and diagrams
  --compare FILE        ratios to an earlier run, of which FILE is what --json wrote
  --no-verify           neither record nor check the history
  --help

Exit status: 0 everything legal, 1 something illegal, 2 something undecided or not measured, 64 wrong
usage.`;

/**
 * The settings that the arguments ask for, or 'help'. Relative paths start where the user stands, which npm tells in
 * INIT_CWD because it changes the directory. Throws `WrongUsage`, or `TraceError` for a trace that is not one.
 */
export async function settingsFrom(
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Settings | 'help'> {
  const given = flagsIn(programArguments);
  if (given.help) return 'help';
  const directory = environment.INIT_CWD ?? process.cwd();
  const path = (name: string | undefined): string | undefined =>
    name === undefined ? name : resolve(directory, name);
  const module = path(given.systems);
  const workload = await workloadIn(given, directory);
  const settings = {
    systems: [...(await systemsIn(given, module)), ...peersIn(given)],
    module,
    transports: transportsIn(given),
    members: whole(given, 'members', 1, membersMax),
    clients: whole(given, 'clients', 1, 100_000),
    ...openLoop(given),
    ...thoroughness(given, workload),
    warmSeconds: decimal(given, 'warm-up', 0, 3_600),
    seed: whole(given, 'seed', 0, 0xffff_ffff),
    verify: !given['no-verify'],
    floor: true,
    command: shellCommandOf(programArguments),
    json: path(given.json),
    report: path(given.report),
    earlier: earlierIn(path(given.compare)),
  };
  return { ...settings, workload };
}

function earlierIn(file: string | undefined): StoredOutcome | undefined {
  if (file === undefined) return undefined;
  try {
    return storedIn(file);
  } catch (error) {
    throw new WrongUsage(`--compare: ${messageOf(error)}`);
  }
}

function flagsIn(programArguments: readonly string[]) {
  try {
    return parseArgs({ args: [...programArguments], options: flags, strict: true }).values;
  } catch (error) {
    throw new WrongUsage(messageOf(error));
  }
}

async function systemsIn(given: Flags, module: string | undefined): Promise<string[]> {
  if (module !== undefined && !existsSync(module))
    throw new WrongUsage(`--systems: there is no file ${module}`);
  const others = module === undefined ? [] : Object.keys(await exported(module));
  const known = [...Object.keys(protocols), ...others];
  if (given.protocols === undefined) return others.length > 0 ? others : known.slice(0, 1);
  if (given.protocols === 'all') return known;
  const names = given.protocols.split(',');
  for (const name of names) {
    if (!known.includes(name)) throw new WrongUsage(`--protocols: "${name}" is none of ${known.join(', ')}`);
  }
  return [...new Set(names)];
}

async function exported(module: string): Promise<object> {
  try {
    return await systemsOf(module);
  } catch (error) {
    throw new WrongUsage(`--systems: ${messageOf(error)}`);
  }
}

function peersIn(given: Flags): string[] {
  if (given.peers === undefined) return [];
  // One that is named twice is measured once, as with --protocols.
  return [...new Set(given.peers.split(','))].flatMap((name) => {
    const group = Object.hasOwn(peers, name) ? peers[name] : undefined;
    if (group === undefined) {
      throw new WrongUsage(`--peers: "${name}" is none of ${Object.keys(peers).join(', ')}`);
    }
    return Object.keys(group);
  });
}

function transportsIn({ transport }: Flags): readonly TransportName[] {
  const names = Object.keys(transports) as TransportName[];
  if (transport === 'both') return names;
  const name = names.find((each) => each === transport);
  if (name === undefined) {
    throw new WrongUsage(`--transport must be ${names.join(', ')} or both, not "${transport}"`);
  }
  return [name];
}

function openLoop(given: Flags): { rate?: number; spread: Spread } {
  if (given.rate === undefined) {
    if (given.arrivals !== undefined) throw new WrongUsage('--arrivals needs --rate');
    return { spread: 'poisson' };
  }
  const spread = spreads.find((name) => name === (given.arrivals ?? 'poisson'));
  if (spread === undefined) {
    throw new WrongUsage(`--arrivals must be ${spreads.join(' or ')}, not "${given.arrivals}"`);
  }
  return { rate: decimal(given, 'rate', 0.001, 10_000_000), spread };
}

/** A report shows medians, curves and memory of every system, and is to be there within minutes. */
function thoroughness(
  given: Flags,
  workload: Settings['workload'],
): Pick<Settings, 'seconds' | 'rounds' | 'curve' | 'scales' | 'entries'> {
  const isTrace = workload.trace !== undefined;
  const full = given.report !== undefined && !isTrace;
  const usual = full && given.rate === undefined ? '4' : undefined;
  if (given.curve !== undefined && given.rate !== undefined) {
    throw new WrongUsage('--curve does not go with --rate: it offers rates of its own');
  }
  if (given.scale !== undefined && given.rate !== undefined) {
    throw new WrongUsage('--scale does not go with --rate: at a given rate throughput does not grow');
  }
  const { curve = usual, seconds = full ? '1.5' : '5', rounds = full ? '3' : '1' } = given;
  const { valueBytes } = workloadOf(workload);
  const few = Math.max(entriesMin, Math.min(entriesMax, Math.round(weighedBytes / valueBytes)));
  const { weigh = full ? String(few) : undefined } = given;
  const flags = { ...given, curve, seconds, rounds, weigh };
  return {
    seconds: decimal(flags, 'seconds', 0.01, 86_400),
    rounds: whole(flags, 'rounds', 1, 1_000),
    curve: curve === undefined ? undefined : whole(flags, 'curve', 2, 50),
    scales: given.scale?.map(scaleIn),
    entries: weigh === undefined ? undefined : whole(flags, 'weigh', 1, 10_000_000),
  };
}

function scaleIn(text: string): ScaleOrder {
  const order = scaleOrderIn(text);
  if (typeof order === 'string') throw new WrongUsage(`--scale: ${order}`);
  return order;
}

async function workloadIn(given: Flags, directory: string): Promise<Settings['workload']> {
  const size = {
    keys: given.keys === undefined ? undefined : whole(given, 'keys', 1, 100_000_000),
    valueBytes: given['value-bytes'] === undefined ? undefined : whole(given, 'value-bytes', 1, 16_000_000),
  };
  const file = traceFileOf(given.workload);
  if (file === undefined) {
    if (workloadNames.includes(given.workload)) return { name: given.workload, size };
    const names = workloadNames.filter((name) => !name.startsWith('twitter-')).join(', ');
    throw new WrongUsage(
      `--workload: "${given.workload}" is none of ${names}, twitter-<1 to 54>, trace:FILE (see the README)`,
    );
  }
  for (const name of ['rate', 'keys', 'value-bytes', 'curve', 'scale'] as const) {
    if (given[name] !== undefined) throw new WrongUsage(`--${name} does not go with a trace`);
  }
  const path = resolve(directory, file);
  if (!existsSync(path)) throw new WrongUsage(`--workload: there is no file ${path}`);
  return { name: given.workload, size: {}, trace: await scanTrace(path) };
}

type NumberFlag =
  | 'curve'
  | 'weigh'
  | 'members'
  | 'clients'
  | 'rate'
  | 'seconds'
  | 'warm-up'
  | 'keys'
  | 'value-bytes'
  | 'rounds'
  | 'seed';

type Numbers = { readonly [Name in NumberFlag]?: string | undefined };

function whole(given: Numbers, name: NumberFlag, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(given[name] ?? '') ? Number(given[name]) : Number.NaN;
  return within(value, given, name, min, max, 'a whole number');
}

function decimal(given: Numbers, name: NumberFlag, min: number, max: number): number {
  const value = /^\d{1,15}(\.\d{1,9})?$/.test(given[name] ?? '') ? Number(given[name]) : Number.NaN;
  return within(value, given, name, min, max, 'a number');
}

function within(
  value: number,
  given: Numbers,
  name: NumberFlag,
  min: number,
  max: number,
  kind: string,
): number {
  if (value >= min && value <= max) return value;
  throw new WrongUsage(`--${name} must be ${kind} from ${min} to ${max}, not "${given[name]}"`);
}
