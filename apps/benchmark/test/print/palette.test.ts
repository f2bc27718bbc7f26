import { describe, expect, it } from 'vitest';
import { colours, dashes, marksOf, papers } from '../../src/print/palette.js';

type Channels = readonly [red: number, green: number, blue: number];

/** The light that a colour sends, per channel. */
function linear(colour: string): Channels {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** What arrives with each kind of colour blindness: G. Machado, M. Oliveira, L. Fernandes, IEEE TVCG 15(6), 2009. */
const eyes: Readonly<Record<string, readonly Channels[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** A colour in CIELAB as an eye sees it. */
function seen(colour: string, eye: readonly Channels[]): Channels {
  const light = linear(colour);
  const [r, g, b] = eye.map((row) =>
    Math.min(1, Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2])),
  ) as unknown as Channels;
  const root = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each(['light', 'dark'] as const)('colours on %s paper', (scheme) => {
  it('stand out from it', () => {
    for (const colour of colours) expect(contrast(colour[scheme], papers[scheme])).toBeGreaterThan(3);
  });

  it.each(Object.keys(eyes))('can be told apart with %s', (name) => {
    const eye = eyes[name] ?? [];
    for (const [index, one] of colours.entries()) {
      for (const other of colours.slice(index + 1)) {
        const [a, b] = [seen(one[scheme], eye), seen(other[scheme], eye)];
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        expect(distance, `${one[scheme]} and ${other[scheme]}`).toBeGreaterThan(25);
      }
    }
  });
});

describe('marksOf', () => {
  it('gives one system one colour over all transports, with different patterns', () => {
    const marks = marksOf(['a over zeromq', 'b over zeromq', 'a over tcp'].map((system) => ({ system })));
    expect([...marks.values()]).toEqual([
      { colour: 0, pattern: 0 },
      { colour: 1, pattern: 0 },
      { colour: 0, pattern: 1 },
    ]);
  });

  it('gives no mark twice while there are any', () => {
    const systems = Array.from({ length: colours.length * dashes.length }, (_, index) => ({
      system: `s${index}`,
    }));
    const marks = [...marksOf(systems).values()].map(({ colour, pattern }) => `${colour} ${pattern}`);
    expect(new Set(marks).size).toBe(systems.length);
  });
});
