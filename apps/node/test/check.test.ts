import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dsm, dsmProcess } from './fixtures/dsm.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dsm-check-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = { client: 'a', op: 'write', key: 'x', value: 1, start_ns: 0, end_ns: 10 };
const read = { client: 'b', op: 'read', key: 'x', value: 1, start_ns: 20, end_ns: 30 };
const lines = (...operations: object[]) =>
  operations.map((operation) => `${JSON.stringify(operation)}\n`).join('');

describe('dsm check', () => {
  it('says legal and exits 0', async () => {
    await writeFile(join(folder, 'legal.jsonl'), lines(write, read));
    const { code, out } = await dsm(['check', 'legal.jsonl'], { folder });
    expect(out).toBe('legal: linearizable, 2 operations on 1 keys were checked\n');
    expect(code).toBe(0);
  });

  it('says illegal, draws the counter-example and exits 1', async () => {
    const stale = { ...read, value: undefined };
    const { code, out } = await dsm(['check', '-'], { input: lines(write, stale) });
    expect(out).toMatch(/^illegal: /);
    expect(out).toContain('[write 1]');
    expect(code).toBe(1);
  });

  it.each([['linearizable'], ['sequential'], ['causal']])(
    'calls an empty history undecided under the model %s and exits 2',
    async (model) => {
      const { code, out } = await dsm(['check', '-', '--model', model]);
      expect(out).toMatch(new RegExp(`^unknown: ${model}, 0 operations on 0 keys`));
      expect(code).toBe(2);
    },
  );

  describe('judges by the model that is asked for', () => {
    const at = (client: string, op: string, value: number | undefined, start_ns: number) => ({
      client,
      op,
      key: 'x',
      value,
      start_ns,
      end_ns: start_ns + 1,
    });
    const stale = [write, { ...read, value: undefined }];
    const crossed = [
      at('a', 'write', 1, 0),
      at('b', 'write', 2, 2),
      at('a', 'read', 2, 10),
      at('b', 'read', 1, 12),
    ];
    const replaced = [
      ...stale.slice(0, 1),
      at('a', 'write', 2, 20),
      at('b', 'read', 2, 30),
      at('b', 'read', 1, 40),
    ];

    it.each([
      ['a stale read', stale, 'linearizable', 1],
      ['a stale read', stale, 'sequential', 0],
      ['a stale read', stale, 'causal', 0],
      ['two sessions that disagree about two writes', crossed, 'sequential', 1],
      ['two sessions that disagree about two writes', crossed, 'causal', 1],
      ['a session that goes back', replaced, 'sequential', 1],
      ['a session that goes back', replaced, 'causal', 1],
      ['an undecided cas', [{ ...write, op: 'cas', ok: true }], 'causal', 2],
      ['a cas', [{ ...write, op: 'cas', ok: true }], 'sequential', 0],
    ])('%s (%#)', async (_, history, model, expected) => {
      const { code, out } = await dsm(['check', '-', '--model', model], { input: lines(...history) });
      expect(code).toBe(expected);
      const operations = expected === 2 ? 0 : history.length;
      const verdict = ['legal', 'illegal', 'unknown'][expected];
      expect(out.split('\n')[0]).toBe(
        `${verdict}: ${model}, ${operations} operations on 1 keys were checked`,
      );
      expect(out.includes('[write 1]')).toBe(expected === 1);
    });
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['explode']],
    ['no file', ['check']],
    ['two files', ['check', 'a', 'b']],
    ['an unknown option', ['check', '-', '--fast']],
    ['a model without a checker', ['check', '-', '--model', 'quantum']],
    ['a model without a name', ['check', '-', '--model']],
    ['a file that is not there', ['check', 'nowhere.jsonl']],
  ])('refuses %s with exit code 64 and the usage', async (_, args) => {
    const { code, err } = await dsm(args);
    expect(err).toMatch(/^dsm: .*\n\nUsage: dsm/s);
    expect(code).toBe(64);
  });

  it('names the line of what is not a history', async () => {
    const { code, err } = await dsm(['check', '-'], { input: `${lines(write)}not json\n` });
    expect(err).toContain('line 2');
    expect(code).toBe(64);
  });

  it.each([
    ['a file of the folder that the user stands in', ['check', 'history.jsonl'], '', 0],
    ['its standard input', ['check', '-'], lines(write, { ...read, value: undefined }), 1],
    ['nothing it was told of', [], '', 64],
  ])('as a process reads %s and ends with the exit code', async (_, args, input, expected) => {
    await writeFile(join(folder, 'history.jsonl'), lines(write, read));
    const { code, out, err } = await dsmProcess(args, { folder, input });
    expect(code).toBe(expected);
    expect([out, err].map((text) => text !== '')).toEqual([expected !== 64, expected === 64]);
  });

  it('prints the usage when asked', async () => {
    const { code, out } = await dsm(['--help']);
    expect(out).toMatch(/^Usage: dsm/);
    expect(code).toBe(0);
  });
});
