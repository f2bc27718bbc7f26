/** Sends every frame back on the connection that it came on: the bare counterpart of a member that answers. */
import { Router } from 'zeromq';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const [listen = ''] = process.argv.slice(2);
const inbox = new Router({ linger: 0 });
await inbox.bind(listen);

for await (const message of inbox) await inbox.send(message);
