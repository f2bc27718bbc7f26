import { conformance } from '@dsm/conformance';
import { readReplication } from '../src/index.js';
import { inspection } from '../src/inspection.js';

// The rest does not depend on what becomes of copies.
conformance(
  { protocol: readReplication({ policy: 'update' }), inspection },
  { sizes: [3], worlds: ['in-process', 'explorer', 'simulator'] },
);
