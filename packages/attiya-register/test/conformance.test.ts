import { conformance } from '@dsm/conformance';
import { attiyaRegister } from '../src/index.js';
import { inspection } from '../src/inspection.js';

conformance({ protocol: attiyaRegister(), inspection });
