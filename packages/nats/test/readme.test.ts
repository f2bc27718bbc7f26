import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Member } from './fixtures/member.js';
import { installed, NatsServer } from './fixtures/nats-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The first example of a page. */
function exampleOf(path: string): string {
  const [, example = ''] =
    /```js\n([\s\S]*?)```/.exec(readFileSync(new URL(path, import.meta.url), 'utf8')) ?? [];
  return example;
}

const ids = ['a', 'b', 'c'];

function started(text: string): Member[] {
  const members = ids.map((id) => new Member(text, id));
  for (const member of members) closing.push(() => member.kill());
  return members;
}

describe.skipIf(!installed)('the examples', { timeout: 60_000 }, () => {
  test('that of the first page runs unchanged, but for the import and one word', async () => {
    const server = await NatsServer.start();
    closing.push(() => server.stop());
    const example = exampleOf('../../../README.md');
    const swapped = example
      .replace("{ attiyaRegister, join } from '@dsm/attiya-register'", "{ join, nats } from '@dsm/nats'")
      .replace('join(attiyaRegister(),', `join(nats({ servers: '${server.url}' }),`);
    expect(swapped).not.toContain('attiya');
    for (const member of started(swapped)) {
      const seen = () =>
        new Set(
          member.output
            .trim()
            .split('\n')
            .map((line) => line.replace(/^\w+ sees /, '')),
        );
      const wanted = new Set(ids.map((id) => `greeting from ${id} hello`));
      await expect.poll(seen, { timeout: 20_000 }).toEqual(wanted);
    }
  });

  test('that of this package runs', async () => {
    const server = await NatsServer.start();
    closing.push(() => server.stop());
    const text = exampleOf('../README.md').replace('nats://127.0.0.1:4222', server.url);
    for (const member of started(text)) {
      await expect.poll(() => member.output, { timeout: 20_000 }).toMatch(/the counter is at 3\n$/);
    }
  });
});
