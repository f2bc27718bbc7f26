import assert from 'node:assert/strict';
import { DsmError } from '@dsm/core';
import { freeTcpAddress } from '../../free-ports.js';
import { type Network, until } from '../network.js';
import { numbered } from '../numbered.js';
import type { TransportCase } from '../transport-case.js';

/** Where one may listen, and whom one may connect to. */
export const addresses: readonly TransportCase[] = [
  { name: 'an address in use rejects, and leaves nothing behind', run: inUse },
  { name: 'a process that could not open ends by itself', run: endsByItself },
  { name: 'malformed addresses are refused', run: malformed },
  {
    name: 'addresses beyond this machine are refused without keys, and allowed when one insists',
    run: remote,
  },
  { name: 'one cannot listen where one is not', run: elsewhere },
];

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return DsmError.is(error) ? error.code : undefined;
}

async function inUse(network: Network): Promise<void> {
  const listen = await network.freeAddress();
  const first = await network.member({ self: 'a', listen });
  assert.equal(await codeOf(network.member({ self: 'b', listen })), 'DSM_ADDRESS_IN_USE');
  const peers = [[0, { name: 'a', address: listen }]] as const;
  const asker = await network.member({ self: 'c', listen: await network.freeAddress(), peers });
  await until('it is still reached', () => asker.reached.length === 1);
  asker.wire.send(0, numbered(1));
  await until('it still hears', () => first.frames.length === 1);
  await first.wire.close();
  const second = await network.member({ self: 'b', listen });
  await second.wire.close();
}

async function endsByItself(network: Network): Promise<void> {
  const listen = await network.freeAddress();
  const absent = [[1, { name: 'c', address: await network.freeAddress() }]] as const;
  await network.member({ self: 'a', listen });
  const child = network.child({ self: 'b', listen, peers: absent });
  assert.deepEqual(await child.ended, [0, null]);
  assert.equal(child.failed, 'DSM_ADDRESS_IN_USE');
}

const malformedAddresses = [
  'tcp://127.0.0.1',
  'tcp://127.0.0.1:0',
  'tcp://127.0.0.1:*',
  'tcp://127.0.0.1:65536',
  'tcp://[127.0.0.1]:7001',
  'tcp://[::1:7001',
  'tcp://127.0.0.1:7001;127.0.0.1:7002',
  'tcp://:7001',
  'udp://127.0.0.1:7001',
  '127.0.0.1:7001',
  '',
];

async function malformed(network: Network): Promise<void> {
  for (const address of malformedAddresses) {
    const listening = network.member({ self: 'a', listen: address });
    assert.equal(await codeOf(listening), 'DSM_INVALID_OPTION', `listening on ${address}`);
    const peers = [[1, { name: 'b', address }]] as const;
    const connecting = network.member({ self: 'a', listen: await network.freeAddress(), peers });
    assert.equal(await codeOf(connecting), 'DSM_INVALID_OPTION', `connecting to ${address}`);
  }
  const peers = [[1, { name: 'b', address: 'tcp://*:7001' }]] as const;
  const everywhere = network.member({
    self: 'a',
    listen: await network.freeAddress(),
    peers,
    insecure: true,
  });
  assert.equal(await codeOf(everywhere), 'DSM_INVALID_OPTION', 'connecting to everywhere');
}

const remoteAddresses = [
  'tcp://0.0.0.0:7001',
  'tcp://[::]:7001',
  'tcp://192.0.2.1:7001',
  'tcp://example.org:7001',
  'tcp://127.0.0.1.example.org:7001',
  'tcp://126.255.255.255:7001',
  'tcp://128.0.0.1:7001',
  'tcp://localhost.example.org:7001',
];

async function remote(network: Network): Promise<void> {
  for (const address of remoteAddresses) {
    const listening = network.member({ self: 'a', listen: address });
    assert.equal(await codeOf(listening), 'DSM_INSECURE', `listening on ${address}`);
    const peers = [[1, { name: 'b', address }]] as const;
    const connecting = network.member({ self: 'a', listen: await network.freeAddress(), peers });
    assert.equal(await codeOf(connecting), 'DSM_INSECURE', `connecting to ${address}`);
  }
  const everywhere = network.member({ self: 'a', listen: 'tcp://*:7001' });
  assert.equal(await codeOf(everywhere), 'DSM_INSECURE');
  const listen = (await freeTcpAddress()).replace('127.0.0.1', '*');
  const peers = [[1, { name: 'b', address: 'tcp://192.0.2.1:7001' }]] as const;
  await network.member({ self: 'a', listen, peers, insecure: true });
}

async function elsewhere(network: Network): Promise<void> {
  const there = network.member({ self: 'a', listen: 'tcp://192.0.2.1:7001', insecure: true });
  assert.equal(await codeOf(there), 'DSM_INVALID_OPTION');
}
