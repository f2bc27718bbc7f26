/**
 * The program of one member: joins, and does what the coordinator orders over the channel between them. It ends when
 * it is told to leave, or when the coordinator is gone.
 */
import { LoadedMember } from './loaded-member.js';
import type { Order, Report } from './orders.js';

const progressMs = 250;

// An interrupt from the terminal reaches every process: the coordinator decides what becomes of the members.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const member = new LoadedMember();
setInterval(() => say({ kind: 'progress', performed: member.performed }), progressMs).unref();

process.on('message', (order: Order) => {
  member.obey(order).then(
    (answer) =>
      say({ kind: 'done', answer }, order.kind === 'leave' ? () => process.disconnect() : undefined),
    (error: unknown) => say(failureOf(error)),
  );
});

function say(report: Report, then?: () => void): void {
  if (process.connected) process.send?.(report, undefined, {}, then);
}

function failureOf(error: unknown): Report {
  if (!(error instanceof Error)) return { kind: 'failed', message: String(error) };
  const code = 'code' in error ? String(error.code) : undefined;
  return { kind: 'failed', message: error.message, code };
}
