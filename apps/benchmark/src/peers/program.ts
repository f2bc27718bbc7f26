import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PortTaken } from '../free-ports.js';

/** A server's program, and how it says that it can be asked. */
export interface ProgramOrder {
  /** Looked for on PATH. */
  readonly program: string;
  readonly words: readonly string[];
  /** Where it writes its log. */
  readonly log: 'stdout' | 'stderr';
  /** In its log once it is ready. */
  readonly ready: string;
}

/** A server's program that runs. */
export interface Program {
  readonly pid: number;
  stop(): Promise<void>;
}

const startMs = 20_000;
/** Of what it logged, so much is shown when it does not start. */
const loggedMax = 2_000;

/** Starts a program and waits until it is ready; whatever ends this process ends it. Throws `PortTaken` if it ends. */
export async function startProgram({ program, words, log, ready }: ProgramOrder): Promise<Program> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    kill();
    await gone;
  };
  let logged = '';
  const started = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${program} was not ready in time`)), startMs);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new PortTaken(`${program} ended with ${code} before it was ready\n${logged}`));
    });
    const hear = (text: string): void => {
      logged = (logged + text).slice(-loggedMax);
      if (!logged.includes(ready)) return;
      clearTimeout(late);
      resolve();
    };
    // Both are read to the end: a program whose pipe is full stands still.
    child[log].setEncoding('utf8').on('data', hear);
    child[log === 'stdout' ? 'stderr' : 'stdout'].resume();
  });
  try {
    await started;
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid as number, stop };
}
