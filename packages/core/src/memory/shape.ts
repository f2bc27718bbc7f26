import { DsmError } from '../error.js';
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
    if (this.exact.size + this.families.length === 0) return undefined;
    const schema = this.exact.get(key) ?? this.families.find(({ prefix }) => key.startsWith(prefix))?.schema;
    if (schema === undefined) throw new DsmError('DSM_INVALID_KEY', `the schema has no variable '${key}'`);
    return schema;
  }

  /** The value as its schema gives it back, now or later. Refuses it with `DSM_INVALID_VALUE` where the schema does. */
  accept(key: string, schema: StandardSchema, value: unknown): Accepted | Promise<Accepted> {
    const verdict = this.asked(key, schema, value);
    if (!isThenable(verdict)) return accepted(key, verdict);
    return Promise.resolve(verdict).then(
      (later) => accepted(key, later),
      (cause) => Promise.reject(broken(key, cause)),
    );
  }

  private asked(key: string, schema: StandardSchema, value: unknown): unknown {
    try {
      return schema['~standard'].validate(value);
    } catch (cause) {
      throw broken(key, cause);
    }
  }
}

/** What a schema made of a value. */
interface Accepted {
  readonly value: unknown;
}

function accepted(key: string, verdict: unknown): Accepted {
  if (!isObject(verdict)) throw broken(key, new TypeError('its answer is not an object'));
  const { issues } = verdict;
  if (issues === undefined || issues === null) return { value: verdict.value };
  const text = Array.isArray(issues) ? issues.map(described).join('; ') : 'it does not say why';
  throw new DsmError('DSM_INVALID_VALUE', `the value of '${key}' does not fit its schema: ${text}`);
}

/** An issue with the way to it, as one would write it: `.user.name: expected a string`. */
function described(issue: unknown): string {
  if (!isObject(issue)) return String(issue);
  const steps = Array.isArray(issue.path) ? issue.path : [];
  const path = steps.map((step: unknown) => `.${String(isObject(step) ? step.key : step)}`).join('');
  return path === '' ? String(issue.message) : `${path}: ${String(issue.message)}`;
}

function broken(key: string, cause: unknown): DsmError {
  return new DsmError('DSM_INVALID_VALUE', `the schema of '${key}' failed: ${String(cause)}`, { cause });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value.then === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isStandardSchema(value: unknown): value is StandardSchema {
  const standard = isObject(value) ? value['~standard'] : undefined;
  return isObject(standard) && typeof standard.validate === 'function';
}
