import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { freeTcpAddress } from '@dsm/conformance/transport';
import type { Reply } from '@dsm/core';
import { expect, onTestFinished, test } from 'vitest';
import { parseListen } from '../src/address.js';
import { noCounts } from '../src/counts.js';
import { Inbox } from '../src/inbox.js';
import { decide } from '../src/options.js';
import { member, Stranger, until } from './network.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('connections that have ended are forgotten', async () => {
  const address = await freeTcpAddress();
  let heard = 0;
  const inbox = new Inbox({
    settings: decide({}),
    frameBytesMax: 1_000,
    counts: noCounts(),
    events: {
      frame: () => {
        heard += 1;
      },
      reachable: () => undefined,
    },
  });
  onTestFinished(() => inbox.close());
  await inbox.listen(parseListen(address));
  const kept: unknown = Reflect.get(inbox, 'connections');
  if (!(kept instanceof Set)) throw new Error('it keeps its connections elsewhere');
  const strangers = Array.from({ length: 20 }, () => new Stranger(address).greet().say('hello'));
  await until('all were heard', () => heard === 20);
  expect(kept.size).toBe(20);
  for (const stranger of strangers.slice(5)) stranger.socket.destroy();
  await until('those that ended are forgotten', () => kept.size === 5);
});

test('half a frame is let go with its connection, though somebody keeps the way back', async () => {
  const listen = await freeTcpAddress();
  const ways: Reply[] = [];
  await member({ listen, frameBytesMax: 40_000_000, onFrame: (_, answer) => void ways.push(answer) });
  const before = process.memoryUsage().arrayBuffers;
  for (let strangers = 0; strangers < 5; strangers += 1) {
    const stranger = new Stranger(listen).greet().say('hello');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(30_000_000);
    stranger.socket.write(length);
    stranger.socket.end(new Uint8Array(20_000_000));
    await stranger.closed;
  }
  await until('all were heard', () => ways.length === 5);
  const kept = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers - before;
  };
  await until('what they left behind is gone', () => kept() < 20_000_000);
  expect(ways).toHaveLength(5);
});
