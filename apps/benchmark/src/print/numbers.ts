/** A figure as people read it: no more digits than it is worth, `–` where there is none. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}

/** A ratio, such as `1.27 ×`. */
export function times(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value < 9.995 ? `${value.toFixed(2)} ×` : `${figure(value)} ×`;
}

/** Bytes as megabytes. */
export function megabytes(bytes: number): string {
  return Number.isFinite(bytes) ? `${figure(bytes / 1e6)} MB` : '–';
}

/** Microseconds in the unit in which people think of them, such as `146 µs` or `2.35 ms`. */
export function duration(us: number): string {
  if (!Number.isFinite(us)) return '–';
  if (us < 1_000) return `${us.toLocaleString('en', { maximumSignificantDigits: 3 })} µs`;
  const [value, unit] = us < 1_000_000 ? [us / 1_000, 'ms'] : [us / 1_000_000, 's'];
  return `${value.toLocaleString('en', { maximumSignificantDigits: 3 })} ${unit}`;
}

/** The date and the time of day of what ISO 8601 has, such as `2026-01-02 03:04 UTC`. */
export function dateOf(iso: string): string {
  return iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*Z$/, '$1 $2 UTC');
}

/** Names as a person lists them: `a, b and c`. */
export function listed(names: readonly string[], word = 'and'): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}
