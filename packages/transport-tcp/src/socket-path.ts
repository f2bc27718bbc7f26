import { randomUUID } from 'node:crypto';
import { link, lstat, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { pathBytesMax } from './address.js';

/**
 * Takes away a socket that nobody listens on any more: who is killed leaves it behind, and it is in the way of who
 * comes next. Returns whether the path is free now. It is moved aside before it is asked whether somebody listens
 * there, since of two that come next the one would else take away the fresh socket of the other.
 */
export async function freePath(path: string): Promise<boolean> {
  if (!(await isSocket(path)) || (await isAlive(path))) return false;
  const aside = join(dirname(path), `.${randomUUID().slice(0, 8)}`);
  try {
    await rename(path, aside);
  } catch {
    // Another one was quicker: what is there now is not left behind.
    return false;
  }
  // A folder whose name is long may leave no room for that of the file: then it is asked once, before.
  const alive = Buffer.byteLength(aside) <= pathBytesMax && (await isAlive(aside));
  if (alive) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return !alive;
}

async function isSocket(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSocket() === true;
}

/** Whether somebody listens there, heard or not: a process that is paused does. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
