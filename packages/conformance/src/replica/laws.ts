import assert from 'node:assert/strict';
import { type Key, type RawEntry, Reader, type Value, Writer } from '@dsm/core';
import { Chance } from '@dsm/simulator';
import type { AnyProtocol, Draft } from '../case.js';
import { encodings } from './encoding.js';
import { keys, Town } from './town.js';

/** Something that every replica must keep to, whatever its protocol is. */
interface Law {
  readonly name: string;
  readonly excuse?: (protocol: AnyProtocol) => string | undefined;
  run(trial: Trial): Promise<void>;
}

/** A protocol to be tried, with the values that are written. */
class Trial {
  readonly protocol: AnyProtocol;
  readonly size: number;

  constructor(protocol: AnyProtocol, size: number) {
    this.protocol = protocol;
    this.size = size;
  }

  /** Fresh towns, one for each of a few seeds. */
  async towns(loses = false): Promise<Town[]> {
    const values = await encodings(['one', { two: 2 }, [3], new Uint8Array(200)]);
    return Array.from({ length: 20 }, (_, seed) => new Town(this.protocol, this.size, values, seed, loses));
  }
}

const laws: readonly Law[] = [
  { name: 'an operation completes exactly once, with a result of its kind', run: completesOnce },
  { name: 'a replica acts on the world from its handlers only', run: actsInHandlers },
  { name: 'a sent message is nobody’s to change', run: messagesStay },
  { name: 'equal events have equal effects', run: repeats },
  { name: 'the fields of a replica are data: a copy goes on alike', run: copies },
  { name: 'every message survives its encoding', run: encoding },
  { name: 'malformed bytes are refused', run: malformed },
  { name: 'a message is one of a read or of a write', run: purposes },
  { name: 'keys() of a replica tells what was written', run: keysTell },
  { name: 'a write wakes the watchers of its key at every member that shows it', run: wakes },
  {
    name: 'peek tells what a read is answered at once',
    excuse: ({ guarantees, name }) =>
      guarantees.reads === 'local' || guarantees.reads === 'cached'
        ? undefined
        : `${name} has no local reads`,
    run: peeks,
  },
  {
    name: 'what was lost is asked for again',
    excuse: ({ channels }) => (channels === 'fifo' ? 'its channels lose nothing' : undefined),
    run: asksAgain,
  },
];

/** One case for each law, with as many members as may be few. */
export function lawsOf(protocol: AnyProtocol, sizes: readonly number[]): Draft[] {
  return sizes
    .filter((size) => size <= 3 || size === sizes[0])
    .flatMap((size) =>
      laws.map(({ name, excuse, run }) => ({
        name,
        where: `replicas, ${size === 1 ? '1 member' : `${size} members`}`,
        skipped: excuse?.(protocol),
        run: () => run(new Trial(protocol, size)),
      })),
    );
}

async function completesOnce(trial: Trial): Promise<void> {
  for (const town of await trial.towns()) allEnded(town.run());
}

async function asksAgain(trial: Trial): Promise<void> {
  for (const town of await trial.towns(true)) allEnded(town.run());
}

function allEnded({ operations }: Town): void {
  for (const [operation, { name, key, at, results }] of operations) {
    const what = `operation ${operation}, a ${name} of '${key}' at member ${at}`;
    assert.equal(results.length, 1, `${what}, was completed ${results.length} times`);
    const kind = name === 'write' ? 'written' : name === 'swap' ? 'swapped' : 'read';
    assert.equal(results[0]?.kind, kind, what);
  }
}

async function actsInHandlers(trial: Trial): Promise<void> {
  for (const town of await trial.towns()) {
    town.run();
    // Whatever was put off, to a promise or to a later turn, has its chance to misbehave now.
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(town.misuse, undefined);
  }
}

async function messagesStay(trial: Trial): Promise<void> {
  // The town compares each message with what was sent, when it arrives.
  for (const town of await trial.towns()) assert.ok(town.run().effects.length > 0);
}

async function repeats(trial: Trial): Promise<void> {
  const others = await trial.towns();
  for (const [seed, town] of (await trial.towns()).entries()) {
    assert.deepEqual(others[seed]?.run().effects, town.run().effects, `two runs of seed ${seed} differ`);
  }
}

async function copies(trial: Trial): Promise<void> {
  const others = await trial.towns();
  for (const [seed, town] of (await trial.towns()).entries()) {
    town.run(20);
    const copy = town.copy((others[seed] as Town).run(20));
    // The copy is first: what it shared with the original would be seen there.
    const effects = copy.run().effects;
    assert.deepEqual(town.run().effects, effects, 'a copy of the replicas went on otherwise');
  }
}

