import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsFrom, WrongUsage } from '../src/options.js';
import { Command } from './command.js';
import { sampleOutcome } from './print/sample-outcome.js';

const command = new Command();
const { directory } = command;

afterAll(() => command.remove());

describe('--compare', () => {
  it('reads the earlier figures before anything is measured, from where the user stands', async () => {
    writeFileSync(join(directory, 'old.json'), JSON.stringify(sampleOutcome.outcome));
    const settings = await settingsFrom(['--compare', 'old.json'], { INIT_CWD: directory });
    expect(settings).toMatchObject({
      earlier: { commit: 'abc1234', runs: [{ system: 'attiya-register' }, {}, {}] },
    });
    expect(await settingsFrom([])).toMatchObject({ earlier: undefined });
  });

  it.each([
    ['none.json', undefined],
    ['foreign.json', '{"name": "something else"}'],
    ['broken.json', '{"runs": ['],
  ])('is wrong usage with %s', async (name, text) => {
    if (text !== undefined) writeFileSync(join(directory, name), text);
    const settings = settingsFrom(['--compare', name], { INIT_CWD: directory });
    await expect(settings).rejects.toThrow(WrongUsage);
    await expect(settings).rejects.toThrow(`${name} is no JSON output of the benchmark`);
  });

  it('exits with 64 at a file that is something else', async () => {
    writeFileSync(join(directory, 'list.json'), '[]');
    const { status, printed, complained } = await command.run('--compare', 'list.json');
    expect(status).toBe(64);
    expect(printed).toBe('');
    expect(complained).toMatch(/^benchmark: --compare: .*list\.json is no JSON output of the benchmark/);
  });

  it('prints ratios to the earlier run below the table, and in the report', async () => {
    writeFileSync(join(directory, 'old.json'), JSON.stringify(sampleOutcome.outcome));
    const { status, printed, complained } = await command.tiny(
      ...'--members 1 --rounds 1 --seconds 0.1 --curve 2 --weigh 300 --no-verify'.split(' '),
      ...'--compare old.json --report report.html --json now.json'.split(' '),
    );
    expect(status, complained).toBe(0);
    expect(printed).toMatch(/\nnow, divided by the run of 2026-01-02 03:04 UTC \(commit abc1234\):\n/);
    expect(printed).toMatch(/^attiya-register +[\d.,]+ ×/m);
    expect(printed).toContain('The ratios say little');
    expect(printed).toContain('attiya-register was legal then and is unchecked now.');
    expect(readFileSync(join(directory, 'report.html'), 'utf8')).toContain('Compared with an earlier run');
  });
});
