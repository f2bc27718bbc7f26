import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PortTaken, withFreePorts } from '../src/free-ports.js';
import { MemberFailure, MemberProcess } from '../src/member-process.js';
import { Progress } from '../src/progress.js';

class FakeChild extends EventEmitter {
  readonly sent: unknown[] = [];

  send(order: unknown): boolean {
    this.sent.push(order);
    return true;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function started() {
  const child = new FakeChild();
  return { child, member: new MemberProcess('a', child as unknown as ChildProcess) };
}

describe('MemberProcess', () => {
  it('gives the answer to an order', async () => {
    const { child, member } = started();
    const asked = member.ask({ kind: 'preload' }, 1_000);
    expect(child.sent).toEqual([{ kind: 'preload' }]);
    child.emit('message', { kind: 'done', answer: null });
    expect(await asked).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up a member that does nothing, but not one that makes progress', async () => {
    const { child, member } = started();
    const asked = member.ask({ kind: 'preload' }, 1_000).catch((error: unknown) => error);
    for (const performed of [5, 10, 15]) {
      await vi.advanceTimersByTimeAsync(900);
      child.emit('message', { kind: 'progress', performed });
    }
    expect(member.performed).toBe(15);
    await vi.advanceTimersByTimeAsync(900);
    child.emit('message', { kind: 'progress', performed: 15 });
    await vi.advanceTimersByTimeAsync(100);
    expect(await asked).toMatchObject({
      name: 'MemberFailure',
      message: 'member a: nothing happened for 1 s after the order to preload',
    });
  });

  it('fails with what the member met, or when it ends', async () => {
    const { child, member } = started();
    const failed = member.ask({ kind: 'preload' }, 1_000).catch((error: unknown) => error);
    child.emit('message', { kind: 'failed', message: 'taken', code: 'DSM_ADDRESS_IN_USE' });
    expect(await failed).toMatchObject({ message: 'member a: taken', code: 'DSM_ADDRESS_IN_USE' });
    const ended = member.ask({ kind: 'mark', open: false }, 1_000).catch((error: unknown) => error);
    child.emit('exit', null, 'SIGKILL');
    expect(await ended).toMatchObject({ message: 'member a: its process ended with SIGKILL' });
    await expect(member.ask({ kind: 'mark', open: false }, 1_000)).rejects.toThrow(MemberFailure);
  });
});

describe('withFreePorts', () => {
  it('tries other ports when one was taken, but not for ever, and not after another error', async () => {
    vi.useRealTimers();
    let attempts = 0;
    const taken = async (): Promise<never> => {
      attempts += 1;
      throw new PortTaken('taken');
    };
    await expect(withFreePorts(1, taken)).rejects.toThrow(PortTaken);
    expect(attempts).toBe(3);
    const once = async (ports: readonly number[]): Promise<readonly number[]> =>
      attempts++ === 3 ? taken() : ports;
    const ports = await withFreePorts(4, once);
    expect(new Set(ports).size).toBe(4);
    await expect(withFreePorts(1, () => Promise.reject(new Error('other')))).rejects.toThrow('other');
  });
});

describe('Progress', () => {
  it('writes one line on a terminal, and nothing elsewhere', () => {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 30, write: (text: string) => written.push(text) };
    const terminal = new Progress(stream as unknown as NodeJS.WriteStream);
    terminal.show('measuring', 0.256);
    terminal.show('x'.repeat(100));
    terminal.clear();
    expect(written).toEqual(['\r\x1b[Kmeasuring 26 %', `\r\x1b[K${'x'.repeat(29)}`, '\r\x1b[K']);
    const pipe = new Progress({ ...stream, isTTY: false } as unknown as NodeJS.WriteStream);
    pipe.show('measuring', 0.5);
    pipe.clear();
    expect(written).toHaveLength(3);
  });
});
