import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpAddress } from '@dsm/conformance/transport';
import { expect, onTestFinished, test } from 'vitest';

/** Its second worker is started when the first has said what came of it. Ends with who started it. */
const program = (listen: string) => `
  import cluster from 'node:cluster';
  import { tcp } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
  if (cluster.isPrimary) {
    cluster.on('message', (worker, said) => {
      process.send(said);
      if (worker.id === 1) cluster.fork();
    });
    process.on('disconnect', () => {
      for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGKILL');
      process.exit();
    });
    cluster.fork();
  } else {
    const opening = tcp().open({
      self: 'a', incarnation: 1, listen: ${JSON.stringify(listen)}, peers: new Map(), frameBytesMax: 1_000,
      events: { frame() {}, reachable() {} },
    });
    process.send(await opening.then(() => 'listens', ({ code }) => code));
  }`;

test('of two workers of a cluster that listen at one address, the second is told that it is in use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dsm-tcp-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program(await freeTcpAddress()));
  const primary = fork(file, { execArgv: [] });
  onTestFinished(async () => {
    const ended = once(primary, 'exit');
    if (primary.connected) primary.disconnect();
    await ended;
  });
  const said: unknown[] = [];
  primary.on('message', (message) => said.push(message));
  while (said.length < 2) await once(primary, 'message');
  expect(said).toEqual(['listens', 'DSM_ADDRESS_IN_USE']);
}, 30_000);
