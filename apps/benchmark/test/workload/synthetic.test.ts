import { describe, expect, it } from 'vitest';
import { workloadNames, workloadOf } from '../../src/workload/catalogue.js';
import { KeySpace, scatter } from '../../src/workload/key-space.js';
import { Mix } from '../../src/workload/mix.js';
import { sharesOf } from '../../src/workload/twitter.js';
import { clusters } from '../../src/workload/twitter-clusters.js';
import type { Step } from '../../src/workload/workload.js';

const place = { member: 1, members: 3, clients: 9, seed: 5 };

function stepsOf(name: string, count: number): Step[] {
  const feed = workloadOf({ name, size: { keys: 1_000 } }).feed(place);
  return Array.from({ length: count }, () => feed.next(1) as Step);
}

function sharesIn(steps: readonly Step[]): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const { action } of steps) shares[action] = (shares[action] ?? 0) + 1 / steps.length;
  return shares;
}

describe('the YCSB workloads', () => {
  const published = {
    'ycsb-a': { read: 0.5, write: 0.5 },
    'ycsb-b': { read: 0.95, write: 0.05 },
    'ycsb-c': { read: 1 },
    'ycsb-d': { read: 0.95, insert: 0.05 },
    'ycsb-f': { read: 0.5, modify: 0.5 },
  };
  for (const [name, mix] of Object.entries(published)) {
    it(`${name} has the published mix`, () => {
      const shares = sharesIn(stepsOf(name, 40_000));
      expect(Object.keys(shares).sort()).toEqual(Object.keys(mix).sort());
      for (const [action, share] of Object.entries(mix)) expect(shares[action]).toBeCloseTo(share, 1.9);
    });
  }

  it('draws the most popular key about as often as the exponent 0.99 says', () => {
    const counts = new Map<number, number>();
    for (const { key } of stepsOf('ycsb-c', 50_000)) counts.set(key, (counts.get(key) ?? 0) + 1);
    const total = Array.from({ length: 1_000 }, (_, rank) => (rank + 1) ** -0.99).reduce((a, b) => a + b);
    expect(Math.max(...counts.values()) / 50_000).toBeCloseTo(1 / total, 2);
  });

  it('inserts keys that no other member inserts, and then reads the latest most', () => {
    const feed = workloadOf({ name: 'ycsb-d', size: { keys: 1_000 } }).feed(place);
    const inserted: number[] = [];
    const read: number[] = [];
    for (let draw = 0; draw < 20_000; draw++) {
      const step = feed.next(1) as Step;
      if (step.action === 'read') read.push(step.key);
      else {
        inserted.push(step.key);
        feed.inserted?.(step.key);
      }
    }
    expect(new Set(inserted).size).toBe(inserted.length);
    for (const key of inserted) expect((key - 1_000) % 3).toBe(1);
    expect(read.slice(-1_000).filter((key) => key >= 1_000).length).toBeGreaterThan(900);
    expect(Math.max(...read)).toBeLessThanOrEqual(Math.max(...inserted));
  });
});

describe('the Twitter workloads', () => {
  it('all have a published mix of about 1 and actions for all of it', () => {
    expect(clusters.size).toBe(53);
    for (const [number, cluster] of clusters) {
      const total = [...sharesOf(cluster).values()].reduce((sum, share) => sum + share, 0);
      expect(total, `twitter-${number}`).toBeGreaterThan(0.96);
      expect(total, `twitter-${number}`).toBeLessThan(1.02);
      expect(() => workloadOf({ name: `twitter-${number}`, size: {} })).not.toThrow();
    }
  });

  it('takes sizes from the cluster unless they are given', () => {
    expect(workloadOf({ name: 'twitter-52', size: {} })).toMatchObject({ keyBytes: 20, valueBytes: 273 });
    expect(workloadOf({ name: 'twitter-52', size: { valueBytes: 50 } }).valueBytes).toBe(50);
  });

  it('says what needs a compare-and-swap, what a prepend is, and where no exponent is known', () => {
    expect(workloadOf({ name: 'twitter-52', size: {} }).swaps).toEqual(['add', 'cas']);
    expect(workloadOf({ name: 'twitter-23', size: {} }).swaps).toEqual(['incr']);
    expect(workloadOf({ name: 'twitter-53', size: {} }).notes).toEqual(['prepend is a plain write']);
    expect(workloadOf({ name: 'twitter-43', size: {} }).notes[0]).toMatch(/no Zipf exponent/);
  });

  it('draws deletes, creations and exchanges as often as published', () => {
    const shares = sharesIn(stepsOf('twitter-52', 40_000));
    expect(shares.read).toBeCloseTo(0.93 / 0.99, 1.9);
    expect(shares.create).toBeCloseTo(0.04 / 0.99, 1.9);
    expect(shares.exchange).toBeCloseTo(0.02 / 0.99, 1.9);
    expect(sharesIn(stepsOf('twitter-14', 40_000)).delete).toBeCloseTo(0.22, 1.9);
  });
});

describe('every workload of the catalogue', () => {
  it('gives steps for keys that exist, other ones for other members and seeds', () => {
    for (const name of workloadNames) {
      for (const { key, action, bytes } of stepsOf(name, 50)) {
        expect(Number.isInteger(key) && key >= 0, name).toBe(true);
        expect(bytes).toBeGreaterThan(0);
        if (action !== 'insert') expect(key, name).toBeLessThan(2_000);
      }
    }
    const keys = (member: number, seed: number): number[] => {
      const feed = workloadOf({ name: 'ycsb-a', size: {} }).feed({ ...place, member, seed });
      return Array.from({ length: 10 }, () => (feed.next(0) as Step).key);
    };
    expect(keys(0, 1)).toEqual(keys(0, 1));
    expect(keys(0, 1)).not.toEqual(keys(1, 1));
    expect(keys(0, 1)).not.toEqual(keys(0, 2));
  });

  it('is not one that nobody knows', () => {
    expect(() => workloadOf({ name: 'ycsb-e', size: {} })).toThrow(RangeError);
    expect(() => workloadOf({ name: 'twitter-5', size: {} })).toThrow(RangeError);
  });
});

describe('Mix', () => {
  it('scales shares that do not add up to 1', () => {
    const mix = new Mix(
      new Map([
        ['read', 0.5],
        ['write', 0.3],
      ] as const),
    );
    expect(mix.at(0)).toBe('read');
    expect(mix.at(0.62)).toBe('read');
    expect(mix.at(0.63)).toBe('write');
    expect(mix.at(0.999_999)).toBe('write');
  });
});

describe('keys', () => {
  it('have the length of the workload, and are all different', () => {
    const keys = new KeySpace(23);
    expect(keys.nameOf(42)).toBe('user0000000000000000042');
    expect(keys.nameOf(2 ** 40)).toHaveLength(23);
    expect(new KeySpace(0).nameOf(42_932_745)).toBe('user42932745');
  });

  it('get one rank each', () => {
    for (const size of [1, 2, 7, 1_000, 10_007]) {
      const keyOf = scatter(size);
      expect(new Set(Array.from({ length: size }, (_, rank) => keyOf(rank))).size).toBe(size);
    }
  });
});
