import { conformance } from '@dsm/conformance';
import { totalOrder } from '../src/index.js';
import { inspection } from '../src/inspection.js';

// What exploring it shows, exhaustive.test.ts does.
conformance(
  { protocol: totalOrder({ reads: 'ordered' }), inspection },
  { worlds: ['in-process', 'simulator'], sizes: [3], seeds: 50 },
);
