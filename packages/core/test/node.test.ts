import { describe, expect, test } from 'vitest';
import { DsmError } from '../src/error.js';
import { forSeeds, timeoutMs } from './fixtures/chance.js';
import { beatMs, Cluster, type Process } from './fixtures/cluster.js';
import { frameOf } from './fixtures/frames.js';
import { linkOf, sentTo, three } from './fixtures/three.js';

const names = ['a', 'b', 'c'];

describe('over a bad network', () => {
  test(
    'the group forms, and everybody hears everybody once and in order',
    () => {
      forSeeds(150, (chance) => {
        const cluster = new Cluster(['a', 'b', 'c', 'd'].slice(0, chance.between(2, 4)), chance);
        cluster.faults = {
          drop: chance.sometimes(0.4),
          repeat: chance.sometimes(0.4),
          lateMsMax: chance.happens(0.5) ? 0 : chance.below(500),
        };
        const processes = cluster.names.map((name) => cluster.start(name, { batch: chance.happens(0.5) }));
        cluster.run(chance.below(30_000));
        for (let round = 0; round < 20; round += 1) {
          const process = chance.pick(processes);
          if (process.view !== undefined)
            for (let left = chance.below(9); left > 0; left -= 1) speak(process);
          if (chance.happens(0.2)) process.paused = true;
          else if (process.paused) cluster.time.wake(process);
          cluster.run(chance.below(2_000));
        }
        cluster.faults = { drop: 0, repeat: 0, lateMsMax: 0 };
        for (const process of processes) cluster.time.wake(process);
        cluster.run(20_000);
        for (const process of processes) expectAllHeard(process, processes);
      });
    },
    timeoutMs,
  );

  const speak = (process: Process) => process.say(`${process.name}${process.parrot.waiting.size}`);

  function expectAllHeard(process: Process, others: readonly Process[]): void {
    expect([process.error, process.view]).toEqual([undefined, others[0]?.view]);
    expect(process.parrot.waiting.size).toBe(0);
    for (const other of others) {
      expect(process.parrot.from(other.slot)).toEqual(other.parrot.from(other.slot));
    }
    for (const { link } of process.node.others)
      expect([link?.bytesInFlight, link?.restless]).toEqual([0, false]);
  }
});

describe('signs of life', () => {
  test('are one frame a beat and peer when nothing else is said', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    cluster.run(beatMs);
    a.sent.splice(0);
    cluster.run(20 * beatMs);
    expect(sentTo(a, b)).toEqual(Array.from({ length: 20 }, () => 'bare'));
  });

  test('are none where something else was said', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    for (let beats = 0; beats < 20; beats += 1) {
      a.say('hello');
      cluster.run(beatMs);
    }
    // One frame with the words, one with the answer to b, and an acknowledgement of what b answered.
    expect(a.sent.filter(({ to }) => to === b.slot).length).toBeLessThanOrEqual(40);
    expect(b.parrot.from(0).length).toBe(20);
  });

  test('are missed after four beats, and then the member is out of reach', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    expect(a.node.inReach).toBe(3);
    const stirred = a.stirred;
    b.kill();
    cluster.run(3 * beatMs);
    expect(a.node.inReach).toBe(3);
    cluster.run(2 * beatMs);
    expect(a.node.inReach).toBe(2);
    expect(a.stirred - stirred).toBe(5);
  });

  test('of a member that was not met do not count', () => {
    const cluster = new Cluster(names);
    expect(cluster.start('a').node.inReach).toBe(1);
  });
});

describe('a process that stops for ten seconds', () => {
  test('takes nobody for dead on waking, is not taken for dead for good, and misses nothing', () => {
    const { cluster, processes } = three();
    const [a, b, c] = processes;
    a.say('before');
    b.paused = true;
    cluster.run(5);
    a.say('meanwhile');
    c.say('meanwhile too');
    cluster.run(10_000);
    expect([a.node.inReach, c.node.inReach]).toEqual([2, 2]);

    const seen: number[] = [];
    cluster.time.wake(b);
    for (let left = 40; left > 0; left -= 1) {
      cluster.run(50);
      seen.push(b.node.inReach);
    }
    expect(new Set(seen)).toEqual(new Set([3]));
    expect([a.node.inReach, c.node.inReach]).toEqual([3, 3]);
    for (const process of processes) {
      expect(process.error).toBe(undefined);
      expect(process.parrot.from(0)).toEqual(['before', 'meanwhile']);
      expect(process.parrot.from(2)).toEqual(['meanwhile too']);
    }
    expect([a.completed.length, c.completed.length]).toEqual([2, 1]);
  });

  test('goes on sending again what was lost while it was stopped', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    cluster.cut('a', 'b');
    a.say('lost');
    cluster.run(20);
    a.paused = true;
    cluster.run(10_000);
    cluster.cuts.clear();
    cluster.time.wake(a);
    cluster.run(3_000);
    expect(b.parrot.from(0)).toEqual(['lost']);
    expect(a.completed).toEqual([1]);
  });
});

