import { transportConformance } from '@dsm/conformance/transport';
import { zeromq } from '@dsm/transport-zeromq';

transportConformance('ZeroMQ', {
  transport: () => zeromq(),
  module: '@dsm/transport-zeromq',
  factory: 'zeromq',
});
