import { checkSequential, type Operation } from '@dsm/checker';
import { type Guarantees, memoryNetwork, type SharedMemory, types } from '@dsm/core';
import { Chance } from '@dsm/simulator';
import { afterEach, expect, test } from 'vitest';
import { join, totalOrder } from '../src/index.js';
import { placeOf } from '../src/inspection.js';

type Memory = SharedMemory<Record<string, string>, Guarantees & { compareAndSwap: true }>;
const names = ['a', 'b', 'c', 'd', 'e'];
let members: Memory[] = [];
afterEach(() => Promise.all(members.map((member) => member.close())));

/** Users of all members, one operation at a time each, with the place that each write got in the order. */
class Users {
  readonly operations: Operation[] = [];
  private moment = 0;
  private written = 0;

  async work(client: string, memory: Memory, count: number, chance: Chance): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      const key = chance.pick(['x', 'y', 'z']);
      const start = ++this.moment;
      const found = await this.act(key, memory, chance);
      this.operations.push({ client, key, start, end: ++this.moment, ...found });
    }
  }

  private async act(key: string, memory: Memory, chance: Chance): Promise<Pick<Operation, 'op' | 'value'>> {
    if (chance.happens(0.5)) return { op: 'read', value: await memory.read(key) };
    const value = `${++this.written}`;
    if (chance.happens(0.5)) {
      return { op: 'write', value, ...orderOf(await memory.write(key, value)) };
    }
    const expected = await memory.read(key);
    const swap = await memory.compareAndSwap(key, expected, value);
    const attempt = { op: 'cas' as const, value, expected, ok: swap.ok };
    return swap.ok ? { ...attempt, ...orderOf(swap.version) } : attempt;
  }
}

function orderOf(version: string): Pick<Operation, 'order'> {
  return { order: placeOf(version) };
}

test('what fifty users of five members see at once is sequential, in the order that the versions tell', async () => {
  const addresses = Object.fromEntries(names.map((name) => [name, `memory:${name}`]));
  const transport = memoryNetwork();
  const schema = types<Record<string, string>>();
  members = await Promise.all(
    names.map((id) => join(totalOrder(), { id, members: addresses, schema, transport })),
  );
  const users = new Users();
  await Promise.all(
    members.flatMap((memory, slot) =>
      Array.from({ length: 10 }, (_, lane) =>
        users.work(`${memory.id} ${lane}`, memory, 20, new Chance(slot * 10 + lane)),
      ),
    ),
  );
  expect(users.operations).toHaveLength(1_000);
  const { verdict, checkedOperations } = checkSequential(users.operations);
  expect([verdict, checkedOperations]).toEqual(['legal', 1_000]);

  // The same with two writes of one key in the wrong order would be noticed.
  const swapped = exchanged(users.operations);
  expect(checkSequential(swapped).verdict).toBe('illegal');
});

/** With the places of the first and of the last write of one client exchanged. */
function exchanged(operations: readonly Operation[]): Operation[] {
  const own = operations.filter(({ client, order }) => client === 'a 0' && order !== undefined);
  const [first, last] = [own[0], own.at(-1)];
  return operations.map((operation) => {
    if (operation === first) return { ...operation, order: last?.order };
    return operation === last ? { ...operation, order: first?.order } : operation;
  });
}
