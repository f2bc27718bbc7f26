import { expect, test } from 'vitest';
import { boundsFrom, clockFrom } from '../../src/load/clock.js';

test('bounds enclose the exact time, and are closer to each other than any operation is long', () => {
  const origin = process.hrtime.bigint();
  const exact = clockFrom(origin);
  const { notAfter, notBefore } = boundsFrom(origin);
  let closest = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 10_000; look++) {
    const [earliest, now, latest] = [notAfter(), exact(), notBefore()];
    expect(earliest).toBeLessThanOrEqual(now);
    expect(latest).toBeGreaterThanOrEqual(now);
    closest = Math.min(closest, latest - earliest);
  }
  expect(closest).toBeLessThan(10_000);
});
