import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '@dsm/checker';
import type { Inspection } from '@dsm/core';
import { freeAddresses } from '../free-ports.js';
import { failuresIn, operationsIn } from './log.js';
import { MemberProcess, type Source } from './member-process.js';

/** Processes of one test, and the folder of their histories. */
export class Processes {
  private readonly source: Source;
  private readonly folder = mkdtempSync(join(tmpdir(), 'dsm-processes-'));
  private readonly all: MemberProcess[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  /** Starts a member with these options of `join` and of the protocol. */
  start(options: { readonly id: string } & Record<string, unknown>, protocol: object = {}): MemberProcess {
    const historyFile = join(this.folder, `${options.id}-${this.all.length}`);
    const member = new MemberProcess({ ...this.source, options, protocol, historyFile });
    this.all.push(member);
    return member;
  }

  /** Starts a group on ports that are free, and waits until all have joined. */
  async group(
    names: readonly string[],
    options: Record<string, unknown> = {},
    protocol: object = {},
  ): Promise<{ members: Record<string, string>; started: MemberProcess[] }> {
    const members = await freeAddresses(...names);
    const started = names.map((id) => this.start({ id, members, ...options }, protocol));
    await Promise.all(started.map(({ joined }) => joined));
    return { members, started };
  }

  /** What all of them did under load; what a killed one had begun has an unknown outcome. */
  history(placeOf?: Inspection['placeOf']): Operation[] {
    return this.all.flatMap(({ historyFile }) => operationsIn(historyFile, placeOf));
  }

  /** What ended with an error under load, and what never ended. */
  failures(): unknown[] {
    return this.all.flatMap(({ historyFile }) => failuresIn(historyFile));
  }

  /** Ends what is left. */
  async end(): Promise<void> {
    for (const { child } of this.all) child.kill('SIGKILL');
    await Promise.all(this.all.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
