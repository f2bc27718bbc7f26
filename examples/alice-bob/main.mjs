// Three data centres, far from each other, and two clients. Alice lost her ring; she found it; Bob is glad. Nobody is shown
// that Bob is glad before the ring is found, whatever arrives first. After `npm run build`:
//
//   node examples/alice-bob/main.mjs                   plays it
//   node examples/alice-bob/main.mjs --interactive     reads commands: lost, found, glad, wait N (seconds), quit
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { causal, join } from '@dsm/causal';
import { decodeValue, memoryNetwork } from '@dsm/core';

/** How long a message takes between two of them, in milliseconds. */
const distances = { 'one two': 20, 'two three': 40, 'one three': 1_000 };
const names = ['one', 'two', 'three'];
/** A member's slot is its place among the sorted names. */
const bySlot = names.toSorted();

/** They meet before they move away from each other: that would only take longer. */
let apart = false;

/** The network within this process, with delays by distance. */
function distant(network) {
  return {
    name: 'distant',
    open: async (options) => {
      const wire = await network.open(options);
      const send = (to, frame) => {
        const other = options.peers.get(to)?.name;
        const delayMs = distances[`${options.self} ${other}`] ?? distances[`${other} ${options.self}`];
        if (apart) setTimeout(() => wire.send(to, frame), delayMs);
        else wire.send(to, frame);
      };
      return { ...wire, send };
    },
  };
}

/** Tells what becomes of each update at a member: it arrives, it waits for what it depends on, it is shown. */
function reporter() {
  /** Arrived and not shown, by member and key, in order. */
  const waiting = new Map();
  /** Updates by member: those that come again are nothing new. */
  const known = new Set();
  const isNew = (member, { origin, sequence }) => {
    const before = known.size;
    return known.add(`${member} ${origin} ${sequence}`).size > before;
  };
  const say = (member, { time }, text) => console.log(`${member.padEnd(6)} time ${time}  ${text}`);
  const quoted = ({ value }) => `"${decodeValue(value)}"`;
  const events = {
    send(member, update) {
      if (bySlot[update.origin] === member && isNew(member, update))
        say(member, update, `${quoted(update)} is written`);
    },
    receive(member, update, queue) {
      if (!isNew(member, update)) return;
      queue.push(update);
      // It is shown in the same turn, unless it waits.
      queueMicrotask(() => {
        if (queue.includes(update))
          say(member, update, `${quoted(update)} arrives, and waits for what it depends on`);
      });
    },
    apply(member, _, queue) {
      const update = queue.shift();
      if (update !== undefined) say(member, update, `${quoted(update)} is shown`);
    },
  };
  return ({ kind, member, key = undefined, detail }) => {
    if (kind !== 'apply' && detail?.type !== 'update') return;
    const place = `${member} ${key ?? detail.key}`;
    const queue = waiting.get(place) ?? [];
    waiting.set(place, queue);
    events[kind]?.(member, detail, queue);
  };
}

/** Waits until a member shows a value. */
async function shows(memory, key, wanted) {
  for await (const { value } of memory.watch(key)) if (value === wanted) return;
}

/** Alice is at home at one, Bob at two: each with a session, which is what later writes depend on. */
function clientsOf([one, two]) {
  const alice = one.session();
  const bob = two.session();
  return {
    lost: () => alice.write('alice', 'lost'),
    found: async () => {
      if ((await alice.read('alice')) === 'lost') await alice.write('alice', 'found');
      else console.log('Alice has lost nothing.');
    },
    glad: async () => {
      if ((await bob.read('alice')) === 'found') await bob.write('bob', 'glad');
      else console.log('Bob has not read that it was found.');
    },
    wait: (seconds) => new Promise((resolve) => setTimeout(resolve, 1_000 * Number(seconds))),
  };
}

async function play([, two, three], clients) {
  await clients.lost();
  await shows(three, 'alice', 'lost');
  await clients.found();
  await shows(two, 'alice', 'found');
  await clients.glad();
  await shows(three, 'bob', 'glad');
}

async function listen(clients) {
  const lines = createInterface({ input: process.stdin });
  const ended = once(lines, 'close');
  console.log('lost, found, glad, wait N, quit');
  for await (const line of lines) {
    const [command, argument] = line.trim().split(/\s+/);
    if (command === 'quit') break;
    if (Object.hasOwn(clients, command)) await clients[command](argument);
    else if (command !== '') console.log(`There is no '${command}'.`);
  }
  lines.close();
  await ended;
}

const members = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
const transport = distant(memoryNetwork());
const trace = reporter();
const memories = await Promise.all(names.map((id) => join(causal(), { id, members, transport, trace })));
apart = true;
const clients = clientsOf(memories);
if (process.argv.includes('--interactive')) await listen(clients);
else await play(memories, clients);
await Promise.all(memories.map((memory) => memory.close()));
