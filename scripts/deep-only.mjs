/** Files that `npm test` leaves to `npm run test:deep`: what takes long and says little to who has just changed a line. */
export const exclude = process.env.DSM_DEEP ? [] : ['**/*.deep.test.ts', '**/*.deep.test.mjs'];
