import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ReplicaId } from '@dsm/core';

/** What `open` takes as peers, as a list that JSON can hold. */
export type Peers = readonly (readonly [ReplicaId, { readonly name: string; readonly address: string }])[];

/** What a member in a process of its own is told at its start, as JSON. */
export interface ChildOptions {
  readonly module: string;
  readonly factory: string;
  readonly self: string;
  readonly incarnation: number;
  readonly listen: string;
  readonly peers: Peers;
  readonly frameBytesMax: number;
}

/** What it is told later. */
export type Command =
  | { readonly do: 'send'; readonly to: ReplicaId; readonly text: string }
  /** So many numbered frames of a size, in one turn. */
  | { readonly do: 'flood'; readonly to: ReplicaId; readonly count: number; readonly bytes: number }
  | { readonly do: 'report' }
  | { readonly do: 'close' };

/** What it says. */
export interface Said {
  readonly opened?: true;
  /** The code of the error that opening ended with. */
  readonly failed?: string;
  readonly reached?: ReplicaId;
  readonly report?: Report;
  readonly closed?: true;
}

/** What has arrived there. */
export interface Report {
  readonly received: number;
  readonly texts: readonly string[];
  /** Frames with a number that is not above the one before. */
  readonly outOfOrder: number;
  /** The number of the last one. */
  readonly last: number;
}

const program = fileURLToPath(new URL('./program.js', import.meta.url));

/** A member in a process of its own. */
export class Child {
  readonly process: ChildProcess;
  readonly reached: ReplicaId[] = [];
  opened = false;
  closed = false;
  failed: string | undefined;
  /** Its exit code and signal. */
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  private readonly reports: ((report: Report) => void)[] = [];

  constructor(options: ChildOptions) {
    // Without what the parent was started with: a test runner's loaders are none of the member's.
    this.process = fork(program, [JSON.stringify(options)], { execArgv: [] });
    this.process.on('message', (said) => this.onSaid(said as Said));
    this.ended = new Promise((resolve) => this.process.once('exit', (...end) => resolve(end)));
  }

  command(command: Command): void {
    this.process.send(command);
  }

  report(): Promise<Report> {
    this.command({ do: 'report' });
    return new Promise((resolve) => {
      this.reports.push(resolve);
    });
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  private onSaid({ opened, failed, reached, report, closed }: Said): void {
    this.opened ||= opened === true;
    this.closed ||= closed === true;
    this.failed ??= failed;
    if (reached !== undefined) this.reached.push(reached);
    if (report !== undefined) this.reports.shift()?.(report);
  }
}
