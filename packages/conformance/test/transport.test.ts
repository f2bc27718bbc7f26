import { zeromq } from '@dsm/transport-zeromq';
import { transportConformance } from '../src/transport/index.js';

transportConformance('ZeroMQ', {
  transport: () => zeromq(),
  module: import.meta.resolve('@dsm/transport-zeromq'),
  factory: 'zeromq',
});
