/** The part of Standard Schema (version 1) that is used here: zod, valibot, arktype and others implement it. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly unknown[] | undefined;
      }[];
    };

/** A schema of types alone: nothing is checked at run time. */
export interface Types<S> {
  readonly '~types': S | undefined;
}

/** Names the variables and their types: `types<{ counter: number; [user: `user:${string}`]: User }>()`. */
export function types<S extends object>(): Types<S> {
  return { '~types': undefined };
}

/** What `join` takes as a schema: types alone, or a schema per key, where `'user:*'` stands for a family of keys. */
export type Schema = Types<object> | Readonly<Record<string, StandardSchema>>;

type Pattern<K extends string> = K extends `${infer Prefix}*` ? `${Prefix}${string}` : K;

/** The variables that a schema names; any where none is given, or one of which nothing is known. */
export type VariablesOf<T> = [Schema] extends [T] ? Record<string, unknown> : NamedBy<T>;

type NamedBy<T> =
  T extends Types<infer S>
    ? S
    : { [K in keyof T & string as Pattern<K>]: T[K] extends StandardSchema<infer V> ? V : never };

export type KeyOf<S> = keyof S & string;
