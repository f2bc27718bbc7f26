import { transportConformance } from '@dsm/conformance/transport';
import { tcp } from '../src/index.js';

transportConformance('TCP', {
  transport: () => tcp(),
  module: new URL('../dist/index.js', import.meta.url).href,
  factory: 'tcp',
});
