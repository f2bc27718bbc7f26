// Three processes and one shared object: a shares it, all read it, b and c take write access in turn while the reads of
// the others are halted, and a takes it away. Run it with `node examples/shared-objects/main.mjs`, after `npm run build`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { join, readReplication } from '@dsm/read-replication';

const ids = ['a', 'b', 'c'];
/** What each process does, one step after the other: no step begins before all have ended the one before. */
const steps = ['share', 'read', 'take', 'read again', 'ask too much', 'revoke', 'end'];

const [, , id, text] = process.argv;
if (id === undefined) await startAll();
else await run(id, JSON.parse(text));

/** One of the three processes. */
async function run(id, members) {
  const say = (sentence) => console.log(`${id}: ${sentence}`);
  const memory = await join(readReplication(), { id, members });
  const gone = new Promise((resolve) => {
    memory.onChange('board', ({ value }) => value === undefined && resolve());
  });
  const deeds = {
    share: async () => {
      if (id === 'a') await memory.share('board', { notes: ['first'] });
    },
    read: async () => say(`reads ${written(await memory.read('board'))}`),
    take: async () => {
      if (id !== 'a') await note(memory, say);
    },
    'read again': async () => say(`reads ${(await memory.read('board')).notes.length} notes`),
    'ask too much': async () => {
      if (id === 'b') await memory.revoke('board').catch(({ message }) => say(message));
    },
    revoke: async () => {
      if (id === 'a') await memory.revoke('board');
      await gone;
      say(`it is gone, and reads ${await memory.read('board')}`);
    },
    end: () => memory.close(),
  };
  for (const step of steps) {
    const told = once(process, 'message');
    process.send(step);
    await told;
    await deeds[step]();
  }
  process.disconnect();
}

/** Adds a note under write access: between reading and writing nobody else can read or write. */
async function note(memory, say) {
  // From Node.js 24 on: `await using access = …`, and no `finally`.
  const access = await memory.acquireWrite('board');
  try {
    say('has write access');
    const { notes } = await access.read();
    await access.write({ notes: [...notes, `note of ${memory.id}`] });
    say(`gives it back, with ${notes.length + 1} notes`);
  } finally {
    await access.release();
  }
}

function written({ notes }) {
  return notes.join(', ');
}

/** Starts the processes, and lets them go on when all have come as far. */
async function startAll() {
  const ports = await freePorts(ids.length);
  const members = Object.fromEntries(ids.map((id, index) => [id, `tcp://127.0.0.1:${ports[index]}`]));
  const file = fileURLToPath(import.meta.url);
  const processes = ids.map((id) => fork(file, [id, JSON.stringify(members)]));
  for (const each of processes) each.once('exit', (code) => code !== 0 && process.exit(1));
  for (const step of steps) {
    await Promise.all(processes.map((each) => once(each, 'message')));
    for (const each of processes) each.send(step);
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
