import { freeTcpAddress } from '@dsm/conformance/transport';
import { expect, onTestFinished, test } from 'vitest';
import { parseListen } from '../src/address.js';
import { noCounts } from '../src/counts.js';
import { Inbox } from '../src/inbox.js';
import { decide } from '../src/options.js';
import { Stranger, until } from './network.js';

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
