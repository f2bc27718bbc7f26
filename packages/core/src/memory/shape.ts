import type { World } from '../node/world.js';
import { DsmError } from './error.js';
import type { StandardSchema } from './schema.js';

/** The schemas of a memory, found by key: one named as the key, otherwise that of the longest matching family. */
export class Shape {
  private readonly exact = new Map<string, StandardSchema>();
  private readonly families: { readonly prefix: string; readonly schema: StandardSchema }[] = [];

  constructor(schema: unknown) {
    if (schema === undefined || (isObject(schema) && '~types' in schema)) return;
    if (!isObject(schema))
      throw new DsmError('DSM_INVALID_OPTION', 'schema must be types() or a record of schemas');
    for (const [key, of] of Object.entries(schema)) {
      if (!isStandardSchema(of)) {
        throw new DsmError('DSM_INVALID_OPTION', `schema.${key} is not a Standard Schema`);
      }
      if (key.endsWith('*')) this.families.push({ prefix: key.slice(0, -1), schema: of });
      else this.exact.set(key, of);
    }
    this.families.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The schema of a key; undefined if anything goes. Once there are schemas, a key that has none is refused. */
  schemaOf(key: string): StandardSchema | undefined {
    const schema = this.exact.get(key) ?? this.families.find(({ prefix }) => key.startsWith(prefix))?.schema;
    if (schema === undefined && this.exact.size + this.families.length > 0) {
      throw new DsmError('DSM_INVALID_KEY', `the schema has no variable '${key}'`);
    }
    return schema;
  }

  /** The value as its schema gives it back; rejects with `DSM_INVALID_VALUE` where the schema finds fault. */
  async validated(key: string, value: unknown, world: World, timeoutMs: number): Promise<unknown> {
    const verdict = this.schemaOf(key)?.['~standard'].validate(value);
    if (verdict === undefined) return value;
    const result = await within(Promise.resolve(verdict), world, timeoutMs);
    if (result.issues === undefined) return result.value;
    const text = result.issues.map((issue) => issue.message).join('; ');
    throw new DsmError('DSM_INVALID_VALUE', `the value of '${key}' does not fit its schema: ${text}`);
  }
}

/** A schema of the user's may never answer; a write must. */
async function within<T>(promise: Promise<T>, world: World, timeoutMs: number): Promise<T> {
  let cancel: (() => void) | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new DsmError('DSM_TIMEOUT', `the schema did not answer within ${timeoutMs} ms`);
    cancel = world.after(timeoutMs, () => reject(error));
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    cancel?.();
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isStandardSchema(value: unknown): value is StandardSchema {
  const standard = isObject(value) ? value['~standard'] : undefined;
  return isObject(standard) && typeof standard.validate === 'function';
}
