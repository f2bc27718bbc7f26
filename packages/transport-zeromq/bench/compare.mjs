// Compares the transport with a bare loop over the same sockets, in alternating rounds. Build first.
// node bench/compare.mjs [rounds]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Dealer } from 'zeromq';
import { generateKeys, zeromq } from '../dist/index.js';

const rounds = Number(process.argv[2] ?? 5);
const pings = 5_000;
const frames = 200_000;
const frameBytes = 1_024;

const keys = { a: generateKeys(), b: generateKeys() };
const members = { a: keys.a.publicKey, b: keys.b.publicKey };
const subjects = {
  bare: { transport: false },
  transport: { transport: true },
  'transport, keys': { transport: true, secure: true },
};

async function freeAddress() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return `tcp://127.0.0.1:${port}`;
}

/** What either side of a subject looks like from here: send a frame, be told of one. */
async function connect({ transport, secure }, address) {
  let heard = () => {};
  if (!transport) {
    const dealer = new Dealer({ linger: 0 });
    dealer.connect(address);
    const listening = (async () => {
      for await (const [frame] of dealer) heard(frame);
    })();
    return {
      send: (frame) => dealer.send(frame),
      onFrame: (handler) => {
        heard = handler;
      },
      async close() {
        dealer.close();
        await listening;
      },
    };
  }
  const reached = Promise.withResolvers?.() ?? deferred();
  const wire = await zeromq(JSON.parse(process.env.ZT ?? '{}')).open({
    self: 'a',
    incarnation: 1,
    listen: await freeAddress(),
    peers: new Map([[1, { name: 'b', address }]]),
    frameBytesMax: 1 << 20,
    security: secure ? { secretKey: keys.a.secretKey, members } : undefined,
    events: { frame: (frame) => heard(frame), reachable: () => reached.resolve() },
  });
  await reached.promise;
  return {
    send: (frame) => wire.send(1, frame),
    onFrame: (handler) => {
      heard = handler;
    },
    close: () => wire.close(),
  };
}

function deferred() {
  let resolve;
  const promise = new Promise((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

async function measure(subject) {
  const address = await freeAddress();
  const options = { ...subject, address, secretKey: keys.b.secretKey, members };
  const other = fork(new URL('echo.mjs', import.meta.url), [JSON.stringify(options)]);
  await once(other, 'message');
  const side = await connect(subject, address);
  await pingPong(side, 500);
  const latency = await pingPong(side, pings);
  const throughput = await flood(side, other);
  await side.close();
  other.kill('SIGKILL');
  await once(other, 'exit');
  return { latency, throughput };
}

/** The median of a round trip, in microseconds. */
async function pingPong(side, count) {
  const ping = Buffer.alloc(64, 'p');
  const times = [];
  for (let number = 0; number < count; number += 1) {
    const began = process.hrtime.bigint();
    const answered = new Promise((resolve) => side.onFrame(resolve));
    side.send(ping);
    await answered;
    times.push(Number(process.hrtime.bigint() - began) / 1_000);
  }
  return median(times);
}

/** Frames per second, as the receiver sees them, and what a frame costs the processors at both ends. The receiver
 * confirms every thousandth, so that the sender does not run ahead. */
async function flood(side, other) {
  const frame = Buffer.alloc(frameBytes);
  let confirmed = 0;
  let room = () => {};
  side.onFrame(() => {
    confirmed += 1_000;
    room();
  });
  other.send({ count: frames });
  await once(other, 'message');
  const done = once(other, 'message');
  const used = process.cpuUsage();
  for (let number = 1; number <= frames; number += 1) {
    const sent = side.send(frame);
    if (sent !== undefined) await sent;
    if (number % 64 === 0) await nextTurn();
    while (number - confirmed > 8_000) {
      await new Promise((resolve) => {
        room = resolve;
      });
    }
  }
  const [{ perSecond, cpu }] = await done;
  const { user, system } = process.cpuUsage(used);
  return { perSecond, cpu: (user + system) / frames + cpu };
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

const results = new Map(Object.keys(subjects).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, subject] of Object.entries(subjects)) results.get(name).push(await measure(subject));
}
for (const [name, all] of results) {
  const latency = median(all.map((each) => each.latency));
  const throughput = median(all.map((each) => each.throughput.perSecond));
  const cpu = median(all.map((each) => each.throughput.cpu));
  console.log(
    `${name.padEnd(16)} round trip p50 ${latency.toFixed(0).padStart(4)} µs   ` +
      `${frameBytes} B one way ${(throughput / 1_000).toFixed(0).padStart(4)} k/s at ${cpu.toFixed(1)} µs of CPU`,
  );
}