async function encoding(trial: Trial): Promise<void> {
  const { codec } = trial.protocol;
  for (const town of await trial.towns()) {
    for (const message of town.run().seen.values()) {
      const bytes = encoded(trial, message);
      const reader = new Reader(bytes);
      assert.deepEqual(codec.decode(reader), message, 'what was decoded is not what was encoded');
      assert.ok(reader.finished, 'decoding left bytes unread');
      // Several messages are read from one frame.
      const padded = new Reader(new Uint8Array([...bytes, 0x5a]));
      assert.deepEqual(codec.decode(padded), message);
      assert.equal(padded.end - padded.at, 1, 'decoding read beyond the message');
    }
  }
}

async function malformed(trial: Trial): Promise<void> {
  const chance = new Chance(1);
  const [town] = await trial.towns();
  for (const message of town?.run().seen.values() ?? []) {
    const bytes = encoded(trial, message);
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.slice(0, length);
      assert.throws(() => trial.protocol.codec.decode(new Reader(cut)), `${length} of ${bytes.length} bytes`);
    }
    for (let left = 20; left > 0; left -= 1) {
      const flipped = bytes.slice();
      flipped[chance.below(bytes.length)] = chance.below(256);
      throwsOrDecodes(trial, flipped);
    }
  }
  for (let left = 2_000; left > 0; left -= 1) {
    throwsOrDecodes(
      trial,
      new Uint8Array(chance.below(40)).map(() => chance.below(256)),
    );
  }
}

/** Bytes that happen to be a message are one: it can be encoded, and is then the same. */
function throwsOrDecodes(trial: Trial, bytes: Uint8Array): void {
  let message: unknown;
  try {
    message = trial.protocol.codec.decode(new Reader(bytes));
  } catch {
    return;
  }
  const again = trial.protocol.codec.decode(new Reader(encoded(trial, message)));
  assert.deepEqual(again, message, `the bytes ${bytes.join(' ')} are no message, and were decoded`);
}

async function purposes(trial: Trial): Promise<void> {
  for (const town of await trial.towns()) {
    for (const message of town.run().seen.values()) {
      const purpose: string = trial.protocol.codec.purpose(message);
      assert.ok(purpose === 'read' || purpose === 'write', `a message is for '${purpose}'`);
    }
  }
}

async function keysTell(trial: Trial): Promise<void> {
  for (const town of await trial.towns()) {
    const before = knownTo(town);
    assert.deepEqual([...before], [], 'a key is known that nobody wrote');
    town.run();
    const mentioned = new Set([...town.operations.values()].filter(changes).map(({ key }) => key));
    for (const key of knownTo(town)) assert.ok(mentioned.has(key), `'${key}' was not written`);
    for (const key of present(town)) assert.ok(knownTo(town).has(key), `'${key}' is known to nobody`);
  }
}

function knownTo({ replicas }: Town): Set<Key> {
  return new Set(replicas.flatMap((replica) => [...replica.keys()]));
}

function changes({ name, results }: { name: string; results: readonly { kind: string }[] }): boolean {
  return name !== 'read' && results.length > 0;
}

/** The keys that every write of the run gave a value, so that they must have one in the end. */
function present({ effects }: Town): Set<Key> {
  const written = new Map<Key, boolean>();
  for (const { kind, detail } of effects) {
    if (kind !== 'invoke') continue;
    const { name, key, value } = detail as { name: string; key: Key; value: Value };
    if (name === 'write') written.set(key, (written.get(key) ?? true) && value !== null);
    if (name === 'swap' && value === null) written.set(key, false);
  }
  return new Set([...written].filter(([, valued]) => valued).map(([key]) => key));
}

async function wakes(trial: Trial): Promise<void> {
  for (const town of await trial.towns()) {
    town.run();
    const woken = new Set<Key>();
    for (const { kind, detail } of town.effects) {
      if (kind === 'changed') woken.add((detail as { key: Key }).key);
    }
    for (const key of present(town)) assert.ok(woken.has(key), `nobody was told that '${key}' changed`);
  }
}

async function peeks(trial: Trial): Promise<void> {
  const cached = trial.protocol.guarantees.reads === 'cached';
  let peeked = 0;
  for (const [seed, town] of (await trial.towns()).entries()) {
    town.run(seed * 5);
    for (const [at, replica] of town.replicas.entries()) {
      for (const key of keys) {
        const glimpse = replica.peek?.(key);
        if (glimpse === undefined && cached) continue;
        assert.ok(glimpse !== undefined, 'reads are local, and there is no peek');
        // It is used at once: the value may be gone later.
        const entry = { value: glimpse.value, version: glimpse.version };
        peeked += 1;
        const answer = town.ask(at, key);
        assert.equal(answer?.kind, 'read', 'a local read was not answered at once');
        // Of what is absent only that counts.
        if (entry.value === null) assert.equal((answer as { entry?: RawEntry }).entry?.value, null);
        else assert.deepEqual(answer, { kind: 'read', entry }, `'${key}' at member ${at}`);
      }
    }
  }
  assert.ok(peeked > 0, 'reads are cached, and nothing could ever be peeked at');
}

function encoded(trial: Trial, message: unknown): Uint8Array {
  const writer = new Writer();
  trial.protocol.codec.encode(message, writer);
  return writer.take();
}
