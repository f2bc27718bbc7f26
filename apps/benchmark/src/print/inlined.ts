import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the page needs from elsewhere, so that it can be put into it. */
export interface Inlined {
  readonly style: string;
  readonly script: string;
  readonly licence: string;
}

/** uPlot as it is installed, and the built script that draws with it. */
export function inlined(): Inlined {
  const installed = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const drawing = fileURLToPath(new URL('../../dist/print/page/draw.js', import.meta.url));
  return {
    style: read(installed, 'dist/uPlot.min.css'),
    script: `${read(installed, 'dist/uPlot.iife.min.js')}\n${read(drawing)}`,
    licence: read(installed, 'LICENSE'),
  };
}

function read(...path: string[]): string {
  const text = readFileSync(join(...path), 'utf8');
  if (/<\/(?:script|style)|-->/i.test(text)) throw new Error(`${join(...path)} cannot stand in a page.`);
  return text.trim();
}
