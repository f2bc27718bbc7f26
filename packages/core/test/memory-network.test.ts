import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { memoryNetwork } from '../src/index.js';
import type { Transport, Wire } from '../src/transport/transport.js';

/** Two that listen, of whom the first knows nobody yet, and what each hears. */
async function pair(): Promise<{ wire: Wire; other: Wire; heard: string[]; otherHeard: string[] }> {
  const network = memoryNetwork();
  const [heard, otherHeard]: [string[], string[]] = [[], []];
  const [wire, other] = [await open(network, 'a', heard), await open(network, 'b', otherHeard)];
  return { wire, other, heard, otherHeard };
}

function open(network: Transport, listen: string, heard: string[]): Promise<Wire> {
  return network.open({
    self: listen,
    incarnation: 1,
    listen,
    peers: new Map(),
    frameBytesMax: 1_000,
    events: {
      frame: (frame) => heard.push(`frame ${Buffer.from(frame)}`),
      reachable: (peer) => heard.push(`reachable ${peer}`),
    },
  });
}

const b = { name: 'b', address: 'b' };

test('who dials is told that the other one is reachable, and is heard', async () => {
  const { wire, heard, otherHeard } = await pair();
  wire.dial?.(1, b);
  wire.send(1, Buffer.from('x'));
  await nextTurn();
  await nextTurn();
  expect([heard, otherHeard]).toEqual([['reachable 1'], ['frame x']]);
});

test('who was hung up on is not said to be reachable: its number may be that of another one by then', async () => {
  const { wire, heard } = await pair();
  wire.dial?.(1, b);
  wire.hangUp?.(1);
  await nextTurn();
  await nextTurn();
  expect(heard).toEqual([]);
});

test('who has closed hears nothing, and sends nothing', async () => {
  const { wire, heard, otherHeard } = await pair();
  wire.dial?.(1, b);
  await wire.close();
  wire.send(1, Buffer.from('x'));
  await nextTurn();
  await nextTurn();
  expect([heard, otherHeard]).toEqual([[], []]);
});
