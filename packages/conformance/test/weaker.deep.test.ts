import { expect, test } from 'vitest';
import { casesFor } from '../src/index.js';
import { failedBy } from './fixtures/verdict.js';
import { lastWriter, localCopies } from './fixtures/weaker.js';

// Sockets when there is time for them.
const few = { sizes: [3], worlds: ['in-process', 'explorer', 'simulator'] } as const;
const options = { ...(process.env.DSM_DEEP ? { sizes: [1, 3] } : few), seeds: 50, patienceMs: 15_000 };

test('copies that are read locally pass as sequentially consistent', async () => {
  expect(await failedBy(localCopies(), options)).toEqual(new Map());
});

test('and fail as linearizable, in every world that can tell', async () => {
  const protocol = localCopies({ consistency: 'linearizable' });
  const patienceMs = 1_000;
  const inProcess = await failedBy(protocol, { ...options, worlds: ['in-process'], patienceMs });
  expect([...inProcess.keys()]).toContain(
    'pending operations of all members give a history that is promised',
  );
  const explored = await failedBy(protocol, { worlds: ['explorer'], scripts: ['| w | r'], sizes: [1] });
  expect([...explored.keys()]).toContain("every order of '| w | r' keeps all properties");
  const simulated = await failedBy(protocol, { worlds: ['simulator'], sizes: [1], seeds: 200 });
  expect([...simulated.keys()]).toEqual(['no seed of the simulator breaks a property']);
});

test('a store in which the last writer wins passes, since it promises nothing but to agree', async () => {
  expect(await failedBy(lastWriter(), options)).toEqual(new Map());
});

test('what is not promised is not asked, and says so', () => {
  const reasons = new Map(
    casesFor({ protocol: lastWriter() }, options).map(({ name, skipped }) => [name, skipped]),
  );
  expect(reasons.get('an operation out of reach ends with DSM_TIMEOUT')).toBe(
    'writes of last-writer are local',
  );
  expect(reasons.get('what promises to survive a crash does')).toBe('last-writer survives no crash');
  expect(reasons.get('a suspended member says DSM_UNAVAILABLE, and recovers')).toContain('go on alone');
  expect(reasons.get('what a watch yields is what a read could have returned')).toContain(
    'every history is legal',
  );
});
