import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../src/print/report.js';
import { fullOutcome } from './full-outcome.js';

const browser = 'chromium';
const limitMs = 60_000;

/** Without a network, a profile or anything that a browser does by itself. */
const quiet = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Whether a browser is here; where not, a visible line says what is not tried. */
function installed(): boolean {
  if (spawnSync(browser, ['--version']).error === undefined) return true;
  console.warn(`SKIPPED: ${browser} is not installed, so nobody sees whether the report draws its plots`);
  return false;
}

/** Runs in the page: what went wrong, what was drawn, and what a reader who points and clicks is shown. */
const watching = `<script>
const seen = { errors: [], requests: 0 };
addEventListener('error', ({ message }) => seen.errors.push(message));
addEventListener('unhandledrejection', ({ reason }) => seen.errors.push(String(reason)));
</script>`;
const looking = `<script type="module">
await new Promise((done) => setTimeout(done, 200));
const coloured = (canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) colours.add(data.slice(at, at + 3).join());
  return colours.size;
};
seen.canvases = [...document.querySelectorAll('[data-plot] canvas')].map(coloured);
const area = document.querySelector('[data-plot] .u-over');
const { left, top, width, height } = area.getBoundingClientRect();
for (let x = 0; x < width; x += 10) for (let y = 0; y < height; y += 10) {
  area.dispatchEvent(new PointerEvent('pointermove', { clientX: left + x, clientY: top + y }));
  const tip = area.querySelector('.tip');
  if (!tip.hidden) seen.tip = tip.textContent;
}
const button = document.querySelector('.legend button');
button.click();
seen.pressed = button.getAttribute('aria-pressed');
seen.hidden = [...button.closest('.plots').querySelectorAll('[data-plot]')].map(({ chart }) => !chart.series[1].show);
seen.requests = performance.getEntriesByType('resource').length;
seen.overflow = document.documentElement.scrollWidth > innerWidth;
document.body.textContent = JSON.stringify(seen);
</script>`;

interface Seen {
  readonly errors: readonly string[];
  /** How many colours each canvas has. */
  readonly canvases: readonly number[];
  readonly tip: string;
  readonly pressed: string;
  readonly hidden: readonly boolean[];
  readonly requests: number;
  readonly overflow: boolean;
}

describe.runIf(installed())('the report in a browser', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'dsm-report-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, maxRetries: 5 }));

  it.each([1280, 520])(
    'draws every plot without an error at a width of %i, and answers pointer and clicks',
    (width) => {
      const file = join(directory, `report-${width}.html`);
      const page = reportOf(fullOutcome);
      writeFileSync(
        file,
        page.replace('<body>', `<body>${watching}`).replace('</body>', `${looking}</body>`),
      );
      const profile = `--user-data-dir=${join(directory, `profile-${width}`)}`;
      const options = [
        ...quiet,
        profile,
        `--window-size=${width},900`,
        '--virtual-time-budget=5000',
        '--dump-dom',
      ];
      const dom = execFileSync(browser, [...options, pathToFileURL(file).href], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: limitMs / 2,
      });
      const seen = JSON.parse(/<body>(\{.*\})<\/body>/s.exec(dom)?.[1] ?? '{}') as Seen;
      expect(seen.errors).toEqual([]);
      expect(seen.canvases).toHaveLength(8);
      for (const colours of seen.canvases) expect(colours).toBeGreaterThan(3);
      expect(seen.tip).toMatch(/^attiya-register: \d+K → .* ms$/);
      expect([seen.pressed, seen.hidden]).toEqual(['false', [true, true]]);
      expect(seen.requests).toBe(0);
      expect(seen.overflow).toBe(false);
    },
    limitMs,
  );
});
