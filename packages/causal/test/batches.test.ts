import { Writer } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { codec, type Message } from '../src/messages.js';
import { Cluster } from './fixtures/cluster.js';

// Members are 0, 1, 2; the key is x where nothing else is said.

describe('what is written in one turn', () => {
  test('travels in one message, and is applied in its order', () => {
    const cluster = new Cluster();
    cluster.inOneTurn(() => {
      cluster.write(0, 1, 'x');
      cluster.write(0, 2, 'y');
      cluster.write(0, 3, 'x');
    });
    expect(cluster.flights().map(({ to, message }) => [to, message.type])).toEqual([
      [1, 'updates'],
      [2, 'updates'],
    ]);
    cluster.deliver({ to: 1 });
    expect([cluster.read(1, 'x'), cluster.read(1, 'y'), cluster.read(2, 'x')]).toEqual([3, 2, undefined]);
    expect(cluster.woken[1]).toEqual(['x', 'y', 'x']);
  });

  test('is done, and seen at its member, before the turn ends', () => {
    const cluster = new Cluster();
    cluster.inOneTurn(() => {
      expect(cluster.write(0, 1).ended).toBe(true);
      expect(cluster.read(0)).toBe(1);
      expect(cluster.flights()).toEqual([]);
    });
    expect(cluster.flights()).toHaveLength(2);
  });

  test('waits together for what it depends on, and asks for that once', () => {
    const cluster = new Cluster();
    cluster.write(0, 'cause', 'z');
    cluster.drop({ to: 2 });
    cluster.deliver({ to: 1 });
    cluster.read(1, 'z');
    cluster.inOneTurn(() => {
      for (const key of ['x', 'y']) cluster.write(1, 'effect', key);
    });
    cluster.deliver({ from: 1, to: 2 });
    expect([cluster.read(2, 'x'), cluster.read(2, 'y')]).toEqual([undefined, undefined]);
    expect(cluster.flights({ from: 2 }).map(({ message }) => message.type)).toEqual(['compare']);
    cluster.settle();
    expect([cluster.read(2, 'x'), cluster.read(2, 'y'), cluster.read(2, 'z')]).toEqual([
      'effect',
      'effect',
      'cause',
    ]);
  });

  test('lets go on what waited for a part of it', () => {
    const cluster = new Cluster();
    cluster.inOneTurn(() => {
      for (const key of ['x', 'y']) cluster.write(0, 'cause', key);
    });
    cluster.deliver({ to: 1 });
    cluster.read(1, 'x');
    cluster.write(1, 'effect', 'z');
    cluster.deliver({ from: 1, to: 2 });
    expect(cluster.read(2, 'z')).toBe(undefined);
    cluster.deliver({ from: 0, to: 2 });
    expect([cluster.read(2, 'y'), cluster.read(2, 'z')]).toEqual(['cause', 'effect']);
  });

  test('is not applied again where some of it came before', () => {
    const cluster = new Cluster();
    cluster.inOneTurn(() => {
      for (const n of [1, 2, 3]) cluster.write(0, n);
    });
    cluster.duplicate({ to: 1 });
    cluster.tellLoss(0, 1);
    cluster.settle();
    expect(cluster.at(1).journal.applied).toEqual([3, 0, 0]);
    expect(cluster.woken[1]).toEqual(['x', 'x', 'x']);
  });

  test('leaves before anything else that its member says', () => {
    const cluster = new Cluster({ size: 2 });
    cluster.write(0, 'lost');
    cluster.drop();
    cluster.write(0, 'early');
    cluster.deliver({ to: 1 });
    cluster.inOneTurn(() => {
      cluster.write(0, 1);
      cluster.write(0, 2);
      cluster.deliver({ to: 0, type: 'compare' });
      const types = cluster.flights({ from: 0 }).map(({ message }) => message.type);
      expect([types[0], types.at(-1)]).toEqual(['updates', 'compare']);
    });
    expect(cluster.flights({ from: 0, type: 'updates' })).toHaveLength(1);
  });

  test('leaves when the turn ends, though its member repeats before: what finds no room then is not missed', () => {
    const cluster = new Cluster({ size: 2 });
    cluster.inOneTurn(() => {
      cluster.write(0, 1);
      cluster.repeat(0, 1);
      expect(cluster.flights().map(({ message }) => message.type)).toEqual(['compare']);
    });
    expect(cluster.flights().map(({ message }) => message.type)).toEqual(['compare', 'update']);
    cluster.settle();
    expect(cluster.read(1)).toBe(1);
  });

  test('travels in messages of a bounded size', () => {
    const cluster = new Cluster({ size: 2 });
    cluster.inOneTurn(() => {
      for (const key of ['a', 'b', 'c']) cluster.write(0, 'v'.repeat(30_000), key);
      cluster.write(0, 'v'.repeat(200_000), 'd');
    });
    const types = cluster.flights().map(({ message }) => message.type);
    expect(types).toEqual(['updates', 'update', 'update']);
    cluster.settle();
    expect([...cluster.at(1).keys()]).toEqual(['a', 'b', 'c', 'd']);
  });

  test('travels in several messages where it is many deletes', () => {
    const cluster = new Cluster({ size: 2 });
    cluster.inOneTurn(() => {
      for (let n = 0; n < 10_000; n += 1) cluster.delete(0, `key ${n}`);
    });
    const sizes = cluster.flights().map(({ message }) => encodedLength(message));
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(66_000);
    cluster.settle();
    expect(cluster.at(1).journal.applied).toEqual([10_000, 0]);
  });

  test('is held by others all at once, where it is acknowledged', () => {
    const cluster = new Cluster({ acknowledgements: 1 });
    const writes: ReturnType<Cluster['write']>[] = [];
    cluster.inOneTurn(() => {
      for (const key of ['x', 'y']) writes.push(cluster.write(0, 1, key));
    });
    expect(writes.map(({ ended }) => ended)).toEqual([false, false]);
    cluster.deliver({ to: 1 });
    cluster.deliver({ to: 0 });
    expect(writes.map(({ ended }) => ended)).toEqual([true, true]);
  });

  test('goes to those who do not subscribe without the values', () => {
    const cluster = new Cluster({ subscriptions: { x: ['m0', 'm1'] } });
    cluster.inOneTurn(() => {
      cluster.write(0, 'secret', 'x');
      cluster.write(0, 'open', 'y');
    });
    const valuesTo = (to: number) =>
      cluster
        .flights({ to, type: 'updates' })
        .flatMap(({ message }) => (message.type === 'updates' ? message.updates : []))
        .map(({ key, value }) => [key, value !== undefined]);
    expect(valuesTo(1)).toEqual([
      ['x', true],
      ['y', true],
    ]);
    expect(valuesTo(2)).toEqual([
      ['x', false],
      ['y', true],
    ]);
    cluster.settle();
    expect([cluster.read(1, 'x'), cluster.read(2, 'y')]).toEqual(['secret', 'open']);
  });
});

test('what was applied is said when the turn ends, with what was written in it', () => {
  const cluster = new Cluster({ size: 2 });
  cluster.inOneTurn(() => {
    for (let n = 0; n < 40; n += 1) cluster.write(0, n);
  });
  cluster.inOneTurn(() => {
    cluster.deliver({ to: 1 });
    cluster.write(1, 'mine', 'y');
  });
  expect(cluster.flights({ from: 1 }).map(({ message }) => [message.type, message.applied])).toEqual([
    ['update', [40, 1]],
  ]);
});

function encodedLength(message: Message): number {
  const writer = new Writer();
  codec.encode(message, writer);
  return writer.length;
}
