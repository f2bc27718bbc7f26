import fc from 'fast-check';
import type { Moment, Story } from '../../src/story.js';

interface Step {
  readonly kind: number;
  readonly one: number;
  readonly other: number;
  readonly label: string;
}

const nasty = [
  '',
  ' ',
  '\n\t\u0000\u001b[31m',
  '<b a="1">&amp;\'</b>',
  ']]>',
  '日本語のラベル',
  '👩‍👩‍👧 e\u0301\u0301',
  '\ud800 \uffff \u202e',
  'x'.repeat(300),
  '字'.repeat(60),
];

export const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...nasty));
export const plainText = fc.stringMatching(/^[a-z]( ?[a-z=]){0,25}[a-z]$/);

/** Well-formed stories; without ends, every member lives for ever. */
export function tales(labels: fc.Arbitrary<string>, options: { ends?: boolean } = {}): fc.Arbitrary<Story> {
  const step = fc.record({ kind: fc.nat(11), one: fc.nat(1000), other: fc.nat(1000), label: labels });
  const steps = fc.array(step, { maxLength: 60 });
  return fc.tuple(fc.integer({ min: 1, max: 9 }), steps).map(([size, all]) => tale(size, all, options));
}

function tale(size: number, steps: readonly Step[], { ends = true }: { ends?: boolean }): Story {
  const moments: Moment[] = [];
  const flights: { flight: number; from: number; to: number; received: boolean }[] = [];
  const open: { at: number; operation: number }[] = [];
  const ended = new Set<number>();
  let numbers = 0;
  for (const { kind, one, other, label } of steps) {
    const at = one % size;
    const flight = flights[other % Math.max(1, flights.length)];
    if (kind <= 3 && !ended.has(at)) {
      const to = other % size;
      numbers += 1;
      flights.push({ flight: numbers, from: at, to, received: false });
      moments.push({ kind: 'send', at, to, flight: numbers, label });
    } else if (kind <= 7 && flight !== undefined && !ended.has(flight.to)) {
      flight.received = true;
      moments.push({ kind: 'receive', at: flight.to, from: flight.from, flight: flight.flight });
    } else if (kind === 8 && flight !== undefined && !flight.received) {
      flights.splice(flights.indexOf(flight), 1);
      moments.push({ kind: 'lose', flight: flight.flight });
    } else if (kind === 9 && !ended.has(at)) {
      numbers += 1;
      open.push({ at, operation: numbers });
      moments.push({ kind: 'invoke', at, operation: numbers, label });
    } else if (kind === 10 && open.length > 0) {
      const [span] = open.splice(other % open.length, 1);
      if (span !== undefined && !ended.has(span.at)) moments.push({ kind: 'return', ...span, label });
    } else if (kind === 11 && !ended.has(at)) {
      const last = ends && other % 4 === 0;
      if (last) ended.add(at);
      moments.push({ kind: 'event', at, label, ends: last });
    }
  }
  return { members: Array.from({ length: size }, (_, slot) => `m${slot}`), moments };
}
