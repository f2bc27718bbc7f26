import type { Bench } from '../../src/load/client.js';
import { Recorder } from '../../src/load/recorder.js';
import { Tally } from '../../src/load/tally.js';
import { Values } from '../../src/load/values.js';
import type { Memory } from '../../src/memory.js';
import { KeySpace } from '../../src/workload/key-space.js';

/** A clock that shows what it is set to. */
export class SetClock {
  now = 0;
  readonly read = (): number => this.now;
}

/** A memory in this process; each operation takes so many nanoseconds of the clock. */
export function fakeMemory(clock: SetClock, takes: () => number, changes: Partial<Memory> = {}): Memory {
  const values = new Map<string, string>();
  const spend = (): void => {
    clock.now += takes();
  };
  return {
    guarantees: {
      consistency: 'linearizable',
      compareAndSwap: false,
      reads: 'local',
      writes: 'local',
      survives: 'none',
      onPartition: 'minority-stops',
    },
    read: async (key) => {
      spend();
      return values.get(key);
    },
    write: async (key, value) => {
      spend();
      values.set(key, value);
    },
    delete: async (key) => {
      spend();
      values.delete(key);
    },
    close: async () => undefined,
    ...changes,
  };
}

/** The bench of one member over a memory. */
export function benchOver(memory: Memory, clock: SetClock): Bench {
  return {
    memory,
    keys: new KeySpace(10),
    values: new Values(0, 100),
    clock: clock.read,
    startClock: clock.read,
    tally: new Tally(),
    recorder: new Recorder(),
    measuring: true,
    sampling: true,
    latest: 0,
    nextClient: 0,
  };
}
