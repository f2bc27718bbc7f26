import type { Key } from '@dsm/core';
import type { Api } from './api.js';
import { Feed } from './feed.js';
import type { Names } from './names.js';

interface SubjectsAnswer {
  readonly total?: number;
  readonly state: { readonly subjects?: Readonly<Record<string, number>> | null };
}

export interface ListingParts {
  readonly api: Api;
  readonly stream: string;
  readonly names: Names;
  /** Whether the last message of a key is a value. */
  readonly present: (key: Key) => Promise<boolean>;
}

/**
 * The keys with a prefix that are there. The server knows at one moment which subjects it has, markers of deleted keys
 * among them; a feed then tells which is which. What is overwritten before it was told is told later.
 */
export async function list(parts: ListingParts, prefix: string): Promise<Iterable<Key>> {
  const missing = await subjectsOf(parts, prefix);
  const found = new Set<Key>();
  if (missing.size === 0) return found;
  const complete = new Promise<void>((resolve, reject) => {
    const { api, stream, names } = parts;
    const told = (subject: string, absent: boolean) => {
      const key = names.keyIn(subject);
      if (key === undefined || !missing.delete(key)) return;
      if (!absent) found.add(key);
      if (missing.size === 0) resolve();
    };
    // What is still missing was removed by somebody, or it was not told.
    const rest = () => resolve();
    Feed.open(
      api,
      { stream, subjects: names.all, from: 'last_per_subject' },
      { told, missed: rest, idle: rest },
    )
      .then((feed) => {
        feed.closed.then(() => reject(new Error('the connection broke under a listing')), reject);
        complete.finally(() => feed.close()).catch(() => undefined);
      })
      .catch(reject);
  });
  await complete;
  await Promise.all([...missing].map(async (key) => (await parts.present(key)) && found.add(key)));
  return found;
}

/** The keys with a prefix that the bucket has a message of. */
async function subjectsOf({ api, stream, names }: ListingParts, prefix: string): Promise<Set<Key>> {
  const keys = new Set<Key>();
  let seen = 0;
  for (;;) {
    const { state, total = 0 } = await api.ask<SubjectsAnswer>(`STREAM.INFO.${stream}`, {
      subjects_filter: names.all,
      offset: seen,
    });
    const subjects = Object.keys(state.subjects ?? {});
    for (const subject of subjects) {
      const key = names.keyIn(subject);
      if (key?.startsWith(prefix)) keys.add(key);
    }
    seen += subjects.length;
    // The server gives pages, of 100,000 subjects usually.
    if (subjects.length === 0 || seen >= total) return keys;
  }
}
