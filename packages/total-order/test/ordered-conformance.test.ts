import { conformance } from '@dsm/conformance';
import { totalOrder } from '../src/index.js';
import { inspection } from '../src/inspection.js';

// Exploring is left to the tests of every order: three ordered operations have many.
conformance(
  { protocol: totalOrder({ reads: 'ordered' }), inspection },
  { worlds: ['in-process', 'explorer', 'simulator'], sizes: [3], seeds: 50 },
);
