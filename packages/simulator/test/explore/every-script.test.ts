import { expect, test } from 'vitest';
import { scriptsOf } from '../../src/explore/script.js';
import { explore, exploreEvery, parseScript } from '../../src/index.js';
import { Primary, primary } from './fixtures/primary.js';

const deeds = ['r', 'w', 'c', 'd'];

test('each script is explored as by itself, and what members do in several of them runs once', () => {
  let handled = 0;
  class Counting extends Primary {
    override receive(...met: Parameters<Primary['receive']>): void {
      handled += 1;
      super.receive(...met);
    }
  }
  const subject = { protocol: primary(Counting) };
  let states = 0;
  for (const script of scriptsOf(3, 2, deeds)) {
    states += explore(subject, { script: parseScript(script), members: 3 }).states;
  }
  const apart = handled;
  handled = 0;
  expect(exploreEvery(subject, 3, 2, deeds)).toEqual({ states, complete: true });
  expect(handled).toBeLessThan(apart / 4);
});

test('the first script that breaks something is named', () => {
  class Careless extends Primary {
    override holds(): boolean {
      return true;
    }
  }
  const { script, complete, violation } = exploreEvery({ protocol: primary(Careless) }, 3, 2, ['r', 'c']);
  expect(complete).toBe(false);
  expect(violation?.property).toBe('linearizable');
  expect(script).toBe(' c |  c | ');
});
