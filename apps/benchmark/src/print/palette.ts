import type { Run } from '../run.js';

/** How a system looks in every plot: a colour and, where colours are used up or belong together, a pattern. */
export interface Mark {
  readonly colour: number;
  readonly pattern: number;
}

/**
 * Colours for lines on light and on dark paper: the usual blue, orange and green with darker and lighter ones, moved
 * until people who see fewer colours can tell any two of them apart, and each stands out from the paper at 3 : 1.
 */
export const colours: readonly { readonly light: string; readonly dark: string }[] = [
  { light: '#024fc4', dark: '#6384d2' },
  { light: '#e26e1b', dark: '#e67924' },
  { light: '#00a067', dark: '#10cd7d' },
  { light: '#622d77', dark: '#9157ff' },
  { light: '#8f4116', dark: '#ffe339' },
  { light: '#002023', dark: '#e0fff4' },
  { light: '#b772a5', dark: '#d789b0' },
];

export const papers = { light: '#fcfcfd', dark: '#16181b' } as const;

/** Dashes of a line; the first pattern has none. */
export const dashes: readonly (readonly number[])[] = [[], [9, 4], [2, 4], [12, 3, 2, 3]];

/**
 * The marks of systems, in their order. The same system over two transports has one colour and two patterns; what comes
 * after the last colour begins anew with the next pattern.
 */
export function marksOf(runs: readonly Pick<Run, 'system'>[]): ReadonlyMap<string, Mark> {
  const families = [...new Set(runs.map(({ system }) => familyOf(system)))];
  const taken = colours.map(() => 0);
  const marks = new Map<string, Mark>();
  for (const { system } of runs) {
    if (marks.has(system)) continue;
    const colour = families.indexOf(familyOf(system)) % colours.length;
    const used = taken[colour] ?? 0;
    marks.set(system, { colour, pattern: used % dashes.length });
    taken[colour] = used + 1;
  }
  return marks;
}

/** A name without its transport. */
function familyOf(system: string): string {
  return system.replace(/ over \S+$/, '');
}

/** The colours as custom properties `--c0`, `--c1`… and the classes that choose one of them. */
export function paletteStyle(): string {
  const properties = (scheme: 'light' | 'dark'): string =>
    colours.map((colour, index) => `--c${index}: ${colour[scheme]};`).join(' ');
  const classes = colours.map((_, index) => `.c${index} { --c: var(--c${index}); }`).join(' ');
  return `:root { --paper: ${papers.light}; ${properties('light')} }
@media (prefers-color-scheme: dark) { :root { --paper: ${papers.dark}; ${properties('dark')} } }
${classes}`;
}
