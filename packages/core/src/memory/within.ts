import type { World } from '../node/world.js';

/** Waits for the end of something, well or not, but no longer than this. */
export function within(timeoutMs: number, ending: Promise<void>, world: World): Promise<void> {
  return new Promise((resolve) => {
    const cancel = world.after(timeoutMs, resolve);
    const done = () => {
      cancel();
      resolve();
    };
    ending.then(done, done);
  });
}
