import { type Comparison, ratioNames, remarksOn } from '../comparison.js';
import { escaped, tableHtml } from '../html.js';
import { times } from '../numbers.js';

/** What has become of each system since an earlier run. */
export function comparisonSection(comparison: Comparison): string {
  const { earlier, changes } = comparison;
  const rows = changes.map(({ system, ratios }) => [
    escaped(system),
    ...ratioNames.map((name) => times(ratios[name])),
  ]);
  const table =
    rows.length === 0
      ? ''
      : tableHtml(`Figures now, divided by those of ${earlier}`, ['', ...ratioNames], rows);
  return `<section><h2>Compared with an earlier run</h2>
<p class="about">This run beside ${escaped(earlier)}. Above 1 × is better for operations and worse for latencies.</p>
${table}
<ul>${remarksOn(comparison)
    .map((remark) => `<li>${escaped(remark)}</li>`)
    .join('\n')}</ul></section>`;
}
