import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Where a protocol comes from: the address of its module, which exports `join` and a factory of this name. */
export interface Source {
  readonly module: string;
  readonly factory: string;
}

/** What a process is started with. */
export interface Assignment extends Source {
  /** Of the protocol. */
  readonly protocol: object;
  /** Of `join`. */
  readonly options: { readonly id: string };
  readonly historyFile: string;
}

/** What a process says of an error. */
export interface Told {
  readonly code?: string;
  readonly outcome?: string;
  readonly message: string;
}

/** Clients that read and write random keys, one operation after the other, until they are stopped or one fails. */
export interface Load {
  readonly count: number;
  readonly keys: number;
  /** Values are padded to this length. */
  readonly valueBytes: number;
  /** The share of writes, from 0 to 1. */
  readonly writes: number;
}

export interface Request {
  readonly id: number;
  readonly command: string;
  readonly order?: unknown;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

const program = fileURLToPath(new URL('./program.js', import.meta.url));

/** A member in another process. Commands reject with a `Told`; those to a process that has ended, too. */
export class MemberProcess {
  readonly child: ChildProcess;
  readonly historyFile: string;
  /** Settles when the process has joined, or could not. */
  readonly joined: Promise<unknown>;
  /** Its exit code, or null if it was killed. */
  readonly ended: Promise<number | null>;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(assignment: Assignment) {
    this.historyFile = assignment.historyFile;
    this.joined = this.wait(0);
    this.joined.catch(() => undefined);
    // Without what the parent was started with: a test runner's loaders are none of the member's.
    this.child = fork(program, [JSON.stringify(assignment)], { execArgv: [] });
    this.child.on('message', (message) => this.onMessage(message as { id: number; result?: unknown }));
    this.ended = new Promise((resolve) => this.child.on('exit', (code) => resolve(code)));
    void this.ended.then(() => {
      for (const { reject } of this.waiting.values()) reject({ message: 'the process has ended' });
    });
  }

  /** Calls a method of the member's memory. */
  call(method: string, ...args: unknown[]): Promise<unknown> {
    return this.command('call', { method, args });
  }

  async load(load: Load): Promise<void> {
    await this.command('load', load);
  }

  /** Ends the load: resolves when all that its clients had begun has ended. */
  async stop(): Promise<void> {
    await this.command('stop');
  }

  /** What `metrics()` says, and `rss`: the bytes of memory that the process has. */
  metrics(): Promise<unknown> {
    return this.command('metrics');
  }

  /** Closes the memory, after which the process ends by itself. */
  async close(): Promise<void> {
    await this.command('close');
  }

  private command(command: string, order?: unknown): Promise<unknown> {
    this.lastId += 1;
    const id = this.lastId;
    const result = this.wait(id);
    this.child.send({ id, command, order } satisfies Request);
    return result;
  }

  private wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
  }

  private onMessage({ id, result, error }: { id: number; result?: unknown; error?: Told }): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(error);
  }
}
