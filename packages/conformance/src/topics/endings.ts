import assert from 'node:assert/strict';
import { DsmError } from '@dsm/core';
import type { Face, Stage } from '../face/stage.js';
import {
  attended,
  ends,
  eventually,
  ofCode,
  reads,
  readsOwn,
  refused,
  rejection,
  throwsCode,
} from '../face/waiting.js';
import { type Setting, selfSufficient, type Topic } from './topic.js';

/** How operations end that do not succeed, and how members end. */
export const endings: readonly Topic[] = [
  { name: 'an operation out of reach ends with DSM_TIMEOUT', excuse: selfSufficient, run: timeLimit },
  { name: 'a suspended member says DSM_UNAVAILABLE, and recovers', excuse: stops, run: suspended },
  { name: 'a member alone goes on where that is promised', excuse: goesOnNot, run: goesOn },
  { name: 'too many pending operations are refused at once', excuse: selfSufficient, run: overload },
  { name: 'an operation is aborted by its signal', run: abort },
  { name: 'an aborted operation that waits ends at once', excuse: selfSufficient, run: abortPending },
  { name: 'a closed member refuses everything with DSM_CLOSED', run: closed },
  { name: 'close ends what is pending', run: closing },
  { name: 'what promises to survive a crash does', excuse: survivesNothing, run: crash },
];

const manyKeys = Array.from({ length: 16 }, (_, n) => `key ${n}`);

/** Writes that a member cut off cannot complete; of those of a home or holder, some may be its own. */
function pendingWrites(memory: Face, options: { timeout?: number; signal?: AbortSignal } = {}) {
  return manyKeys.map((key) => memory.write(key, memory.id, options));
}

/** The errors of operations, without those that succeeded. */
async function errorsOf(stage: Stage, operations: readonly Promise<unknown>[]): Promise<unknown[]> {
  const ended = await ends(stage, 'operations that must end', Promise.allSettled(operations));
  return ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
}

async function timeLimit(stage: Stage): Promise<void> {
  const group = await stage.group({ suspectAfterMs: 600_000 });
  const { last, first } = group;
  group.isolate(last);
  const errors = await errorsOf(stage, pendingWrites(last, { timeout: 40 }));
  assert.ok(errors.length > 0, 'a member that is cut off completed every write');
  for (const error of errors) assert.equal(ofCode(error, ['DSM_TIMEOUT']).outcome, 'unknown');
  for (const error of await errorsOf(
    stage,
    manyKeys.map((key) => last.read(key, { timeout: 40 })),
  )) {
    assert.equal(ofCode(error, ['DSM_TIMEOUT']).outcome, 'not-applied', 'a read changes nothing');
  }
  group.heal();
  await last.write('k', 'healed');
  await reads(stage, first, 'k', 'healed');
}

function stops(setting: Setting): string | undefined {
  const { protocol } = setting;
  if (protocol.guarantees.onPartition === 'all-continue') return `members of ${protocol.name} go on alone`;
  return selfSufficient(setting);
}

async function suspended(stage: Stage): Promise<void> {
  const group = await stage.group({ suspectAfterMs: 100 });
  const { last, first } = group;
  await eventually(stage, () => assert.equal(last.status().state, 'ready'));
  group.isolate(last);
  await eventually(stage, () => assert.equal(last.status().state, 'suspended'));
  assert.equal(typeof last.status().reason, 'string');
  const errors = await errorsOf(stage, pendingWrites(last, { timeout: 20 }));
  assert.ok(errors.length > 0, 'a suspended member completed every write');
  const outcome = stage.keepsBack ? 'not-applied' : 'unknown';
  for (const error of errors) assert.equal(ofCode(error, ['DSM_UNAVAILABLE']).outcome, outcome);
  const parked = attended(last.write('k', 'parked'));
  group.heal();
  await parked;
  await reads(stage, first, 'k', 'parked');
  if (stage.keepsBack) for (const key of manyKeys) await reads(stage, first, key, undefined);
  await eventually(stage, () => assert.equal(last.status().state, 'ready'));
  assert.equal(last.status().reason, undefined);
}

function goesOnNot({ protocol, size }: Setting): string | undefined {
  if (size === 1) return 'there is no other member';
  if (protocol.guarantees.onPartition === 'all-continue') return undefined;
  return `a minority of ${protocol.name} stops`;
}

async function goesOn(stage: Stage): Promise<void> {
  const group = await stage.group();
  const { last, first } = group;
  group.isolate(last);
  await last.write('k', 'alone');
  await readsOwn(stage, last, 'k', 'alone');
  group.heal();
  await reads(stage, first, 'k', 'alone');
}

