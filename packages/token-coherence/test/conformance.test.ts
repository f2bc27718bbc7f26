import { conformance } from '@dsm/conformance';
import { tokenCoherence } from '../src/index.js';
import { inspection } from '../src/inspection.js';

conformance({ protocol: tokenCoherence(), inspection });
