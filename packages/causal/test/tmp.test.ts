import { runSeeds } from '@dsm/simulator';
import { expect, test } from 'vitest';
import { causal } from '../src/index.js';
import { inspection } from '../src/inspection.js';
test('x', { timeout: 600000 }, () => {
  const first = Number(process.env.FIRST ?? 1);
  const seeds = Number(process.env.SEEDS ?? 300);
  const r = runSeeds({ protocol: causal(), inspection } as any, { first, seeds, shrinks: false });
  console.log(r.sometimes, r.seeds, r.failure?.seed, r.failure?.property, r.failure?.detail);
  if (process.env.TEXT) console.log(r.failure?.text);
});
