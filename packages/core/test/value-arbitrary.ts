import fc from 'fast-check';

const deep = Boolean(process.env.DSM_DEEP);

/** A quarter as many runs, or all of them when DSM_DEEP is set, and the time they may take on a slow machine. */
export const runs = (count: number): number => (deep ? count : Math.ceil(count / 4));
export const timeoutMs = deep ? 1_200_000 : 60_000;

const text = fc.string({ unit: 'grapheme' });
const bytes = fc.uint8Array({ maxLength: 80 });

const names = fc.oneof(
  text,
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', ''),
);

/** What `Float32Array` and the others hold, from any bytes: eight of them make a whole element of each. */
const buffers = fc
  .tuple(
    fc.constantFrom(
      ...[Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
      ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView, ArrayBuffer],
    ),
    fc.array(bytes, { maxLength: 3 }),
  )
  .map(([kind, parts]) => {
    const raw = new Uint8Array(parts.length * 8);
    for (const [index, part] of parts.entries()) raw.set(part.subarray(0, 8), index * 8);
    return kind === ArrayBuffer ? raw.buffer : new (kind as typeof DataView)(raw.buffer);
  });

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.integer(),
  fc.integer({ min: -300, max: 300 }),
  fc.maxSafeInteger(),
  fc.double(),
  text,
  fc.string({ unit: 'grapheme', minLength: 20, maxLength: 400 }),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.date({ noInvalidDate: true }),
  bytes,
  buffers,
);

/** Everything a value may be. */
export const values: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 20 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 8 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 8 }).map((members) => new Set(members)),
  ),
})).value;
