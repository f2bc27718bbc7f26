// Four processes share an integer and a dictionary. Each counts up and enters itself into the dictionary, all at once;
// none of it is lost, and all come to read the same. Run it with `node examples/counter-and-dictionary/main.mjs`, after
// `npm run build`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { join, tokenCoherence } from '@dsm/token-coherence';

const ids = ['a', 'b', 'c', 'd'];
const initial = { counter: 0, dictionary: { first: 'there from the beginning' } };

const [, , id, text] = process.argv;
if (id === undefined) await startAll();
else await run(id, JSON.parse(text));

/** One of the four processes. */
async function run(id, members) {
  const memory = await join(tokenCoherence({ initial }), { id, members });
  const told = once(process, 'message');
  process.send('listening');
  await told;
  console.log(`${id}: found counter at ${await memory.read('counter')}`);
  const { value } = await memory.update('counter', (counter) => counter + 1);
  console.log(`${id}: counted up to ${value}`);
  // What was read is a copy: changing it changes nothing in memory.
  const draft = await memory.read('dictionary');
  draft.first = `scribbled over by ${id}`;
  await memory.update('dictionary', (dictionary) => ({ ...dictionary, [id]: value }));
  await seen(memory, 'counter', (counter) => counter === ids.length);
  const dictionary = await seen(memory, 'dictionary', (entries) => ids.every((each) => each in entries));
  console.log(`${id}: counter is ${await memory.read('counter')}`);
  console.log(`${id}: dictionary has ${JSON.stringify(sorted(dictionary))}`);
  // Nobody leaves while another one may still need its tokens.
  const finished = once(process, 'message');
  process.send('done');
  await finished;
  await memory.close();
  process.disconnect();
}

/** The first value of a key that is as wanted. */
async function seen(memory, key, isWanted) {
  for await (const { value } of memory.watch(key)) if (isWanted(value)) return value;
}

function sorted(dictionary) {
  return Object.fromEntries(Object.entries(dictionary).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Starts the processes, and tells them when to begin and when to end. */
async function startAll() {
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
