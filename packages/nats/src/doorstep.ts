import { once } from 'node:events';
import { connect } from 'node:net';

const greeting = 'INFO ';

/**
 * Resolves when whoever listens there greets as a NATS server does, with nothing kept. The client cannot be told to
 * give up while it connects: to a server that is silent it would leave a socket behind, which keeps the process alive.
 */
export async function knock(hostname: string, port: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = connect({ host: hostname, port, signal });
  try {
    const [heard] = await Promise.race([once(socket, 'data', { signal }), ended(socket)]);
    if (String(heard).startsWith(greeting)) return;
    throw new Error(`who answers at ${hostname}:${port} is no NATS server`);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // An error that comes after the end is nobody's concern.
    socket.on('error', () => undefined).destroy();
  }
}

async function ended(socket: ReturnType<typeof connect>): Promise<never> {
  await once(socket, 'end');
  throw new Error('the connection was closed before the server said anything');
}
