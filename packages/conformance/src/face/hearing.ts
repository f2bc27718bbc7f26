import type { Face } from './stage.js';

/** What listeners at all members hear, a list each. */
export function hearing(members: readonly Face[], pattern: `${string}*`): unknown[][] {
  return members.map((memory) => {
    const heard: unknown[] = [];
    memory.onChange(pattern, ({ value }) => heard.push(value));
    return heard;
  });
}
