import { describe, expect, test } from 'vitest';
import type { ConnectOptions } from '../../src/engine/engine.js';
import { Line } from '../../src/engine/line.js';
import { DsmError } from '../../src/error.js';
import { StillWorld } from '../fixtures/still-world.js';
import { rejection } from '../memory/fixtures/group-of.js';
import { Shelf } from './fixtures/shelf.js';

const suspectAfterMs = 400;

/** A line to a shelf, in a time that passes when it is told to. */
function stage() {
  const shelf = new Shelf();
  const world = new StillWorld();
  const lacks: (string | undefined)[] = [];
  const failures: unknown[] = [];
  let connections = 0;
  const line = new Line({
    world,
    suspectAfterMs,
    connect: (signal, lost) => {
      const how: ConnectOptions = {
        id: 'a',
        group: 'g',
        insecure: false,
        signal,
        lost,
        changed: () => undefined,
      };
      return shelf.engine().connect(how);
    },
    connected: () => {
      connections += 1;
    },
    stirred: (lack) => lacks.push(lack),
    failed: (error) => failures.push(error),
  });
  const pass = async (ms: number) => {
    world.pass(ms);
    await settled();
  };
  return { shelf, world, line, lacks, failures, pass, connections: () => connections };
}

/** All promises that wait for nothing else have been worked off. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a line', () => {
  test('connects, and tells so once', async () => {
    const { line, lacks, connections } = stage();
    expect(line.ready).toBeUndefined();
    line.start();
    const connection = await line.whenReady();
    expect(line.ready).toBe(connection);
    expect([lacks, connections()]).toEqual([[undefined], 1]);
  });

  test('tries again with longer and longer pauses, and says why', async () => {
    const { line, shelf, lacks, failures, pass, world } = stage();
    shelf.unreachable = new Error('refused');
    line.start();
    await settled();
    for (let attempts = 1; attempts <= 8; attempts += 1) {
      expect(shelf.attempts).toBe(attempts);
      await pass(Math.min(25 * 2 ** (attempts - 1), 1_000) - 1);
      expect(shelf.attempts).toBe(attempts);
      await pass(1);
    }
    expect(lacks.at(-1)).toBe('the server is out of reach: refused');
    expect(failures).toHaveLength(9);
    shelf.unreachable = undefined;
    const waiting = line.whenReady();
    await pass(1_000);
    expect(await waiting).toBe(line.ready);
    expect(lacks.at(-1)).toBeUndefined();
    await line.close();
    expect(world.timers.size).toBe(0);
  });

  test('begins with short pauses again after a connection', async () => {
    const { line, shelf, pass } = stage();
    shelf.unreachable = new Error('refused');
    line.start();
    await settled();
    for (const pauseMs of [25, 50, 100]) await pass(pauseMs);
    shelf.unreachable = undefined;
    await pass(200);
    const attempts = shelf.attempts;
    shelf.cut();
    await pass(25);
    expect(shelf.attempts).toBe(attempts + 1);
    expect(line.ready).toBeDefined();
  });

  test('gives up an attempt that nobody answers', async () => {
    const { line, shelf, lacks, pass } = stage();
    shelf.mute = true;
    line.start();
    await pass(999);
    expect(lacks).toEqual([]);
    await pass(1);
    expect(lacks).toEqual(['the server is out of reach: no connection within 1000 ms']);
    shelf.mute = false;
    await pass(25);
    expect(line.ready).toBeDefined();
  });

  test('waits no longer for an attempt that cannot be called off, and closes what comes of it late', async () => {
    const { shelf, world } = stage();
    const engine = shelf.engine();
    const how = { id: 'a', group: 'g', insecure: false, changed: () => undefined };
    let arrive: () => void = () => undefined;
    const line = new Line({
      world,
      suspectAfterMs,
      connect: async (signal, lost) => {
        const connection = await engine.connect({ ...how, signal, lost });
        // As to a machine that is switched off: the first attempt is heard of much later.
        if (shelf.attempts === 1) await new Promise<void>((resolve) => (arrive = resolve));
        return connection;
      },
      connected: () => undefined,
      stirred: () => undefined,
      failed: () => undefined,
    });
    line.start();
    await settled();
    world.pass(1_000);
    await settled();
    world.pass(25);
    await settled();
    const { ready } = line;
    expect([ready === undefined, shelf.attempts, shelf.closed]).toEqual([false, 2, 0]);
    arrive();
    await settled();
    expect([line.ready, shelf.closed]).toEqual([ready, 1]);
  });

  test('makes a new connection when one breaks, and closes the old one', async () => {
    const { line, shelf, lacks, pass, connections } = stage();
    line.start();
    const first = await line.whenReady();
    shelf.cut(new Error('reset'));
    expect(line.ready).toBeUndefined();
    expect(lacks.at(-1)).toBe('the connection to the server broke: reset');
    expect(shelf.closed).toBe(1);
    await pass(25);
    expect(line.ready).toBeDefined();
    expect(line.ready).not.toBe(first);
    expect(connections()).toBe(2);
  });

  test('does not take up a connection that broke before it was there', async () => {
    const { shelf, world } = stage();
    const engine = shelf.engine();
    const line = new Line({
      world,
      suspectAfterMs,
      connect: async (signal, lost) => {
        const how = { id: 'a', group: 'g', insecure: false, signal, lost, changed: () => undefined };
        const connection = await engine.connect(how);
        if (shelf.attempts === 1) lost(new Error('at once'));
        return connection;
      },
      connected: () => undefined,
      stirred: () => undefined,
      failed: () => undefined,
    });
    line.start();
    await settled();
    expect(line.ready).toBeUndefined();
    expect(shelf.closed).toBe(1);
    world.pass(25);
    await settled();
    expect(line.ready).toBeDefined();
  });

  test('hears nothing of a connection that it has replaced', async () => {
    const { line, shelf, pass } = stage();
    line.start();
    await line.whenReady();
    const [old] = [...shelf.connections];
    shelf.cut();
    await pass(25);
    const current = line.ready;
    old?.how.lost(new Error('once more'));
    expect(line.ready).toBe(current);
  });

  test('suspects a server that is silent for four beats, and trusts it when it answers', async () => {
    const { line, shelf, lacks, pass, connections } = stage();
    line.start();
    await line.whenReady();
    shelf.fate = 'hang';
    for (let beats = 1; beats <= 3; beats += 1) await pass(100);
    expect(line.suspected).toBe(false);
    await pass(100);
    expect([line.suspected, line.ready]).toEqual([true, undefined]);
    expect(lacks.at(-1)).toBe('the server has not answered for 400 ms');
    // The ping that was asked hangs for ever here: the connection is given up, and the next one answers.
    shelf.fate = 'answer';
    const waiting = line.whenReady();
    for (let beats = 5; beats <= 12; beats += 1) await pass(100);
    await pass(25);
    expect(await waiting).toBe(line.ready);
    expect([lacks.at(-1), connections()]).toEqual([undefined, 2]);
  });

  test('takes every answer over its connection for a sign of life', async () => {
    const { line, shelf, pass, connections, lacks } = stage();
    line.start();
    const connection = await line.whenReady();
    shelf.fate = 'hang';
    for (let beats = 1; beats <= 20; beats += 1) {
      await pass(100);
      line.heard(connection);
    }
    expect([line.suspected, connections(), lacks]).toEqual([false, 1, [undefined]]);
    const other = await shelf.engine().connect({ ...[...shelf.connections][0]?.how } as ConnectOptions);
    for (let beats = 1; beats <= 4; beats += 1) {
      await pass(100);
      line.heard(other);
    }
    expect(line.suspected).toBe(true);
    line.heard(connection);
    expect([line.suspected, lacks.at(-1)]).toEqual([false, undefined]);
  });

  test('asks anew over a new connection, whatever the old one has not answered', async () => {
    const { line, shelf, pass, connections } = stage();
    line.start();
    await line.whenReady();
    shelf.fate = 'hang';
    await pass(100);
    shelf.cut();
    shelf.fate = 'answer';
    await pass(25);
    for (let beats = 1; beats <= 20; beats += 1) {
      await pass(100);
      expect(line.ready).toBeDefined();
    }
    expect(connections()).toBe(2);
  });

  test('takes no late answer over an old connection for one of the new', async () => {
    const { line, shelf, pass } = stage();
    line.start();
    await line.whenReady();
    const [old] = [...shelf.connections];
    if (old === undefined) throw new Error('there is no connection');
    let answer: () => void = () => undefined;
    old.ping = () => new Promise<undefined>((resolve) => (answer = () => resolve(undefined)));
    await pass(100);
    shelf.cut();
    await pass(25);
    shelf.fate = 'hang';
    for (let beats = 1; beats <= 3; beats += 1) await pass(100);
    answer();
    await pass(100);
    expect(line.suspected).toBe(true);
  });

  test('calls off what is left of an attempt that failed', async () => {
    const { shelf, world } = stage();
    const signals: AbortSignal[] = [];
    const line = new Line({
      world,
      suspectAfterMs,
      connect: async (signal) => {
        signals.push(signal);
        throw new Error('refused');
      },
      connected: () => undefined,
      stirred: () => undefined,
      failed: () => undefined,
    });
    line.start();
    await settled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await line.close();
    expect(shelf.attempts).toBe(0);
  });

  test('trusts a server again on its own connection', async () => {
    const { line, shelf, pass, connections } = stage();
    line.start();
    await line.whenReady();
    shelf.fate = 'refuse';
    shelf.refusal = new Error('no leader');
    for (let beats = 1; beats <= 4; beats += 1) await pass(100);
    expect(line.suspected).toBe(true);
    shelf.fate = 'answer';
    await pass(100);
    expect([line.suspected, connections()]).toEqual([false, 1]);
  });

  test('ends what waits for it when it is closed', async () => {
    const { line, shelf, world } = stage();
    shelf.mute = true;
    line.start();
    const waiting = rejection(line.whenReady());
    await line.close();
    expect(DsmError.is(await waiting, 'DSM_CLOSED')).toBe(true);
    expect(DsmError.is(await rejection(line.whenReady()), 'DSM_CLOSED')).toBe(true);
    await settled();
    expect([world.timers.size, shelf.connections.size]).toEqual([0, 0]);
  });

  test('closes its connection, and makes no other', async () => {
    const { line, shelf, world } = stage();
    line.start();
    await line.whenReady();
    await line.close();
    await line.close();
    expect([shelf.closed, world.timers.size]).toEqual([1, 0]);
    world.pass(10_000);
    await settled();
    expect(shelf.attempts).toBe(1);
  });
});
