import { expect, test } from 'vitest';
import { DsmError, errorCodes } from '../src/error.js';

test('an error says its code, its outcome and its cause', () => {
  const cause = new Error('why');
  const error = new DsmError('DSM_TIMEOUT', 'too late', { outcome: 'unknown', cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'DsmError',
    code: 'DSM_TIMEOUT',
    message: 'too late',
    outcome: 'unknown',
    cause,
  });
  expect(String(error)).toBe('DsmError: too late');
});

test('an outcome is not-applied unless said otherwise, and a cause is absent', () => {
  const error = new DsmError('DSM_CLOSED', 'closed', { cause: undefined });
  expect(error.outcome).toBe('not-applied');
  expect('cause' in error).toBe(false);
});

test('is recognises errors of any copy of the package, by code too', async () => {
  const copy = `${'../src/error.js'}?copy`;
  const other = ((await import(copy)) as { DsmError: typeof DsmError }).DsmError;
  const error = new other('DSM_STORE', 'from a copy');
  expect(error).not.toBeInstanceOf(DsmError);
  expect(DsmError.is(error)).toBe(true);
  expect(DsmError.is(error, 'DSM_STORE')).toBe(true);
  expect(DsmError.is(error, 'DSM_CLOSED')).toBe(false);
});

test.each([undefined, null, 'DSM_CLOSED', new Error('DSM_CLOSED'), { code: 'DSM_CLOSED' }])(
  'is recognises nothing else: %s',
  (error) => expect(DsmError.is(error)).toBe(false),
);

test('every code is documented in a sentence', () => {
  for (const [code, sentence] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^DSM_[A-Z_]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
