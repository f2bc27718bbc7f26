/**
 * Measures the floor: sends a frame to every echo and waits for as many answers as a quorum needs, over and over, over
 * the sockets a member uses: one ROUTER to be reached, one DEALER to each peer. Arguments: listen, answers, bytes,
 * milliseconds, peers…
 */
import { Dealer, Router } from 'zeromq';
import { Histogram } from '../load/histogram.js';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const [listen = '', answers, bytes, milliseconds, ...peers] = process.argv.slice(2);
const needed = Number(answers);
const size = Math.max(4, Number(bytes));
const inbox = new Router({ linger: 0 });
await inbox.bind(listen);
const outboxes = peers.map((peer) => {
  const outbox = new Dealer({ linger: 0 });
  outbox.connect(peer);
  return outbox;
});

/** Rounds that only warm up, as a share of the time. */
const warmShare = 0.3;
const roundsMin = 20;
const totalNs = Number(milliseconds) * 1e6;
const latencies = new Histogram();

// Everybody answers the first round, so that every connection stands when the clock starts to count.
await roundTrip(0, outboxes.length);
const begin = process.hrtime.bigint();
for (let round = 1, elapsedNs = 0; elapsedNs < totalNs || latencies.size < roundsMin; round++) {
  const start = process.hrtime.bigint();
  await roundTrip(round, needed);
  const end = process.hrtime.bigint();
  elapsedNs = Number(end - begin);
  if (elapsedNs > warmShare * totalNs) latencies.record(Number(end - start));
}
process.send?.({ counts: latencies.counts }, undefined, {}, () => process.exit());

/** One round: answers to earlier rounds that come late are not counted. */
async function roundTrip(round: number, awaited: number): Promise<void> {
  const frame = Buffer.alloc(size);
  frame.writeUInt32LE(round);
  const sent = outboxes.map((outbox) => outbox.send(frame));
  for (let count = 0; count < awaited; ) {
    const [, answer] = await inbox.receive();
    if ((answer as Buffer).readUInt32LE() === round) count += 1;
  }
  await Promise.all(sent);
}
