import { BlockList, isIP } from 'node:net';
import { checked } from '@dsm/conformance/chance';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLoopbackHost } from '../src/loopback-host.js';

test.each([
  '127.0.0.1',
  '127.255.0.9',
  'localhost',
  'LOCALHOST',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '0::0001',
  '[::0:1]',
])('%s is this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

test.each([
  '',
  '126.0.0.1',
  '128.0.0.1',
  '127.0.0',
  '127.0.0.256',
  '127.0.0.1.example',
  '127.example',
  'localhost.example',
])("'%s' is taken for another one", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

test('of addresses it says what the system says', () => {
  const known = new BlockList();
  known.addSubnet('127.0.0.0', 8, 'ipv4');
  known.addAddress('::1', 'ipv6');
  const group = fc.constantFrom('', '0', '00', '1', '0001', '2', '127');
  const four = fc.array(fc.constantFrom('0', '1', '01', '126', '127', '255', '256'), {
    minLength: 4,
    maxLength: 4,
  });
  const texts = fc.oneof(
    four.map((parts) => parts.join('.')),
    fc.array(group, { minLength: 2, maxLength: 9 }).map((parts) => parts.join(':')),
  );
  const property = fc.property(texts, (text) => {
    const version = isIP(text);
    fc.pre(version !== 0);
    expect(isLoopbackHost(text), text).toBe(known.check(text, version === 4 ? 'ipv4' : 'ipv6'));
  });
  fc.assert(property, checked(2_000));
});
