import { type ExpectStatic, expect } from 'vitest';
import type { MemberProcess } from './member-process.js';

/** Operations that a member has completed. */
export async function completed(member: MemberProcess): Promise<number> {
  const { operations } = (await member.metrics()) as {
    operations: Record<'read' | 'write', { ok: number }>;
  };
  return operations.read.ok + operations.write.ok;
}

/** Waits until the member has completed so many operations more than now. Concurrent tests pass their `expect`. */
export async function progress(
  member: MemberProcess,
  count: number,
  see: ExpectStatic = expect,
): Promise<void> {
  const before = await completed(member);
  await see.poll(() => completed(member), { timeout: 20_000 }).toBeGreaterThan(before + count);
}
