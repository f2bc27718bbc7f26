import { describe, expect, it } from 'vitest';
import { dsm } from './fixtures/dsm.js';

const timeout = 120_000;

describe('dsm explore', { timeout }, () => {
  it('tries every order and exits 0', async () => {
    const { code, out } = await dsm(['explore', 'attiya-register', '--script', 'w | r']);
    expect(out).toMatch(
      /^attiya-register: w \| r: \d+ states in [\d.]+ s, all of them, and every property holds\n$/,
    );
    expect(code).toBe(0);
  });

  it('tries more where something may go wrong, or members are more', async () => {
    const states = async (...more: string[]) => {
      const { out } = await dsm(['explore', 'attiya-register', '--script', 'w', ...more]);
      return Number(/: (\d+) states/.exec(out)?.[1]);
    };
    const [usual, duplicate, members] = await Promise.all([
      states(),
      states('--duplicate', '1'),
      states('--members', '4'),
    ]);
    expect(duplicate).toBeGreaterThan(usual);
    expect(members).toBeGreaterThan(usual);
  });

  it('calls members what the options of a variant call them', async () => {
    // x belongs to a and b, y to b and c: both writes are ordered at b.
    const { code, out } = await dsm(['explore', 'total-order', '--script', 'wx | | wy', '--variant', '3']);
    expect([out, code]).toEqual([expect.stringMatching(/every property holds/), 0]);
  });

  it("draws the shortest way to a violation of a user's own protocol and exits 1", async () => {
    const { code, out } = await dsm(['explore', './half-quorum.mjs', '--script', 'w | r']);
    expect(out).toMatch(/^violation: a majority stores what was returned\n/);
    expect(out).toMatch(/The shortest way there, found after \d+ states/);
    expect(out).toContain('┏ ');
    expect(code).toBe(1);
  });

  it.each([
    ['no protocol', ['--script', 'w']],
    ['no script', ['attiya-register']],
    ['a script that is none', ['attiya-register', '--script', 'w | jump']],
    ['an operation that the protocol has not', ['attiya-register', '--script', 'c']],
    ['a variant that there is not', ['attiya-register', '--script', 'w', '--variant', '99']],
    ['too many faults', ['attiya-register', '--script', 'w', '--drop', '10']],
    ['an unknown property', ['attiya-register', '--script', 'w', '--property', 'beauty']],
    ['a module without subjects', ['./nothing.mjs', '--script', 'w']],
  ])('refuses %s with exit code 64 and the usage', async (_, args) => {
    const { code, err } = await dsm(['explore', ...args]);
    expect(err).toMatch(/^dsm: .*\n\nUsage: dsm/s);
    expect(code).toBe(64);
  });
});
