import { describe, expect, it } from 'vitest';
import { ratesUpTo } from '../src/curve.js';
import { secondsExpected } from '../src/duration.js';
import { scaleOrderIn, settingsAt } from '../src/scales.js';
import { settings } from './settings.js';

describe('scaleOrderIn', () => {
  it('reads values and ranges, once each and in rising order', () => {
    expect(scaleOrderIn('members=9,1..3,2')).toEqual({ of: 'members', at: [1, 2, 3, 9] });
    expect(scaleOrderIn('value-bytes=16000000')).toEqual({ of: 'value-bytes', at: [16_000_000] });
  });

  const wrong = [
    'members',
    'members=',
    'members=0',
    'members=32',
    'members=1..32',
    'members=3..1',
    'clients=1.5',
  ];
  for (const text of [...wrong, 'clients=1..2..3', 'keys=1..1000', 'toString=1', 'keys=1=2', 'keys=x']) {
    it(`refuses ${text}`, () => expect(scaleOrderIn(text)).toBeTypeOf('string'));
  }

  it('says which rule was broken: that there are values, each within its bounds, and not too many', () => {
    expect(scaleOrderIn('members=')).toBe('"members=" has no values, such as members=1..9 or members=1,8,64');
    expect(scaleOrderIn('members=1..32')).toMatch(
      /^"1\.\.32" is neither a whole number from 1 to 31 nor a range/,
    );
    expect(scaleOrderIn('clients=1..1000')).toMatch(/^"clients=1\.\.1000" has more than 100 values/);
    expect(scaleOrderIn('keys=1..60,51..101')).toMatch(/has more than 100 values/);
    expect(scaleOrderIn('keys=1..60,41..100')).toMatchObject({ at: { length: 100 } });
    expect(scaleOrderIn('keys=1..100000000')).toMatch(/has more than 100 values/);
    expect(scaleOrderIn('keys=1=2')).toMatch(/more than one =/);
  });
});

describe('settingsAt', () => {
  it('grows one thing and leaves the others', () => {
    const { floor: _, ...same } = settings;
    expect(settingsAt(settings, 'members', 5)).toEqual({ ...same, floor: false, members: 5 });
    expect(settingsAt(settings, 'clients', 5)).toEqual({ ...same, floor: false, clients: 5 });
    expect(settingsAt(settings, 'keys', 5).workload).toEqual({ name: 'ycsb-b', size: { keys: 5 } });
    const larger = { name: 'ycsb-b', size: { keys: 7, valueBytes: 5 } };
    expect(settingsAt(settings, 'value-bytes', 5).workload).toEqual(larger);
  });
});

describe('ratesUpTo', () => {
  it('goes evenly beyond what a closed loop reached, in numbers one can read', () => {
    expect(ratesUpTo(100_123, 4)).toEqual([30_000, 60_100, 90_100, 120_000]);
  });
});

describe('secondsExpected', () => {
  it('grows with everything that is measured', () => {
    const plain = secondsExpected(settings, 2);
    expect(plain).toBeGreaterThan(2 * 3);
    expect(secondsExpected({ ...settings, rounds: 3 }, 2)).toBeCloseTo(plain * 3);
    for (const more of [
      { members: 9 },
      { curve: 4 },
      { entries: 9 },
      { scales: [{ of: 'members', at: [1] }] },
    ] as const) {
      expect(secondsExpected({ ...settings, ...more }, 2)).toBeGreaterThan(plain);
    }
    const large = { ...settings, scales: [{ of: 'members', at: [9] }] } as const;
    const small = { ...settings, scales: [{ of: 'members', at: [1] }] } as const;
    expect(secondsExpected(large, 2)).toBeGreaterThan(secondsExpected(small, 2));
  });
});
