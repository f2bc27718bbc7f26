/** The callbacks of one signal, and how to stop listening to it. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly unlisten: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back once when the signal is aborted, until the returned function is called. However many wait for a signal,
 * it has one listener: many operations share a signal, and Node.js warns of a leak beyond ten listeners.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  // A callback of its own for each call, so that one given twice is called twice.
  const own = () => callback();
  waiting.callbacks.add(own);
  return () => {
    waiting.callbacks.delete(own);
    if (waiting.callbacks.size > 0 || waitingFor.get(signal) !== waiting) return;
    waitingFor.delete(signal);
    waiting.unlisten();
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const onEvent = () => {
    waitingFor.delete(signal);
    for (const callback of callbacks) callback();
  };
  signal.addEventListener('abort', onEvent, { once: true });
  const waiting = { callbacks, unlisten: () => signal.removeEventListener('abort', onEvent) };
  waitingFor.set(signal, waiting);
  return waiting;
}
