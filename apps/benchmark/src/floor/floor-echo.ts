/** Sends every frame back to where the arguments say: the bare counterpart of a member that answers. */
import { Dealer, Router } from 'zeromq';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const [listen = '', peer = ''] = process.argv.slice(2);
const inbox = new Router({ linger: 0 });
const outbox = new Dealer({ linger: 0 });
await inbox.bind(listen);
outbox.connect(peer);

for await (const [, frame] of inbox) await outbox.send(frame as Buffer);
