import { conformance } from '@dsm/conformance';
import { readReplication } from '../src/index.js';
import { inspection } from '../src/inspection.js';

conformance({ protocol: readReplication(), inspection });
