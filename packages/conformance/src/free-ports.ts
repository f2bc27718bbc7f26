import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that an operating system gives to whoever asks for any, and to connections. */
const range = { first: 10_000, count: 20_000 };
const attemptsMax = 1_000;

/**
 * Ports of loopback that nobody listens on, all different, and that no other program gets from here as long as this
 * one runs. A port that was merely free a moment ago may be given to others before it is used, and then two groups that
 * have nothing to do with each other meet.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt += 1) {
    if (attempt === attemptsMax) throw new Error('there are not enough free ports');
    const port = range.first + Math.floor(Math.random() * range.count);
    if ((await reserve(port)) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

/** `tcp://127.0.0.1:…` with such a port. */
export async function freeTcpAddress(): Promise<string> {
  const [port] = await freePorts(1);
  return `tcp://127.0.0.1:${port}`;
}

/** By name, addresses of this machine on such ports. */
export async function freeAddresses(...names: readonly string[]): Promise<Record<string, string>> {
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, `tcp://127.0.0.1:${ports[index]}`]));
}

/** A datagram socket on the port is in nobody's way, and no two programs have one. It goes with the program. */
async function reserve(port: number): Promise<boolean> {
  const socket: Socket = createSocket('udp4');
  socket.bind({ port, address: '127.0.0.1', exclusive: true });
  try {
    await once(socket, 'listening');
    socket.unref();
    return true;
  } catch {
    socket.close();
    return false;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  await once(probe.close(), 'close');
  return true;
}
