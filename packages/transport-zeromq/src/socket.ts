import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventType, Observer, Readable, Socket } from 'zeromq';
import type { ZeromqCounts } from './counts.js';

/**
 * Receives until the socket is closed, at most `framesPerTurn` messages before it lets the rest of the program run:
 * without a limit, a busy peer starves the sends and the application of this process. Begins in the next turn, when
 * whoever opens the socket has it in hand. Never rejects.
 */
export async function receiveAll(
  socket: Readable & Socket,
  framesPerTurn: number,
  receive: (parts: Buffer[]) => void,
  counts: ZeromqCounts,
): Promise<void> {
  for (let received = 0; !socket.closed; received += 1) {
    if (received % framesPerTurn === 0) await nextTurn();
    const parts = await next(socket);
    if (parts === undefined || socket.closed) continue;
    tell(() => receive(parts), counts);
  }
}

/** Calls code that is not ours: what it throws is counted, and stops nothing here. */
export function tell(event: () => void, counts: ZeromqCounts): void {
  try {
    event();
  } catch {
    counts.faults += 1;
  }
}

/** What who connects asks whom it has reached. No frame has two parts, and only who is connected to itself hears it. */
export const whoIsThere: readonly string[] = ['', ''];

export function asksWhoIsThere(parts: readonly Buffer[]): boolean {
  return parts.length === 2 && parts.every(({ byteLength }) => byteLength === 0);
}

/** The one frame that a message of this transport consists of, if that is what it is. */
export function soleFrame(parts: readonly Buffer[], bytesMax: number): Buffer | undefined {
  const [frame] = parts;
  return parts.length === 1 && frame !== undefined && frame.byteLength <= bytesMax ? frame : undefined;
}

async function next(socket: Readable & Socket): Promise<Buffer[] | undefined> {
  try {
    return await socket.receive();
  } catch {
    // A receive under way fails when the socket is closed. Anything else may pass, but must not keep this turn busy.
    if (!socket.closed) await nextTurn();
    return undefined;
  }
}

/**
 * Reports what becomes of a socket's connections. Resolves when the closed socket has released its address and its
 * last connection, which happens on another thread some time after `close`. Never rejects.
 *
 * Must begin before the socket binds or connects, and must go on: ZeroMQ's thread waits for a monitor that is not read.
 */
export async function watchConnections(
  socket: Socket,
  report: (type: EventType) => void,
  counts: ZeromqCounts,
): Promise<void> {
  const observer = socket.events;
  while (!observer.closed) {
    const type = await nextEvent(observer);
    if (type !== undefined) tell(() => report(type), counts);
  }
}

async function nextEvent(observer: Observer): Promise<EventType | undefined> {
  try {
    return (await observer.receive()).type;
  } catch {
    if (!observer.closed) await nextTurn();
    return undefined;
  }
}
