import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports of loopback that nobody listens on, all different: each is held until all are known. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => once(probe, 'listening')));
  const ports = probes.map((probe) => {
    const bound = probe.address();
    if (bound === null || typeof bound === 'string') throw new Error('there is no free port');
    return bound.port;
  });
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')));
  return ports;
}
