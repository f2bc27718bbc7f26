// A member of a transport in a process of its own. Its one argument is `ChildOptions` in JSON.
import { DsmError, type Transport } from '@dsm/core';
import type { ChildOptions, Command, Said } from './child.js';
import { numbered, numberIn } from './numbered.js';

const { module, factory, peers, ...options } = JSON.parse(process.argv[2] ?? '') as ChildOptions;
const texts: string[] = [];
const textsMax = 100;
let received = 0;
let outOfOrder = 0;
let last = -1;

function say(said: Said, then?: () => void): void {
  if (process.connected) process.send?.(said, undefined, {}, then);
}

function onFrame(frame: Uint8Array): void {
  received += 1;
  if (texts.length < textsMax) texts.push(Buffer.from(frame).toString());
  const number = numberIn(frame);
  if (number <= last) outOfOrder += 1;
  last = number;
}

const make = ((await import(module)) as Record<string, () => Transport>)[factory];
const opening = make?.().open({
  ...options,
  peers: new Map(peers),
  events: { frame: onFrame, reachable: (reached) => say({ reached }) },
});
const wire = await opening?.catch((error: unknown) => {
  // Nothing but the channel to the parent is left: the process must end by itself.
  say({ failed: DsmError.is(error) ? error.code : String(error) }, () => process.disconnect());
});

process.on('message', async (command: Command) => {
  switch (command.do) {
    case 'send':
      return wire?.send(command.to, Buffer.from(command.text));
    case 'flood':
      for (let number = 0; number < command.count; number += 1) {
        wire?.send(command.to, numbered(number, command.bytes));
      }
      return undefined;
    case 'report':
      return say({ report: { received, texts, outOfOrder, last } });
    default:
      await wire?.close();
      return say({ closed: true }, () => process.disconnect());
  }
});
if (wire !== undefined) say({ opened: true });
