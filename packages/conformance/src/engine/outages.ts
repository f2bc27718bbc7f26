import assert from 'node:assert/strict';
import { type DsmError, type Engine, joinEngine } from '@dsm/core';
import { describe, test } from 'vitest';
import type { Case } from '../case.js';
import { judge, Recorder } from '../face/recorder.js';
import type { Face } from '../face/stage.js';
import { attended, ends, eventually, ofCode, refused, rejection } from '../face/waiting.js';
import { Detour } from './detour.js';

/** A server in a process of its own. */
export interface EngineServer {
  readonly port: number;
  /** As a crash ends it. */
  kill(): Promise<void>;
  /** Starts it again where it was, with what it has kept. */
  run(): Promise<void>;
  /** Stops it from doing anything, its sockets included, until it goes on. */
  pause(): void;
  goOn(): void;
  /** Ends it for good. */
  stop(): Promise<void>;
}

export interface OutageSubject {
  /** The engine that speaks to a server at this port of loopback. */
  readonly engine: (port: number) => Engine;
  /** Starts a server that keeps what it has acknowledged when it is killed. */
  readonly start: () => Promise<EngineServer>;
}

/** How long a case waits for what must happen. */
const patienceUsually = 20_000;

/** Registers with vitest what users may expect of an engine whose server goes away and comes back. */
export function engineOutages(subject: OutageSubject): void {
  describe(`${subject.engine(1).name} when its server goes away`, { timeout: 120_000 }, () => {
    for (const { name, run } of outageCases(subject)) test(name, run);
  });
}

/** The same cases as data, for another test runner. */
export function outageCases(
  subject: OutageSubject,
  patienceMs = patienceUsually,
): readonly Pick<Case, 'name' | 'run'>[] {
  return outages.map(({ name, run }) => ({ name, run: () => play(run, subject, patienceMs) }));
}

async function play(run: Outage['run'], subject: OutageSubject, patienceMs: number): Promise<void> {
  const scene = new Scene(subject, await subject.start(), patienceMs);
  try {
    await run(scene);
  } finally {
    await scene.close();
  }
}

/** A server, and clients that each have their own way to it. */
class Scene {
  readonly server: EngineServer;
  readonly patienceMs: number;
  private readonly subject: OutageSubject;
  private readonly joined: Face[] = [];
  private readonly detours = new Map<Face, Detour>();

  constructor(subject: OutageSubject, server: EngineServer, patienceMs: number) {
    this.subject = subject;
    this.server = server;
    this.patienceMs = patienceMs;
  }

  /** A client whose server is suspected soon, and whose operations are patient unless they are told otherwise. */
  async client(id: string): Promise<Face> {
    const detour = await Detour.to(this.server.port);
    const { patienceMs } = this;
    const options = { id, timeout: patienceMs, joinTimeout: patienceMs, suspectAfterMs: 400 };
    const memory = (await joinEngine()(this.subject.engine(detour.port), options)) as unknown as Face;
    this.joined.push(memory);
    this.detours.set(memory, detour);
    return memory;
  }

  wayOf(memory: Face): Detour {
    return this.detours.get(memory) as Detour;
  }

  async restart(): Promise<void> {
    await this.server.kill();
    await this.server.run();
  }

  async close(): Promise<void> {
    await Promise.all(this.joined.map((memory) => memory.close()));
    await Promise.all([...this.detours.values()].map((detour) => detour.close()));
    await this.server.stop();
  }
}

