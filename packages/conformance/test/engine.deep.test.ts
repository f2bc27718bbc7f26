import { describe, expect, test } from 'vitest';
import { engineCases, outageCases } from '../src/engine/index.js';
import { lineEngine } from './fixtures/line-engine.js';
import { type Defect, LineServer } from './fixtures/line-server.js';

interface Try {
  readonly name: string;
  readonly skipped?: string | undefined;
  run(): Promise<void>;
}

/** What the cases of these names complain of, by name. */
async function failedBy(cases: readonly Try[], only?: string): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const { name, skipped, run } of cases) {
    if (skipped !== undefined || (only !== undefined && name !== only)) continue;
    await run().catch((error: unknown) => failed.set(name, String(error)));
  }
  return failed;
}

async function failedAtServer(defect: Defect | undefined, only?: string): Promise<Map<string, string>> {
  const server = await LineServer.start(defect);
  const subject = { engine: (port: number) => lineEngine(port, defect), port: () => server.port };
  const options = { sizes: [2], patienceMs: defect === undefined ? 15_000 : 500 };
  try {
    return await failedBy(engineCases(subject, options), only);
  } finally {
    await server.stop();
  }
}

function failedInOutages(defect: Defect | undefined, only?: string): Promise<Map<string, string>> {
  const engine = (port: number) => lineEngine(port, defect);
  const cases = outageCases({ engine, start: () => LineServer.start(defect) }, defect ? 1_500 : undefined);
  return failedBy(cases, only);
}

/** By defect, a case that must notice it. */
const noticed: Partial<Record<Defect, string>> = {
  'swaps without comparing': 'of swaps that race from one value exactly one wins',
  'deletes nothing': 'a deleted key is absent, and can be written again',
  'tells nobody': 'a watch yields the current entry first, then the newest',
  'gives one version to all': 'a version names one write',
  'lists nothing': 'keys() lists what was written and leaves out what was deleted',
  'answers before it writes': 'a member reads its own writes',
};

const noticedInOutages: Partial<Record<Defect, string>> = {
  'tells nobody': 'a watch goes on when the server has been restarted',
  'forgets when killed': 'what is begun while the server is away waits, and is done when it is back',
  'calls what is unknown a failure': 'writes in flight when the server dies are of unknown outcome, at once',
  'never hears that it is alone': 'writes in flight when the server dies are of unknown outcome, at once',
  'lists nothing': 'a listener hears what vanished while its client was cut off',
};

describe('the suite of clients of a server', { timeout: 120_000 }, () => {
  test('finds nothing wrong with a sound one but what is about groups', async () => {
    const failed = await failedAtServer(undefined);
    expect([...failed.keys()]).toEqual(['status is that of a group that is complete']);
  });

  for (const [defect, name] of Object.entries(noticed)) {
    test(`notices one that ${defect}`, async () => {
      expect([...(await failedAtServer(defect as Defect, name)).keys()]).toEqual([name]);
    });
  }
});

describe('the suite of outages', { timeout: 120_000 }, () => {
  test('finds nothing wrong with a sound client', async () => {
    expect([...(await failedInOutages(undefined))]).toEqual([]);
  });

  for (const [defect, name] of Object.entries(noticedInOutages)) {
    test(`notices one that ${defect}`, async () => {
      expect([...(await failedInOutages(defect as Defect, name)).keys()]).toEqual([name]);
    });
  }
});
