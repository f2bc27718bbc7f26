import { expect, test } from 'vitest';
import { brokenServers } from './fixtures/broken.js';
import { brokenSwaps } from './fixtures/broken-swaps.js';
import { orderedServer } from './fixtures/ordered-server.js';
import { singleServer } from './fixtures/single-server.js';
import { failedBy } from './fixtures/verdict.js';

const three = { sizes: [3], worlds: ['in-process'] } as const;
/** What every variant passes: a suite that fails everything would find nothing. */
const control = 'a member says who it is and what it promises';

test.each(brokenServers)('a server that %s fails', async (_, protocol, name) => {
  const failed = await failedBy(protocol, { ...three, patienceMs: 400 }, [name, control]);
  expect([...failed.keys()]).toEqual([name]);
});

test.each(brokenSwaps)('a server with swaps that %s fails', async (_, protocol, name) => {
  const failed = await failedBy(protocol, { ...three, patienceMs: 400 }, [name, control]);
  expect([...failed.keys()]).toEqual([name]);
});

const patient = { ...three, patienceMs: 15_000 };

test('the server that nothing is wrong with passes', async () => {
  expect(await failedBy(singleServer(), patient)).toEqual(new Map());
});

test('so does the one with swaps', async () => {
  expect(await failedBy(orderedServer(), patient)).toEqual(new Map());
});
