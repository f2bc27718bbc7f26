import { conformance } from '@dsm/conformance';
import { causal } from '../src/index.js';
import { inspection } from '../src/inspection.js';

conformance({ protocol: causal(), inspection });
conformance(
  { protocol: causal({ acknowledgements: 1 }), inspection },
  { sizes: [3], worlds: ['in-process', 'simulator'] },
);
