import { once } from 'node:events';
import { type Socket, connect as tcp } from 'node:net';
import type { ConnectOptions } from '@dsm/core';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const portUsually = 4222;
const greeting = 'INFO ';
/** No attempt takes longer, whoever waits for it. */
const attemptMs = 10_000;

/** A client that is connected, and does not connect again. */
export async function dialled(server: URL, { group, id, signal }: ConnectOptions): Promise<NatsConnection> {
  const { hostname, username, password } = server;
  const port = Number(server.port || portUsually);
  await knock(hostname.replace(/^\[|\]$/g, ''), port, signal);
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  const connecting = connect({
    servers: `${hostname}:${port}`,
    name: `dsm:${group}:${id}`,
    timeout: attemptMs,
    reconnect: false,
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
    ...(server.protocol === 'tls:' && { tls: {} }),
    ...(pass !== '' ? { user, pass } : user !== '' && { token: user }),
  });
  return wanted(connecting, signal);
}

/**
 * Resolves when whoever listens there greets as a NATS server does, with nothing kept. The client cannot be told to
 * give up while it connects, and to a server that is silent it leaves a socket behind, which keeps the process alive.
 */
async function knock(host: string, port: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = tcp({ host, port, signal });
  try {
    const [heard] = await Promise.race([once(socket, 'data', { signal }), ended(socket)]);
    if (!String(heard).startsWith(greeting)) {
      throw new Error(`who answers at ${host}:${port} is no NATS server`);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // What goes wrong after the end is nobody's concern.
    socket.on('error', () => undefined).destroy();
  }
}

async function ended(socket: Socket): Promise<never> {
  await once(socket, 'close');
  throw new Error('the connection was closed before the server said anything');
}

/** The client, unless it is not wanted any more before it is there: then it is closed as soon as it is. */
function wanted(connecting: Promise<NatsConnection>, signal: AbortSignal): Promise<NatsConnection> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason);
      connecting.then((client) => client.close()).catch(() => undefined);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    connecting.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
