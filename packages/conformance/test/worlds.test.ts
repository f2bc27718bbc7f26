import type { Guarantees, Inspection, Protocol } from '@dsm/core';
import { expect, test } from 'vitest';
import { casesFor } from '../src/index.js';
import { brokenServers } from './fixtures/broken.js';
import type { Message } from './fixtures/single-server.js';
import { singleServer } from './fixtures/single-server.js';
import { failedBy } from './fixtures/verdict.js';

function broken(what: string): Protocol<Guarantees, Message> {
  const found = brokenServers.find(([name]) => name === what);
  if (found === undefined) throw new Error(`no server ${what}`);
  return found[1];
}

test('the simulator sees a write that is acknowledged too early, and names the seed', async () => {
  const early = broken('acknowledges before it stores');
  const failed = await failedBy(early, { worlds: ['simulator'], sizes: [1], seeds: 100 });
  expect(failed.get('no seed of the simulator breaks a property')).toMatch(/seed \d+: .*violation: /s);
});

test('the explorer sees it too, and draws it', async () => {
  const script = '| w | r';
  const options = { worlds: ['explorer'], scripts: [script], sizes: [1] } as const;
  const name = `every order of '${script}' keeps all properties`;
  const failed = await failedBy(broken('acknowledges before it stores'), options, [name]);
  expect(failed.get(name)).toContain('linearizable');
  expect(failed.get(name)).toContain('│');
  expect(await failedBy(singleServer(), options)).toEqual(new Map());
});

test('ZeroMQ sees values that are mangled', async () => {
  const name = 'values of every kind arrive as they were written';
  const options = { worlds: ['zeromq'], sizes: [1] } as const;
  expect([...(await failedBy(broken('mangles values'), options, [name])).keys()]).toEqual([name]);
  expect(await failedBy(singleServer(), { ...options, patienceMs: 15_000 }, [name])).toEqual(new Map());
});

/** An inspection that finds nothing, of situations that are never met or always. */
function inspectionOf(situations: readonly string[]): Inspection<Message> {
  return {
    properties: [],
    situations,
    inspector: () => ({ ended: () => undefined, fault: () => undefined }),
    beforeMessage: () => 'a message came',
    idle: () => true,
  };
}

test('a situation that no seed meets is a failure', async () => {
  const name = 'the seeds meet every situation that the inspection names';
  const run = async (situations: readonly string[], seeds: number) => {
    const subject = { protocol: singleServer(), inspection: inspectionOf(situations) };
    const cases = casesFor(subject, { worlds: ['simulator'], sizes: [1], seeds });
    const one = cases.find((each) => each.name === name);
    return one?.skipped ?? one?.run().catch((error: Error) => error.message);
  };
  expect(await run(['a message came'], 200)).toBe(undefined);
  expect(await run(['a message came', 'the moon fell'], 200)).toContain('the moon fell');
  expect(await run(['the moon fell'], 199)).toBe('that takes 200 seeds');
  expect(await run([], 200)).toBe('the inspection names no situation');
});
