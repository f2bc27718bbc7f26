// The other side of compare.mjs: answers every frame, or counts as many as it is told.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Router } from 'zeromq';
import { zeromq } from '../dist/index.js';

const { transport, secure, address, secretKey, members } = JSON.parse(process.argv[2]);
let left = 0;
let count = 0;
let began;
let used;

function heard(answer) {
  if (left === 0) return answer();
  if (left === count) {
    began = process.hrtime.bigint();
    used = process.cpuUsage();
  }
  left -= 1;
  if (left % 1_000 === 0) answer();
  if (left > 0) return undefined;
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { user, system } = process.cpuUsage(used);
  return process.send({ perSecond: count / seconds, cpu: (user + system) / count });
}

process.on('message', (message) => {
  count = message.count;
  left = count;
  process.send('ready');
});

async function bare() {
  const router = new Router({ linger: 0 });
  await router.bind(address);
  process.send('open');
  for (let received = 1; ; received += 1) {
    const [routingId, frame] = await router.receive();
    heard(() => router.send([routingId, frame]));
    if (received % 64 === 0) await nextTurn();
  }
}

async function open() {
  await zeromq(JSON.parse(process.env.ZT ?? '{}')).open({
    self: 'b',
    incarnation: 1,
    listen: address,
    peers: new Map(),
    frameBytesMax: 1 << 20,
    security: secure ? { secretKey, members } : undefined,
    events: { frame: (frame, answer) => heard(() => answer(frame)), reachable() {} },
  });
  process.send('open');
}

await (transport ? open() : bare());