interface Outage {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

const outages: readonly Outage[] = [
  { name: 'a watch shows what changed while its client was cut off', run: cutOff },
  { name: 'a listener hears what vanished while its client was cut off', run: vanished },
  { name: 'a watch goes on when the server has been restarted', run: restartedWatch },
  { name: 'writes in flight when the server dies are of unknown outcome, at once', run: inFlight },
  { name: 'what is begun while the server is away waits, and is done when it is back', run: waiting },
  { name: 'what runs out of time while the server is away was not applied', run: notApplied },
  { name: 'a history across restarts is one that is promised', run: history },
  { name: 'a silent server is suspected, and trusted when it answers again', run: silence },
  { name: 'a connection that stays silent is replaced', run: replaced },
  { name: 'a client that closes takes nothing along', run: left },
  { name: 'a client closes at once while the server is away', run: closing },
];

/** The values that a watch shows, up to and with one. */
async function upTo(scene: Scene, watch: AsyncIterator<{ value: unknown }>, last: unknown): Promise<void> {
  for (;;) {
    const step = await ends(scene, 'a step of a watch', watch.next());
    assert.notEqual(step.done, true, 'the watch has ended');
    if (step.value.value === last) return;
  }
}

async function cutOff(scene: Scene): Promise<void> {
  const [a, b] = [await scene.client('a'), await scene.client('b')];
  await b.write('k', 'before');
  const watch = a.watch('k');
  await upTo(scene, watch, 'before');
  scene.wayOf(a).block();
  scene.wayOf(a).cut();
  await b.write('k', 'meanwhile');
  scene.wayOf(a).heal();
  await upTo(scene, watch, 'meanwhile');
  await b.delete('k');
  await upTo(scene, watch, undefined);
}

async function vanished(scene: Scene): Promise<void> {
  const [a, b] = [await scene.client('a'), await scene.client('b')];
  for (const key of ['user:1', 'user:2', 'other']) await b.write(key, 'before');
  const heard = new Map<string, unknown>();
  const shown = new Map<string, unknown>();
  a.onChange('user:*', ({ key, value }) => heard.set(key, value));
  const watch = a.watch('user:*');
  const following = attended(follow(watch, shown));
  await eventually(scene, () => assert.deepEqual([...shown.keys()].toSorted(), ['user:1', 'user:2']));
  // The listing for the listener has been asked for before this answer.
  await a.keys();
  scene.wayOf(a).block();
  scene.wayOf(a).cut();
  await b.delete('user:1');
  await b.write('user:3', 'new');
  scene.wayOf(a).heal();
  await eventually(scene, () => {
    for (const seen of [heard, shown]) {
      assert.ok(seen.has('user:1') && seen.get('user:1') === undefined, 'it heard of what vanished');
      assert.equal(seen.get('user:3'), 'new');
      assert.ok(!seen.has('other'));
    }
  });
  await watch.return?.();
  await following;
}

async function follow(
  watch: AsyncIterableIterator<{ key: string; value: unknown }>,
  shown: Map<string, unknown>,
): Promise<void> {
  for await (const { key, value } of watch) shown.set(key, value);
}

async function restartedWatch(scene: Scene): Promise<void> {
  const [a, b] = [await scene.client('a'), await scene.client('b')];
  const watch = a.watch('*');
  await b.write('k', 0);
  await upTo(scene, watch, 0);
  for (const value of [1, 2]) {
    await scene.restart();
    // Where the client has not yet heard that its connection broke, nobody knows: it may be written again.
    await eventually(scene, () => b.write('k', value));
    await upTo(scene, watch, value);
    assert.equal(await a.read('k'), value);
    // That may have been read after the restart anyway; this can only have been told.
    await b.write('k', -value);
    await upTo(scene, watch, -value);
  }
}

async function inFlight(scene: Scene): Promise<void> {
  const a = await scene.client('a');
  await a.write('k', 'before');
  // The server has them and does not answer.
  scene.server.pause();
  const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
  const writes = keys.map((key) => rejection(a.write(key, key)));
  const swap = rejection(a.writeIf('new', '', 'swapped'));
  const reading = attended(a.read('k'));
  await scene.server.kill();
  const errors = await ends(scene, 'writes in flight', Promise.all([...writes, swap]));
  for (const error of errors) assert.equal(ofCode(error, ['DSM_UNAVAILABLE']).outcome, 'unknown');
  assert.equal(a.status().state, 'suspended');
  const { write, swap: swapped } = a.metrics().operations;
  assert.deepEqual([write.unknown, swapped.unknown], [20, 1]);
  await scene.server.run();
  assert.equal(await reading, 'before', 'a read is asked again');
  for (const key of keys) assert.ok([undefined, key].includes((await a.read(key)) as string));
  assert.equal(a.metrics().operationsPending, 0);
}

async function waiting(scene: Scene): Promise<void> {
  const a = await scene.client('a');
  const version = await a.write('k', 1);
  await scene.server.kill();
  await eventually(scene, () => assert.equal(a.status().state, 'suspended'));
  const reading = attended(a.read('k'));
  const writing = attended(a.write('other', 1));
  const swapping = attended(a.writeIf('k', version, 2));
  const listing = attended(a.keys());
  await scene.server.run();
  await reading;
  await writing;
  assert.equal((await swapping).ok, true);
  assert.ok((await listing).includes('k'));
  assert.deepEqual([await a.read('k'), await a.read('other')], [2, 1]);
  assert.equal(a.status().state, 'ready');
}

async function notApplied(scene: Scene): Promise<void> {
  const a = await scene.client('a');
  await scene.server.kill();
  await eventually(scene, () => assert.equal(a.status().state, 'suspended'));
  const timeout = 30;
  const calls = [a.write('k', 1, { timeout }), a.writeIf('k', '', 2, { timeout }), a.read('k', { timeout })];
  for (const error of await Promise.all(calls.map((call) => refused(call, 'DSM_UNAVAILABLE')))) {
    assert.equal(error.outcome, 'not-applied');
  }
  await scene.server.run();
  assert.equal(await a.read('k'), undefined);
}

async function history(scene: Scene): Promise<void> {
  const members = [await scene.client('a'), await scene.client('b'), await scene.client('c')];
  const recorder = new Recorder();
  let working = true;
  let failures = 0;
  const work = async (memory: Face, kind: number): Promise<void> => {
    for (let n = kind; working; n += 1) {
      const act = [recorder.write, recorder.read, recorder.delete, recorder.swap][n % 4] ?? recorder.read;
      // One that failed says whether it was done; the recorder keeps that.
      await act.call(recorder, memory, 'k', undefined as never).catch((error: DsmError) => {
        ofCode(error, ['DSM_UNAVAILABLE']);
        failures += 1;
      });
    }
  };
  const workers = members.flatMap((memory) => [work(memory, 0), work(memory, 1)]);
  const all = attended(Promise.all(workers));
  const allReady = () => assert.ok(members.every((memory) => memory.status().state === 'ready'));
  for (const rounds of [1, 2, 3]) {
    const enough = recorder.operations.length + 100 * rounds;
    await eventually(scene, () => assert.ok(recorder.operations.length > enough));
    // A quick server may have answered everything before it dies: once it is certain that it has not.
    if (rounds === 3) {
      await eventually(scene, allReady);
      scene.server.pause();
      const underWay = (memory: Face) => memory.metrics().operationsPending;
      await eventually(scene, () => assert.deepEqual(members.map(underWay), [2, 2, 2]));
    }
    await scene.restart();
  }
  await eventually(scene, allReady);
  working = false;
  await ends(scene, 'everybody', all);
  for (const memory of members) await recorder.read(memory, 'k');
  assert.ok(failures > 0, 'nothing was in flight when the server died');
  judge(recorder, members[0]?.guarantees as Face['guarantees']);
}

async function silence(scene: Scene): Promise<void> {
  const a = await scene.client('a');
  const watch = a.watch('k');
  await upTo(scene, watch, undefined);
  scene.server.pause();
  await eventually(scene, () => assert.equal(a.status().state, 'suspended'));
  assert.match(String(a.status().reason), /has not answered/);
  const parked = attended(a.write('k', 'parked'));
  scene.server.goOn();
  await parked;
  await upTo(scene, watch, 'parked');
  await eventually(scene, () => assert.equal(a.status().state, 'ready'));
}

async function replaced(scene: Scene): Promise<void> {
  const a = await scene.client('a');
  const watch = a.watch('k');
  await upTo(scene, watch, undefined);
  // The old connection never says anything again, as when a firewall has forgotten it.
  scene.wayOf(a).strand();
  const stranded = attended(rejection(a.write('k', 'stranded')));
  await ends(scene, 'a stranded write', stranded);
  await a.write('k', 'on a new one');
  await upTo(scene, watch, 'on a new one');
}

async function left(scene: Scene): Promise<void> {
  const [a, b] = [await scene.client('a'), await scene.client('b')];
  await a.write('k', 'kept');
  const watch = b.watch('k');
  await upTo(scene, watch, 'kept');
  await a.close();
  assert.equal(await b.read('k'), 'kept');
  await b.write('k', 'after');
  await upTo(scene, watch, 'after');
}

async function closing(scene: Scene): Promise<void> {
  const a = await scene.client('a');
  const watch = a.watch('*');
  const step = attended(watch.next());
  await scene.server.kill();
  const pending = attended(rejection(a.write('k', 1)));
  await ends({ patienceMs: 2_000 }, 'close', a.close());
  ofCode(await pending, ['DSM_CLOSED', 'DSM_UNAVAILABLE']);
  assert.equal((await step).done, true);
}