describe('a handler that throws', () => {
  test('stops its member with an error, and the others go on', () => {
    const { cluster, processes } = three();
    const [a, b, c] = processes;
    a.say('throw at 1');
    a.say('hello');
    cluster.run(50);
    expect(DsmError.is(b.error, 'DSM_CLOSED')).toBe(true);
    expect([b.error?.outcome, String(b.error?.cause)]).toEqual([
      'unknown',
      'Error: a mistake in the replica',
    ]);
    expect(b.error?.message).toContain("a handler of 'b' failed");
    expect(b.parrot.from(0)).toEqual(['throw at 1']);
    expect(c.parrot.from(0)).toEqual(['throw at 1', 'hello']);
    expect([a.error, c.error]).toEqual([undefined, undefined]);

    const before = b.parrot.heard.length;
    const { received } = linkOf(b, c);
    b.say('anybody?');
    c.say('still here');
    cluster.run(50);
    expect(b.parrot.heard.length).toBe(before);
    // What it does not handle it does not acknowledge.
    expect(linkOf(b, c).received).toBe(received);
    expect(a.parrot.from(2)).toEqual(['still here']);
    expect(a.parrot.from(1)).toEqual([]);
  });

  test('stops its member too where the message came from itself', () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    expect(() => b.say('throw at 1')).not.toThrow();
    cluster.run(50);
    expect(DsmError.is(b.error, 'DSM_CLOSED')).toBe(true);
    expect(a.error).toBe(undefined);
  });

  test('reports once', () => {
    const { processes } = three();
    const [a] = processes;
    a.say('throw at 0');
    const first = a.error;
    a.say('throw at 0');
    expect(a.error).toBe(first);
  });
});

describe('timers', () => {
  test('of the replica fire once, and setting one again replaces it', () => {
    const { cluster, processes } = three();
    const [a] = processes;
    a.say('wake me');
    cluster.run(60);
    expect(a.parrot.timeouts).toEqual([]);
    // The answers say it again: the alarm is put off.
    a.say('wake me');
    cluster.run(90);
    expect(a.parrot.timeouts).toEqual([]);
    cluster.run(20);
    expect(a.parrot.timeouts).toEqual(['alarm']);
    cluster.run(1_000);
    expect(a.parrot.timeouts).toEqual(['alarm']);
  });

  test('are none but the beat while nothing happens', () => {
    const { cluster, processes } = three();
    cluster.run(1_000);
    for (const process of processes) expect(cluster.time.pending(process)).toBe(1);
  });

  test('are none after closing, nor does anything else happen', async () => {
    const { cluster, processes } = three();
    const [a, b] = processes;
    a.say('wake me');
    const closing = a.node.close();
    const frames = a.sent.length;
    const { framesIn } = a.node.counters;
    expect(sentTo(a, b)).toEqual(['protocol']);
    await closing;
    await a.node.close();
    expect(cluster.time.pending(a)).toBe(0);
    expect([a.wireOpen, a.wiresClosed, a.node.ended]).toEqual([false, 1, true]);

    cluster.run(10_000);
    a.say('after all');
    cluster.inject(a, frameOf({ from: 1 }));
    a.node.arrivals.reachable(1);
    a.node.start(cluster.wire(a));
    cluster.run(1_000);
    expect([a.sent.length, a.parrot.timeouts.length, cluster.time.pending(a)]).toEqual([0, 0, 0]);
    expect(frames).toBeGreaterThan(0);
    expect(a.node.counters.framesIn).toBe(framesIn);
    expect(a.error).toBe(undefined);
    expect(b.parrot.from(0)).toEqual(['wake me']);
  });

  test('a transport that was opened too late is closed', () => {
    const { cluster, processes } = three();
    const [a] = processes;
    void a.node.close();
    a.node.start(cluster.wire(a));
    expect(a.wireOpen).toBe(false);
  });
});
