import { afterEach, describe, expect, test } from 'vitest';
import { joinEngine } from '../../src/engine/join-engine.js';
import { DsmError } from '../../src/error.js';
import { eventually, rejection } from '../memory/fixtures/group-of.js';
import { Shelf } from './fixtures/shelf.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function stage() {
  const shelf = new Shelf();
  const memory = await joinEngine()(shelf.engine(), { id: 'a' });
  closing.push(() => memory.close());
  await memory.write('k', 1);
  return { shelf, memory };
}

describe('a compare-and-swap that nobody waits for any more', () => {
  test.each(['time', 'abort'])('is not begun at the server after all: %s', async (how) => {
    const { shelf, memory } = await stage();
    // Nothing has been sent that could change anything: it looks for the value, and is not answered.
    shelf.fate = 'break';
    const controller = new AbortController();
    const options = how === 'time' ? { timeout: 30 } : { signal: controller.signal };
    const swapping = rejection(memory.compareAndSwap('k', 1, 'late', options));
    controller.abort('enough');
    const error = await swapping;
    expect(how === 'time' ? DsmError.is(error, 'DSM_TIMEOUT') : error === 'enough').toBe(true);
    shelf.fate = 'answer';
    await eventually(() => expect(memory.metrics().operationsPending).toBe(0));
    expect(await memory.read('k')).toBe(1);
  });

  test('is not begun when what it looked for is told after all', async () => {
    const { shelf, memory } = await stage();
    const [connection] = [...shelf.connections];
    const read = connection?.read.bind(connection);
    if (connection === undefined || read === undefined) throw new Error('there is no connection');
    let answer: () => void = () => undefined;
    connection.read = async (key) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return read(key);
    };
    const swapping = rejection(memory.compareAndSwap('k', 1, 'late', { timeout: 30 }));
    expect(DsmError.is(await swapping, 'DSM_TIMEOUT')).toBe(true);
    connection.read = read;
    answer();
    await eventually(() => expect(memory.metrics().operationsPending).toBe(0));
    expect(await memory.read('k')).toBe(1);
  });
});
