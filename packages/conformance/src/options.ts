import type { Transport } from '@dsm/core';
import { type World, worlds } from './case.js';
import { deep } from './chance.js';

/** What `conformance` can be told. Everything has a default, and nothing need be told. */
export interface ConformanceOptions {
  /** Numbers of members. Default 1 and 3, with `DSM_DEEP` 1, 2, 3 and 5; over sockets those that are 1 or 3. */
  readonly sizes?: readonly number[] | undefined;
  /** Makes a transport to run over besides those that are known here, with addresses `tcp://127.0.0.1:…`. */
  readonly transport?: (() => Transport) | undefined;
  /** Seeds of the simulator. Default 100, and 400 when `DSM_DEEP` is set in the environment. */
  readonly seeds?: number | undefined;
  /** Further scripts for the explorer, such as `'w | r r'`: one member's operations after the other's. */
  readonly scripts?: readonly string[] | undefined;
  /** Where to run. Default everywhere. The laws of a replica are tried always. */
  readonly worlds?: readonly World[] | undefined;
  /** Names or titles of cases that are not to run, each with the reason; they appear as skipped. */
  readonly leaveOut?: Readonly<Record<string, string>> | undefined;
  /** How many milliseconds a case waits for what must happen. Default 15,000. */
  readonly patienceMs?: number | undefined;
}

/** Options checked and completed. */
export interface Settings {
  readonly sizes: readonly number[];
  readonly transport: (() => Transport) | undefined;
  readonly seeds: number;
  readonly scripts: readonly string[];
  readonly worlds: ReadonlySet<World>;
  readonly leaveOut: ReadonlyMap<string, string>;
  readonly patienceMs: number;
}

/** Throws a `TypeError` for what cannot be meant. */
export function settingsOf(options: ConformanceOptions): Settings {
  const { sizes = deep ? [1, 2, 3, 5] : [1, 3], seeds = deep ? 400 : 100 } = options;
  const { scripts = [], patienceMs = 15_000 } = options;
  const chosen = options.worlds ?? worlds;
  for (const world of chosen)
    if (!worlds.includes(world)) throw new TypeError(`there is no world '${world}'`);
  if (options.worlds?.includes('transport') && options.transport === undefined)
    throw new TypeError('the world transport needs the option of that name');
  if (sizes.length === 0) throw new TypeError('sizes is empty');
  for (const size of sizes) positive('sizes', size);
  positive('seeds', seeds);
  positive('patienceMs', patienceMs);
  const leaveOut = new Map(Object.entries(options.leaveOut ?? {}));
  for (const [name, reason] of leaveOut) {
    if (typeof reason !== 'string' || reason.trim() === '')
      throw new TypeError(`say why '${name}' is left out`);
  }
  const { transport } = options;
  return { sizes, transport, seeds, scripts, worlds: new Set(chosen), leaveOut, patienceMs };
}

function positive(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`${name}: ${value} is no number of those`);
}
