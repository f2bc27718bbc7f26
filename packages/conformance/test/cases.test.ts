import { memoryNetwork } from '@dsm/core';
import { expect, test } from 'vitest';
import { type ConformanceOptions, casesFor } from '../src/index.js';
import { orderedServer } from './fixtures/ordered-server.js';
import { singleServer } from './fixtures/single-server.js';

const subject = { protocol: singleServer() };

test('every title is there once, and begins with the name of its case', () => {
  const cases = casesFor(subject);
  expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
  for (const { name, title } of cases) expect(title.startsWith(`${name} [`)).toBe(true);
});

test('what does not apply is there, and its title says why', () => {
  const name = 'compareAndSwap compares by structure';
  const swap = casesFor(subject, { sizes: [1, 2, 3, 5] }).filter((one) => one.name === name);
  // Four sizes in one process, two of them over sockets.
  expect(swap).toHaveLength(6);
  for (const { title, skipped } of swap) {
    expect(skipped).toBe('single-server has no compare-and-swap');
    expect(title).toContain('(skipped: single-server has no compare-and-swap)');
  }
});

test('protocols have the same cases, whatever they promise', () => {
  const namesOf = (cases: ReturnType<typeof casesFor>) => new Set(cases.map(({ name }) => name));
  expect(namesOf(casesFor(subject))).toEqual(namesOf(casesFor({ protocol: orderedServer() })));
});

test('the manifest chooses which of them run', () => {
  const run = (cases: ReturnType<typeof casesFor>) =>
    new Set(cases.filter(({ skipped }) => skipped === undefined).map(({ name }) => name));
  const plain = run(casesFor(subject));
  const more = run(casesFor({ protocol: orderedServer() }));
  const swaps = 'of swaps that race from one value exactly one wins';
  expect([plain.has(swaps), more.has(swaps)]).toEqual([false, true]);
  const every = 'a watch of every change shows each one, in one order';
  expect([plain.has(every), more.has(every)]).toEqual([false, true]);
  const script = "every order of 'c | c' keeps all properties";
  expect([plain.has(script), more.has(script)]).toEqual([false, true]);
});

test('a case is left out by name everywhere, by title in one place', () => {
  const name = 'a member reads its own writes';
  const left = casesFor(subject, { sizes: [1, 3], leaveOut: { [name]: 'it is known' } }).filter(
    (one) => one.name === name,
  );
  expect(left.map(({ skipped }) => skipped)).toEqual(Array(4).fill('it is known'));
  const title = `${name} [in-process, 3 members]`;
  const once = casesFor(subject, { leaveOut: { [title]: 'it is known' } }).filter((one) => one.name === name);
  expect(once.filter(({ skipped }) => skipped !== undefined).map((one) => one.title)).toEqual([
    `${title} (skipped: it is known)`,
  ]);
});

test('a case that is skipped anyhow may be left out, for a reason of its own', () => {
  const name = 'compareAndSwap compares by structure';
  const [one] = casesFor(subject, { leaveOut: { [name]: 'later' } }).filter((each) => each.name === name);
  expect(one?.skipped).toBe('later');
});

test.each<[string, ConformanceOptions, RegExp]>([
  [
    'a name that no case has',
    { leaveOut: { 'a case that was renamed': 'why not' } },
    /a case that was renamed/,
  ],
  [
    'a name in a world that is not asked for',
    { worlds: ['zeromq'], leaveOut: { 'no seed of the simulator breaks a property': 'slow' } },
    /no seed of the simulator/,
  ],
  ['a case without a reason', { leaveOut: { 'a member reads its own writes': ' ' } }, /say why/],
  ['a world that there is not', { worlds: ['moon' as 'zeromq'] }, /moon/],
  ['the world of a transport without one', { worlds: ['transport'] }, /transport/],
  ['no size', { sizes: [] }, /sizes/],
  ['half a member', { sizes: [0.5] }, /sizes/],
  ['no seed', { seeds: 0 }, /seeds/],
  ['no patience', { patienceMs: Number.NaN }, /patienceMs/],
  ['a script that is none', { scripts: ['w | x'] }, /'x'/],
])('%s is an error', (_, options, message) => {
  expect(() => casesFor(subject, options)).toThrow(message);
});

test('worlds, sizes, scripts and seeds are those asked for', () => {
  const placesOf = (options: ConformanceOptions) =>
    new Set(casesFor(subject, options).map(({ title }) => /\[([^\]]*)\]/.exec(title)?.[1]));
  expect(placesOf({ worlds: [], sizes: [2] })).toEqual(new Set(['replicas, 2 members']));
  expect(placesOf({ worlds: ['in-process'], sizes: [1, 5] })).toEqual(
    new Set(['replicas, 1 member', 'in-process, 1 member', 'in-process, 5 members']),
  );
  expect(placesOf({ worlds: ['zeromq'], sizes: [1, 2, 3, 5] })).toContain('zeromq, 3 members');
  expect(placesOf({ worlds: ['zeromq'], sizes: [1, 2, 3, 5] })).not.toContain('zeromq, 5 members');
  expect(placesOf({ worlds: ['zeromq'], sizes: [2, 5] })).toContain('zeromq, 2 members');
  const given = { worlds: ['transport'], transport: memoryNetwork, sizes: [1, 2] } as const;
  expect(placesOf(given)).toContain('memory, 1 member');
  expect(placesOf({ ...given, worlds: ['explorer'] })).not.toContain('memory, 1 member');
  const names = casesFor(subject, { worlds: ['explorer', 'simulator'], scripts: ['w w | r'], seeds: 7 });
  expect(names.map(({ title }) => title).join('\n')).toMatch(/'w w \| r'[\s\S]*7 seeds/);
});
