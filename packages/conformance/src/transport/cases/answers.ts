import assert from 'node:assert/strict';
import type { Reply } from '@dsm/core';
import { frameBytesMax, type Network, until } from '../network.js';
import { numbered } from '../numbered.js';
import { frameOf, type TransportCase, text } from '../transport-case.js';

/** What is sent back on the connection that a frame came on. */
export const answers: readonly TransportCase[] = [
  {
    name: 'an answer returns on the connection that was asked on, and can be answered there',
    run: thereAndBack,
  },
  { name: 'an answer reaches its connection even if two processes go by one name', run: twins },
  {
    name: 'an answer to somebody who has gone goes nowhere, which is told, and no later one suffers',
    run: gone,
  },
  { name: 'an answer larger than allowed is not sent, which is told', run: tooLarge },
  {
    name: 'answers to somebody who does not read wait, and those that there is no room for are told',
    run: unread,
  },
];

async function thereAndBack(network: Network): Promise<void> {
  const [addressA, addressB] = [await network.freeAddress(), await network.freeAddress()];
  const heard: string[] = [];
  // b has no connection to a of its own: it can only answer.
  await network.member({
    self: 'b',
    listen: addressB,
    onFrame(frame, answer) {
      heard.push(text(frame));
      if (heard.length === 1) answer(frameOf('to you too'));
    },
  });
  const a = await network.member({
    self: 'a',
    listen: addressA,
    peers: [[1, { name: 'b', address: addressB }]],
    onFrame: (_, answer) => answer(frameOf('thanks')),
  });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, frameOf('hello'));
  await until('b has heard twice', () => heard.length === 2);
  assert.deepEqual(a.frames.map(text), ['to you too']);
  assert.deepEqual(heard, ['hello', 'thanks']);
}

async function twins(network: Network): Promise<void> {
  const listen = await network.freeAddress();
  const asked = new Map<string, Reply>();
  await network.member({ self: 'b', listen, onFrame: (frame, answer) => asked.set(text(frame), answer) });
  const peers = [[1, { name: 'b', address: listen }]] as const;
  const both = await Promise.all(
    [1, 2].map(async (incarnation) =>
      network.member({ self: 'a', incarnation, listen: await network.freeAddress(), peers }),
    ),
  );
  await until('both reach b', () => both.every((twin) => twin.reached.length > 0));
  for (const [index, twin] of both.entries()) twin.wire.send(1, frameOf(`I am ${index}`));
  await until('both were heard', () => asked.size === 2);
  asked.get('I am 0')?.(frameOf('for 0'));
  asked.get('I am 1')?.(frameOf('for 1'));
  await until('both have an answer', () => both.every((twin) => twin.frames.length === 1));
  assert.deepEqual(
    both.map((twin) => text(twin.frames[0])),
    ['for 0', 'for 1'],
  );
}

/** A member `b` here that a process of its own has asked something, and how those who have asked are answered. */
async function asking(network: Network) {
  const listen = await network.freeAddress();
  const asked: Reply[] = [];
  await network.member({ self: 'b', listen, onFrame: (_, answer) => asked.push(answer) });
  const peers = [[1, { name: 'b', address: listen }]] as const;
  const child = network.child({ self: 'a', listen: await network.freeAddress(), peers });
  await until('the child reaches b', () => child.reached.length > 0);
  child.command({ do: 'send', to: 1, text: 'hello' });
  await until('b has heard it', () => asked.length === 1);
  return { child, peers, asked };
}

async function gone(network: Network): Promise<void> {
  const { child, peers, asked } = await asking(network);
  await child.kill();
  const c = await network.member({ self: 'c', listen: await network.freeAddress(), peers });
  await until('c reaches b', () => c.reached.length === 1);
  c.wire.send(1, frameOf('still there?'));
  await until('b has heard that too', () => asked.length === 2);
  let lost = 0;
  await until('an answer is known not to leave', () => {
    asked[0]?.(frameOf('too late'), () => {
      lost += 1;
    });
    return lost > 0;
  });
  asked[1]?.(frameOf('yes'));
  await until('c has its answer', () => c.frames.length === 1);
  assert.equal(text(c.frames[0]), 'yes');
}

async function tooLarge(network: Network): Promise<void> {
  let lost = 0;
  const address = await network.freeAddress();
  await network.member({
    self: 'b',
    listen: address,
    onFrame(_, answer) {
      answer(new Uint8Array(frameBytesMax + 1), () => {
        lost += 1;
      });
      answer(frameOf('small'));
    },
  });
  const peers = [[1, { name: 'b', address }]] as const;
  const a = await network.member({ self: 'a', listen: await network.freeAddress(), peers });
  await until('a reaches b', () => a.reached.length === 1);
  a.wire.send(1, frameOf('give me'));
  await until('the small one has arrived', () => a.frames.length === 1);
  assert.equal(text(a.frames[0]), 'small');
  assert.equal(lost, 1);
}

async function unread(network: Network): Promise<void> {
  const { child, asked } = await asking(network);
  child.process.kill('SIGSTOP');
  let sent = 0;
  let lost = 0;
  await until('there is no room for more', () => {
    for (let left = 32; left > 0; left -= 1) {
      sent += 1;
      asked[0]?.(numbered(sent, 64 * 1024), () => {
        lost += 1;
      });
    }
    return lost > 0;
  });
  child.process.kill('SIGCONT');
  await until('the others have arrived', async () => (await child.report()).received === sent - lost);
  assert.equal((await child.report()).outOfOrder, 0);
}
