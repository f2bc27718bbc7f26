import { describe, expect, test } from 'vitest';
import { Catalogue } from '../../src/memory/catalogue.js';
import { Watcher } from '../../src/memory/watcher.js';

/** A catalogue whose listings the test answers, and the keys that its watcher was woken for. */
function stage() {
  const listings: { answer: (keys: readonly string[]) => void; fail: () => void; awaited: () => boolean }[] =
    [];
  const watcher = new Watcher(
    { pattern: 'user:*', everyMax: undefined },
    {
      read: () => new Promise(() => undefined),
      entry: () => ({}) as never,
      passesOver: () => false,
      forget: () => undefined,
    },
  );
  const woken: string[] = [];
  watcher.wake = (key) => woken.push(key);
  const prefixes: string[] = [];
  const catalogue = new Catalogue(watcher, {
    list: (prefix, awaited) => {
      prefixes.push(prefix);
      return new Promise((resolve, reject) => {
        listings.push({ answer: resolve, fail: () => reject(new Error('no answer')), awaited });
      });
    },
    pause: async () => undefined,
  });
  return { catalogue, watcher, woken, listings, prefixes };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const version = (key: string, at: string) => ({ key, value: undefined, version: at });

describe('a catalogue', () => {
  test('wakes for what there is, and for what there was', async () => {
    const { catalogue, woken, listings, prefixes } = stage();
    void catalogue.renew(true);
    listings[0]?.answer(['user:1', 'user:2']);
    await turn();
    expect([woken.splice(0), prefixes]).toEqual([['user:1', 'user:2'], ['user:']]);
    void catalogue.renew(true);
    listings[1]?.answer(['user:3']);
    await turn();
    expect(woken.toSorted()).toEqual(['user:1', 'user:2', 'user:3']);
  });

  test('wakes for what there was at once, and again for what became known before it was listed', async () => {
    const { catalogue, woken, listings } = stage();
    catalogue.seen(version('user:1', 'v'));
    void catalogue.renew(true);
    expect(woken.splice(0)).toEqual(['user:1']);
    // It may have been read before the change that nobody told of.
    catalogue.seen(version('user:2', 'v'));
    listings[0]?.answer(['user:1', 'user:2']);
    await turn();
    expect(woken).toEqual(['user:2']);
  });

  test('wakes nobody for what a listener begins with', async () => {
    const { catalogue, woken, listings } = stage();
    void catalogue.renew(false);
    listings[0]?.answer(['user:1']);
    await turn();
    expect([woken, catalogue.size]).toEqual([[], 1]);
  });

  test('forgets what is absent, so that keys may come and go without end', () => {
    const { catalogue } = stage();
    for (let n = 0; n < 1_000; n += 1) {
      catalogue.seen(version(`user:${n}`, 'v'));
      expect(catalogue.size).toBe(1);
      catalogue.seen(version(`user:${n}`, ''));
    }
    expect(catalogue.size).toBe(0);
  });

  test('asks again until it is answered, and not once its watcher has ended', async () => {
    const { catalogue, watcher, woken, listings } = stage();
    void catalogue.renew(true);
    listings[0]?.fail();
    await turn();
    listings[1]?.fail();
    await turn();
    expect(listings.length).toBe(3);
    watcher.end();
    listings[2]?.answer(['user:1']);
    await turn();
    expect(woken).toEqual([]);
    void catalogue.renew(true);
    expect(listings.length).toBe(3);
  });

  test('takes the newest of two listings', async () => {
    const { catalogue, woken, listings } = stage();
    void catalogue.renew(false);
    void catalogue.renew(true);
    expect(listings.map(({ awaited }) => awaited())).toEqual([false, true]);
    listings[1]?.answer(['user:2']);
    await turn();
    expect(woken.splice(0)).toEqual(['user:2']);
    listings[0]?.answer(['user:1']);
    await turn();
    expect(woken).toEqual([]);
  });
});
