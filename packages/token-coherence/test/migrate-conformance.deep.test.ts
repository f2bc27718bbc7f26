import { conformance } from '@dsm/conformance';
import { tokenCoherence } from '../src/index.js';
import { migrateInspection as inspection } from '../src/inspection.js';

conformance({ protocol: tokenCoherence({ writes: 'migrate' }), inspection });
