import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { WrongUsage } from '../src/options.js';
import { assertWritable, writeAll } from '../src/outputs.js';
import { Command } from './command.js';

const directory = mkdtempSync(join(tmpdir(), 'dsm-outputs-'));
const command = new Command();
afterAll(() => {
  rmSync(directory, { recursive: true });
  command.remove();
});

const json = (file: string | undefined) => ({ option: '--json', file: file && join(directory, file) });

describe('assertWritable', () => {
  it('refuses a folder that is not there, and what is a folder, and names the option', () => {
    expect(() => assertWritable([json('none/out.json')])).toThrow(WrongUsage);
    expect(() => assertWritable([json('none/out.json')])).toThrow(/^--json could not be written: ENOENT/);
    mkdirSync(join(directory, 'folder'));
    expect(() => assertWritable([json(undefined), json('folder')])).toThrow(/^--json .* EISDIR/);
  });

  it('changes nothing: neither what is in a file, nor that there is none', () => {
    writeFileSync(join(directory, 'old.json'), 'of yesterday');
    assertWritable([json('old.json'), json('new.json')]);
    expect(readFileSync(join(directory, 'old.json'), 'utf8')).toBe('of yesterday');
    expect(existsSync(join(directory, 'new.json'))).toBe(false);
  });
});

describe('writeAll', () => {
  it('writes what it can, and says what it could not', () => {
    const page = { option: '--report', file: join(directory, 'page.html'), content: () => '<p>' };
    const drawn = {
      ...page,
      file: join(directory, 'other.html'),
      content: () => {
        throw new Error('no ink');
      },
    };
    const complaints = writeAll([{ ...json('none/out.json'), content: () => '{}' }, drawn, page]);
    expect(complaints).toEqual([
      expect.stringMatching(/^--json could not be written: ENOENT/),
      '--report could not be written: no ink',
    ]);
    expect(readFileSync(page.file, 'utf8')).toBe('<p>');
  });
});

describe('the command', () => {
  it('measures nothing where it could not write it down', async () => {
    const { status, printed, complained } = await command.tiny('--report', 'none/out.html');
    expect(status).toBe(64);
    expect(printed).toBe('');
    expect(complained).toMatch(/^benchmark: --report could not be written: ENOENT.*\nSee --help\.\n$/);
  });
});
