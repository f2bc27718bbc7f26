import { conformance } from '@dsm/conformance';
import { attiyaRegister } from '../src/index.js';
import { inspection } from '../src/inspection.js';

conformance({ protocol: attiyaRegister(), inspection });

// Whose members are busy whatever they do. What the explorer can exhaust of that is in `exhaustive.test.ts`.
if (process.env.DSM_DEEP) {
  conformance(
    { protocol: attiyaRegister({ busyRounds: 0 }), inspection },
    {
      worlds: ['in-process', 'zeromq', 'simulator'],
      leaveOut: {
        'the seeds meet every situation that the inspection names': 'writers that are busy do not probe',
      },
    },
  );
}
