import { checkLinearizable } from '@dsm/checker';
import { type MemberProcess, Processes, progress } from '@dsm/conformance/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const timeout = 90_000;
const names = ['a', 'b', 'c'] as const;
const light = { count: 8, keys: 5, valueBytes: 20, writes: 0.5 };

let processes: Processes;
beforeEach(() => {
  const module = new URL('../dist/index.js', import.meta.url).href;
  processes = new Processes({ module, factory: 'readReplication' });
});
afterEach(() => processes.end());
