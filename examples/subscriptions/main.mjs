// Three processes and three variables: not every process subscribes to every variable, and all those that do are called
// back in one order. Run it with `node examples/subscriptions/main.mjs`, after `npm run build`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { join, totalOrder } from '@dsm/total-order';

const subscriptions = { x: ['a', 'b'], y: ['b', 'c'], z: ['a', 'b', 'c'] };
/** How often each process is called back: of the two that exchange z, one is too late. */
const changes = { a: 3, b: 4, c: 2 };

const [, , id, text] = process.argv;
if (id === undefined) await startAll();
else await run(id, JSON.parse(text));

/** One of the three processes. */
async function run(id, members) {
  const memory = await join(totalOrder({ subscriptions }), { id, members });
  const called = new Promise((resolve) => {
    let left = changes[id];
    memory.onChange('*', async ({ key, value }) => {
      console.log(`${id}: ${key} changed to ${value}`);
      if (id === 'b' && key === 'x' && value === 10) await memory.write('x', 15);
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const told = once(process, 'message');
  process.send('listening');
  await told;
  if (id === 'a') await memory.write('x', 10);
  if (id === 'b') await memory.write('y', 20);
  else {
    const { ok } = await memory.compareAndSwap('z', undefined, `first set by ${id}`);
    console.log(`${id}: was ${ok ? 'first' : 'too late'} at z`);
  }
  await called;
  // Nobody leaves while another one may still need its answers.
  const finished = once(process, 'message');
  process.send('done');
  await finished;
  await memory.close();
  process.disconnect();
}

/** Starts the processes, and tells them when to begin and when to end. */
async function startAll() {
  const ids = Object.keys(changes);
  const ports = await freePorts(ids.length);
  const members = Object.fromEntries(ids.map((id, index) => [id, `tcp://127.0.0.1:${ports[index]}`]));
  const file = fileURLToPath(import.meta.url);
  const processes = ids.map((id) => fork(file, [id, JSON.stringify(members)]));
  for (const each of processes) each.once('exit', (code) => code !== 0 && process.exit(1));
  for (const word of ['begin', 'end']) {
    await Promise.all(processes.map((each) => once(each, 'message')));
    for (const each of processes) each.send(word);
  }
}

/** Ports that were free a moment ago. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  for (const server of servers) server.close();
  return ports;
}
