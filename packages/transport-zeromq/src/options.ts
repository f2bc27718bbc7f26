import { DsmError } from '@dsm/core';

/** Bounds and times of the transport. The defaults suit members on one machine or in one data centre. */
export interface ZeromqOptions {
  /** Bytes that wait here for a peer that is connected and does not keep up; beyond it the newest frames are lost. */
  readonly queueBytesMax?: number | undefined;
  /** Frames that ZeroMQ holds to be sent on a connection. */
  readonly highWaterMark?: number | undefined;
  /** Frames given to the program from one socket before the rest of the program has its turn. */
  readonly framesPerTurn?: number | undefined;
  /** Time to the first attempt to connect again; doubled with each attempt, up to `reconnectMaxMs`. */
  readonly reconnectMs?: number | undefined;
  readonly reconnectMaxMs?: number | undefined;
  /** Time an attempt to connect may take. */
  readonly connectTimeoutMs?: number | undefined;
  /** How often a connection is tried out. 0: never, a peer whose machine vanished is then noticed late. */
  readonly heartbeatMs?: number | undefined;
  /** Silence of a connection before it is given up and made anew: a peer paused for less loses nothing. */
  readonly heartbeatTimeoutMs?: number | undefined;
}

/** Every option, decided. */
export type Settings = { readonly [Name in keyof ZeromqOptions]-?: number };

const defaults: Settings = {
  queueBytesMax: 64 * 1024 * 1024,
  highWaterMark: 128,
  framesPerTurn: 64,
  reconnectMs: 20,
  reconnectMaxMs: 1_000,
  connectTimeoutMs: 3_000,
  heartbeatMs: 5_000,
  heartbeatTimeoutMs: 30_000,
};

/** Completes the options; throws `DSM_INVALID_OPTION` for one that is unknown or not a whole number in its range. */
export function decide(options: ZeromqOptions): Settings {
  const settings: { -readonly [Name in keyof Settings]: number } = { ...defaults };
  for (const [name, value] of Object.entries(options)) {
    if (!isSetting(name)) throw new DsmError('DSM_INVALID_OPTION', `Unknown option: ${name}`);
    if (value === undefined) continue;
    const min = name === 'heartbeatMs' || name === 'queueBytesMax' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < min || (name !== 'queueBytesMax' && value > 2 ** 31 - 1)) {
      throw new DsmError('DSM_INVALID_OPTION', `${name} must be a whole number, at least ${min}: ${value}`);
    }
    settings[name] = value;
  }
  return settings;
}

function isSetting(name: string): name is keyof Settings {
  return Object.hasOwn(defaults, name);
}
