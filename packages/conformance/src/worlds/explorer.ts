import assert from 'node:assert/strict';
import type { Guarantees } from '@dsm/core';
import { drawText, explore, parseScript, type Scenario, type Script, type Subject } from '@dsm/simulator';
import type { Draft } from '../case.js';
import { uncheckable } from '../face/recorder.js';
import type { Settings } from '../options.js';

const members = 3;

interface Exercise {
  readonly script: string;
  readonly crashes?: number;
}

const exercises: readonly Exercise[] = [
  { script: 'w | r r' },
  { script: 'w | w' },
  { script: 'w | r | r' },
  { script: 'c | c' },
  { script: 'w | r r', crashes: 1 },
  { script: 'w | w', crashes: 1 },
];

/** Every order of events of small scripts on three members. */
export function explorerCases(subject: Subject, { worlds, scripts }: Settings): Draft[] {
  if (!worlds.has('explorer')) return [];
  const usual = exercises.map(({ script }) => script);
  const further = [...new Set(scripts)].filter((script) => !usual.includes(script));
  const all: Exercise[] = [...exercises, ...further.map((script) => ({ script }))];
  return all.map((exercise) => draft(subject, exercise));
}

/** Throws `ScriptError` for a script that cannot be read. */
function draft(subject: Subject, { script: text, crashes = 0 }: Exercise): Draft {
  const script = parseScript(text);
  return {
    name: `every order of '${text}'${crashes > 0 ? ' with one crash' : ''} keeps all properties`,
    where: `explorer, ${members} members`,
    skipped: excuse(subject.protocol.guarantees, script, crashes),
    run: () => tryAll(subject, { script, members, crashes }),
  };
}

function excuse(guarantees: Guarantees, script: Script, crashes: number): string | undefined {
  const { compareAndSwap, survives } = guarantees;
  const swaps = script.flat(2).some(({ does }) => does === 'swap');
  if (swaps && !compareAndSwap) return 'there is no compare-and-swap';
  if (crashes > 0 && survives === 'none') return 'no crash is survived';
  return uncheckable(guarantees);
}

function tryAll(subject: Subject, scenario: Scenario): void {
  const { complete, states, violation } = explore(subject, scenario);
  if (violation !== undefined) {
    assert.fail(`${violation.property}: ${violation.detail}\n${drawText(violation.story)}`);
  }
  assert.ok(complete, `not all orders were tried: it was given up after ${states} states`);
  assert.ok(states > 1, 'nothing happened');
}
