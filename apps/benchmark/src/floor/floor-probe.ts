/**
 * Measures the floor: sends a frame to every echo and waits for as many answers as a quorum needs, over and over, over
 * the sockets that a member and its peers use: a DEALER to the ROUTER of each. Arguments: answers, bytes, milliseconds,
 * peers…
 */
import { Dealer } from 'zeromq';
import { Histogram } from '../load/histogram.js';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const [answers, bytes, milliseconds, ...peers] = process.argv.slice(2);
const needed = Number(answers);
const size = Math.max(4, Number(bytes));
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

/** The round whose answers are awaited, how many more of them, and who waits. */
let current = 0;
let missing = 0;
let complete = () => {};
for (const outbox of outboxes) void listen(outbox);

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
  const answered = new Promise<void>((resolve) => {
    complete = resolve;
  });
  [current, missing] = [round, awaited];
  const sent = outboxes.map((outbox) => outbox.send(frame));
  await answered;
  await Promise.all(sent);
}

async function listen(outbox: Dealer): Promise<void> {
  for await (const [answer] of outbox) {
    if ((answer as Buffer).readUInt32LE() !== current) continue;
    missing -= 1;
    if (missing === 0) complete();
  }
}
