import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { freePorts } from '../src/free-ports.js';

afterEach(() => vi.restoreAllMocks());

/** Lets the next draws be this port, and what chance says after that. */
function draw(port: number, times: number): void {
  const random = vi.spyOn(Math, 'random');
  for (let time = 0; time < times; time += 1) random.mockReturnValueOnce((port - 10_000 + 0.5) / 20_000);
}

test('ports are given once, and below those that an operating system gives', async () => {
  const [port = 0] = await freePorts(1);
  draw(port, 3);
  const ports = [...(await freePorts(50)), port];
  expect(new Set(ports).size).toBe(51);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(10_000);
  expect(Math.max(...ports)).toBeLessThan(30_000);
});

test('a port that somebody listens on is not given', async () => {
  const server = createServer();
  let port = 10_000;
  do {
    port += 1;
    server.listen(port, '127.0.0.1');
  } while (
    !(await once(server, 'listening').then(
      () => true,
      () => false,
    ))
  );
  draw(port, 1);
  expect(await freePorts(1)).not.toContain(port);
  await once(server.close(), 'close');
});

test('where none is left, it says so', async () => {
  const [port = 0] = await freePorts(1);
  draw(port, 1_001);
  await expect(freePorts(1)).rejects.toThrow('not enough free ports');
});
