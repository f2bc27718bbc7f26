import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attiyaRegister } from '@dsm/attiya-register';
import { inspection } from '@dsm/attiya-register/inspection';
import { conformance } from '@dsm/conformance';
import { transportConformance } from '@dsm/conformance/transport';
import { afterAll } from 'vitest';
import { tcp } from '../src/index.js';

const subject = {
  transport: () => tcp(),
  module: new URL('../dist/index.js', import.meta.url).href,
  factory: 'tcp',
};

const folder = mkdtempSync(join(tmpdir(), 'dsm-tcp-'));
// Members that were killed leave their sockets behind.
afterAll(() => rmSync(folder, { recursive: true }));
let paths = 0;

transportConformance('unix sockets', {
  ...subject,
  freeAddress: async () => {
    paths += 1;
    return `unix://${join(folder, `${paths}.sock`)}`;
  },
});

conformance({ protocol: attiyaRegister(), inspection }, { worlds: ['transport'], transport: () => tcp() });
