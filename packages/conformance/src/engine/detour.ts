import { once } from 'node:events';
import { createServer, type Server, type Socket, connect as tcp } from 'node:net';

/** Stands between one client and its server. While it is blocked, nothing passes; afterwards everything does. */
export class Detour {
  readonly port: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly stranded = new Set<Socket>();
  private blocked = false;

  private constructor(server: Server, port: number, serverPort: number) {
    this.server = server;
    this.port = port;
    server.on('connection', (client) => this.join(client, tcp(serverPort, '127.0.0.1')));
  }

  /** A detour to a port of loopback, at a free one. */
  static async to(serverPort: number): Promise<Detour> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('there is no free port');
    return new Detour(server, bound.port, serverPort);
  }

  block(): void {
    this.blocked = true;
    for (const socket of this.sockets) socket.pause();
  }

  heal(): void {
    this.blocked = false;
    for (const socket of this.sockets) if (!this.stranded.has(socket)) socket.resume();
  }

  /** What is connected now never hears anything again, and is not told so; new connections are as before. */
  strand(): void {
    for (const socket of this.sockets) {
      this.stranded.add(socket);
      socket.pause();
    }
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await once(this.server.close(), 'close');
  }

  private join(client: Socket, server: Socket): void {
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(one);
      one.setNoDelay(true);
      one.on('data', (part) => other.write(part));
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        this.stranded.delete(one);
        other.destroy();
      });
      if (this.blocked) one.pause();
    }
  }
}
