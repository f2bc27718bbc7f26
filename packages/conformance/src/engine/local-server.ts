import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../free-ports.js';

/** Where a server is: ports of loopback that were free, and a directory of its own. */
export interface Place {
  readonly ports: readonly number[];
  readonly directory: string;
}

/** How a server is run. */
export interface ServerCommand {
  /** Looked for on PATH. */
  readonly program: string;
  readonly words: readonly string[];
  /** It is ready when it says this here. */
  readonly log: 'stdout' | 'stderr';
  readonly ready: string;
}

const readyMs = 20_000;
const attempts = 5;

/** Whether this machine has a program; where not, a visible line says what is not tried. */
export function isInstalled(program: string, of: string): boolean {
  if (spawnSync(program, ['--version']).status === 0) return true;
  process.stderr.write(`SKIPPED: ${program} is not installed: nothing of ${of} is tried on a real server\n`);
  return false;
}

/** A server of a test's own on free ports of loopback, which can be killed, paused and started again with its data. */
export abstract class LocalServer {
  protected readonly place: Place;
  private process: ChildProcess | undefined;

  constructor(place: Place) {
    this.place = place;
  }

  abstract get url(): string;

  /** How it is run, now and whenever it is started again. */
  protected abstract get command(): ServerCommand;

  /** Starts the server that `make` makes of a place with so many ports; elsewhere, where one was taken meanwhile. */
  static async started<One extends LocalServer>(
    ports: number,
    make: (place: Place) => One | Promise<One>,
  ): Promise<One> {
    for (let left = attempts; ; left -= 1) {
      const directory = await mkdtemp(join(tmpdir(), 'dsm-server-'));
      const server = await make({ ports: await freePorts(ports), directory });
      try {
        await server.run();
        return server;
      } catch (error) {
        await server.stop();
        if (left === 1) throw error;
      }
    }
  }

  get port(): number {
    return this.place.ports[0] as number;
  }

  /** Starts it where it was, with the data that it had. Rejects where it ends, or is not ready in time. */
  async run(): Promise<void> {
    const { program, words, log, ready } = this.command;
    const stdio =
      log === 'stdout' ? (['ignore', 'pipe', 'ignore'] as const) : (['ignore', 'ignore', 'pipe'] as const);
    const server = spawn(program, words, { stdio: [...stdio] });
    this.process = server;
    process.once('exit', this.endWithUs);
    let said = '';
    let late: NodeJS.Timeout | undefined;
    const started = new Promise<void>((resolve, reject) => {
      late = setTimeout(() => reject(new Error(`${program} was not ready in time: ${said}`)), readyMs);
      server.once('error', reject);
      server.once('exit', (code) => reject(new Error(`${program} ended with ${code}, not ready: ${said}`)));
      // What it says later is read, too, and kept by nobody: a server that is not read stops.
      let waits = true;
      server[log]?.setEncoding('utf8').on('data', (text: string) => {
        if (!waits) return;
        said += text;
        waits = !said.includes(ready);
        if (!waits) resolve();
      });
    });
    await started.finally(() => clearTimeout(late));
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    const server = this.process;
    this.process = undefined;
    process.removeListener('exit', this.endWithUs);
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  }

  pause(): void {
    this.process?.kill('SIGSTOP');
  }

  goOn(): void {
    this.process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.place.directory, { recursive: true, force: true });
  }

  private readonly endWithUs = (): void => {
    this.process?.kill('SIGKILL');
  };
}
