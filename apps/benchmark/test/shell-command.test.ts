import { describe, expect, it } from 'vitest';
import { shellCommandOf } from '../src/shell-command.js';

describe('shellCommandOf', () => {
  it('is what can be typed again', () => {
    expect(shellCommandOf([])).toBe('npm run bench');
    expect(shellCommandOf(['--members', '3', '--scale', 'keys=1..3,9'])).toBe(
      'npm run bench -- --members 3 --scale keys=1..3,9',
    );
    expect(shellCommandOf(['--protocols', 'token-coherence migrate', '--json', "it's.json", ''])).toBe(
      "npm run bench -- --protocols 'token-coherence migrate' --json 'it'\\''s.json' ''",
    );
  });
});
