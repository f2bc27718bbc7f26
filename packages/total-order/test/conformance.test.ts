import { conformance } from '@dsm/conformance';
import { totalOrder } from '../src/index.js';
import { inspection } from '../src/inspection.js';

conformance({ protocol: totalOrder(), inspection });
