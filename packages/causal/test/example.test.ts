import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../examples/alice-bob/main.mjs', import.meta.url));

/** What the example prints, by member. */
async function played(args: readonly string[], input = ''): Promise<Record<string, string[]>> {
  const child = spawn(process.execPath, [program, ...args]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(0);
  const said: Record<string, string[]> = { one: [], two: [], three: [], others: [] };
  for (const line of output.trim().split('\n')) {
    const [, member = 'others', text = line] = /^(one|two|three) +(.*)$/.exec(line) ?? [];
    said[member]?.push(text);
  }
  return said;
}

describe('Alice and Bob', { timeout: 60_000 }, () => {
  test('"glad" arrives at the third data centre before "found", and waits', async () => {
    const { one, two, three } = await played([]);
    expect(two).toEqual(['time 1  "lost" is shown', 'time 2  "found" is shown', 'time 3  "glad" is written']);
    expect(one?.slice(0, 2)).toEqual(['time 1  "lost" is written', 'time 2  "found" is written']);
    expect(three).toEqual([
      'time 1  "lost" is shown',
      'time 3  "glad" arrives, and waits for what it depends on',
      'time 2  "found" is shown',
      'time 3  "glad" is shown',
    ]);
  });

  test('take commands', async () => {
    const commands = [
      'glad',
      'found',
      'lost',
      'wait 0.1',
      'found',
      'wait 0.1',
      'glad',
      'wait 1.5',
      'dance',
      'quit',
    ];
    const { one, two, three, others } = await played(['--interactive'], commands.join('\n'));
    expect(others).toEqual([
      'lost, found, glad, wait N, quit',
      'Bob has not read that it was found.',
      'Alice has lost nothing.',
      "There is no 'dance'.",
    ]);
    expect(one).toContain('time 2  "found" is written');
    expect(two?.at(-1)).toBe('time 3  "glad" is written');
    const shown = three?.filter((text) => text.endsWith('is shown'));
    expect(shown).toEqual(['time 1  "lost" is shown', 'time 2  "found" is shown', 'time 3  "glad" is shown']);
    expect(three).toContain('time 3  "glad" arrives, and waits for what it depends on');
  });
});
