// Property tests try the same cases each time, and others when DSM_SEED_OFFSET says so, as `npm run test:deep` does.
import fc from 'fast-check';

fc.configureGlobal({ seed: 1 + Number(process.env.DSM_SEED_OFFSET ?? 0) });
