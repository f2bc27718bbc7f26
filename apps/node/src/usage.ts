/** What the process says when it ends. */
export const exits = { legal: 0, illegal: 1, undecided: 2, usage: 64 } as const;

/** The command was called in a way that it does not understand, or with something it cannot read. */
export class UsageError extends Error {}
