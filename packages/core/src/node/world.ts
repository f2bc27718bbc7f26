/** Time, chance and the turn of the event loop: all that a node takes from outside besides its transport. */
export interface World {
  /** Milliseconds that never run backwards. */
  now(): number;
  /** A whole number from 1 to 2^53 - 1 that nobody can guess. */
  random(): number;
  /** Calls once after the delay, unless cancelled. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls once when this turn of the event loop has been worked off, microtasks included. */
  afterTurn(callback: () => void): void;
}

type Immediate = (callback: () => void) => unknown;

/** The world as it is, in Node.js, browsers and workers. */
export function realWorld(): World {
  // A microtask would run before an application that awaits a few times has asked for its next operation: batches of 2.
  const immediate = (globalThis as { setImmediate?: Immediate }).setImmediate;
  // Looking it up is a call of its own in Node.js.
  const clock = performance;
  return {
    now: () => clock.now(),
    random: drawn,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    afterTurn: immediate ?? afterMessage(),
  };
}

function drawn(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}

/** Where there is no `setImmediate`: a message to oneself, which browsers do not delay as they do timers. */
function afterMessage(): Immediate {
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
}
