import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for what a server keeps. */
export interface Scratch {
  readonly directory: string;
  remove(): void;
}

/** Makes a folder that is removed with its server, and with this process at the latest. */
export async function scratch(name: string): Promise<Scratch> {
  const directory = await mkdtemp(join(tmpdir(), `dsm-${name}-`));
  const clear = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', clear);
  const remove = (): void => {
    process.removeListener('exit', clear);
    clear();
  };
  return { directory, remove };
}
