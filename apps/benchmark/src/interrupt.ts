import type { Children } from './children.js';

/** Exit statuses that tell a shell which signal ended a program: 128 and the signal's number. */
const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Ends what was started whenever this process ends, and ends this process when it is asked to. */
export function endWithMe(children: Children): void {
  process.on('exit', () => children.kill());
  for (const [signal, status] of Object.entries(statuses)) process.once(signal, () => process.exit(status));
}
