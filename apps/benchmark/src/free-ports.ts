import { freePorts } from '@dsm/conformance/free-ports';

/** Somebody else took a port between its being found free and its being used. */
export class PortTaken extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'PortTaken';
  }
}

const attemptsMax = 3;

/** Uses ports of loopback that were free a moment ago, all different; again with others if it throws `PortTaken`. */
export async function withFreePorts<T>(
  count: number,
  use: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await use(await freePorts(count));
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === attemptsMax) throw error;
    }
  }
}