async function overload(stage: Stage): Promise<void> {
  const group = await stage.group({ limits: { operationsPendingMax: 3 } });
  const { last } = group;
  group.isolate(last);
  const errors: { readonly error: unknown; readonly key: string }[] = [];
  const writing = pendingWrites(last).map((write, n) =>
    write.then(
      () => undefined,
      (error: unknown) => errors.push({ error, key: manyKeys[n] as string }),
    ),
  );
  // At once is within the turn: nothing can have arrived.
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(errors.length > 0, 'nothing was refused');
  assert.ok(last.metrics().operationsPending <= 3);
  for (const { error } of errors) {
    assert.equal(ofCode(error, ['DSM_OVERLOADED']).outcome, 'not-applied');
  }
  group.heal();
  await ends(stage, 'the others', Promise.all(writing));
  for (const { key } of errors) await reads(stage, last, key, undefined);
  await eventually(stage, () => assert.equal(last.metrics().operationsPending, 0));
}

async function abort(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  for (const memory of [first, last]) {
    for (const act of [
      memory.read('k', { signal }),
      memory.entry('k', { signal }),
      memory.write('k', 'aborted', { signal }),
      memory.delete('k', { signal }),
    ]) {
      assert.equal(await rejection(act), reason);
    }
    const controller = new AbortController();
    await memory.write('k', 'kept', { signal: controller.signal });
    controller.abort(reason);
    await readsOwn(stage, memory, 'k', 'kept');
  }
}

async function abortPending(stage: Stage): Promise<void> {
  const group = await stage.group();
  const { last } = group;
  group.isolate(last);
  const controller = new AbortController();
  const reason = new Error('enough');
  const pending = pendingWrites(last, { signal: controller.signal });
  controller.abort(reason);
  const errors = await errorsOf(stage, pending);
  assert.ok(errors.length > 0, 'a member that is cut off completed every write');
  for (const error of errors) assert.equal(error, reason);
}

async function closed(stage: Stage): Promise<void> {
  const { first, last } = await stage.group();
  await last.write('k', 1);
  await last.close();
  assert.equal(last.status().state, 'closed');
  const calls = [last.read('k'), last.entry('k'), last.write('k', 2), last.delete('k'), last.keys()];
  const swaps = [last.compareAndSwap('k', 1, 2), last.writeIf('k', '', 2), last.deleteIf('k', '')];
  for (const call of [...calls, ...swaps, last.update('k', () => 2), last.remove(first.id)]) {
    assert.equal((await refused(call, 'DSM_CLOSED')).outcome, 'not-applied');
  }
  throwsCode(() => last.watch('k'), 'DSM_CLOSED');
  throwsCode(() => last.onChange('k', () => undefined), 'DSM_CLOSED');
  throwsCode(() => last.peek('k'), 'DSM_CLOSED');
  await last.close();
  await last[Symbol.asyncDispose]();
}

async function closing(stage: Stage): Promise<void> {
  const group = await stage.group();
  const { last } = group;
  group.isolate(last);
  const pending = [...pendingWrites(last), ...manyKeys.map((key) => last.read(key)), last.delete('k')];
  const errors = attended(errorsOf(stage, pending));
  // Where members leave, it would wait for somebody to tell.
  await ends(stage, 'close', last.close({ timeout: 300 }));
  for (const error of await errors) assert.ok(DsmError.is(error, 'DSM_CLOSED'), String(error));
  assert.equal(last.metrics().operationsPending, 0);
}

/** How many may crash while the others go on: what is promised, as far as there are enough left to answer. */
function crashesOf({ protocol, size }: Setting): number {
  const { survives } = protocol.guarantees;
  const spare = size - protocol.answersNeeded(size);
  if (survives === 'none') return 0;
  if (survives === 'any') return Math.min(spare, size - 1);
  const promised = survives === 'minority' ? Math.ceil(size / 2) - 1 : survives.crashes;
  return Math.min(spare, promised);
}

function survivesNothing(setting: Setting): string | undefined {
  const { protocol, size } = setting;
  if (protocol.guarantees.survives === 'none') return `${protocol.name} survives no crash`;
  return crashesOf(setting) > 0 ? undefined : `nobody of ${size} can be spared`;
}

async function crash(stage: Stage): Promise<void> {
  const crashes = crashesOf(stage);
  for (const from of [0, stage.size - crashes]) {
    const group = await stage.group({ suspectAfterMs: 200 });
    const crashing = group.members.slice(from, from + crashes);
    const others = group.members.filter((memory) => !crashing.includes(memory));
    for (const memory of crashing) await memory.write(`of ${memory.id}`, 'completed');
    // To the others a crash is a silence that does not end.
    group.isolate(...crashing);
    for (const reader of others) {
      for (const { id } of crashing) await reads(stage, reader, `of ${id}`, 'completed');
    }
    for (const writer of others) {
      await writer.write('after', writer.id);
      for (const reader of others) await reads(stage, reader, 'after', writer.id);
    }
  }
}
