import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attiyaRegister } from '@dsm/attiya-register';
import { inspection } from '@dsm/attiya-register/inspection';
import { conformance } from '@dsm/conformance';
import { transportConformance } from '@dsm/conformance/transport';
import { tcp } from '../src/index.js';

const subject = {
  transport: () => tcp(),
  module: new URL('../dist/index.js', import.meta.url).href,
  factory: 'tcp',
};

transportConformance('TCP', subject);

transportConformance('unix sockets', {
  ...subject,
  freeAddress: async () => `unix://${join(tmpdir(), `dsm-${randomUUID().slice(0, 13)}.sock`)}`,
});

conformance({ protocol: attiyaRegister(), inspection }, { worlds: ['transport'], transport: () => tcp() });
