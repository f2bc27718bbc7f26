/** A figure as people read it: no more digits than it is worth, `–` where there is none. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}

/** A ratio, such as `1.27 ×`. */
export function times(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)} ×` : '–';
}

/** Bytes as megabytes. */
export function megabytes(bytes: number): string {
  return `${figure(bytes / 1e6)} MB`;
}
