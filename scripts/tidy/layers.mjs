// Arrows point down only. The tables are the rule; the functions below them only read them.
import { posix } from 'node:path';
import { importsOf } from './source.mjs';

/**
 * Layer of core → the layers it may import besides itself. A layer is a path below packages/core/src; the longest
 * that fits a file is its layer, so a single file can be a layer. `.` is every file directly in src: the contract.
 */
const coreLayers = {
  '.': ['codec/'],
  'codec/': ['.'],
  'link/': ['.', 'codec/'],
  'group/': ['.', 'codec/', 'link/'],
  'transport/': ['.', 'codec/'],
  'node/': ['.', 'codec/', 'link/', 'group/', 'transport/'],
  'memory/': ['.', 'codec/', 'link/', 'group/', 'transport/', 'node/'],
  'engine/': ['.', 'codec/', 'node/', 'memory/'],
  'node.ts': ['.', 'codec/', 'node/', 'transport/'],
  'index.ts': ['.', 'codec/', 'link/', 'group/', 'transport/', 'node/', 'memory/', 'engine/'],
};

/** Packages that are one protocol each: of @dsm they know the contract only. */
const protocols = ['attiya-register', 'total-order', 'token-coherence', 'causal', 'read-replication'];

/** Package → the modules its src may import. A `/` or `:` at the end admits everything below. */
const packageImports = {
  core: ['msgpackr'],
  checker: [],
  simulator: ['@dsm/core', '@dsm/core/node', '@dsm/checker'],
  conformance: [
    '@dsm/core',
    '@dsm/checker',
    '@dsm/simulator',
    '@dsm/transport-zeromq',
    'vitest',
    'fast-check',
    'node:',
  ],
  'transport-zeromq': ['@dsm/core', 'zeromq', 'node:'],
  redis: ['@dsm/core', '@redis/client', 'node:'],
  etcd: ['@dsm/core', 'node:'],
  nats: ['@dsm/core', '@nats-io/transport-node', 'node:'],
  'transport-tcp': ['@dsm/core', 'node:'],
  ...Object.fromEntries(protocols.map((name) => [name, ['@dsm/core']])),
};

/** File → the modules it may also reach, by `import()` only. */
const dynamicImports = Object.fromEntries(
  protocols.map((name) => [`packages/${name}/src/index.ts`, ['#transport']]),
);

/** Names of the packages in apps/: they import everything and are imported by nothing. */
const app = /^@dsm\/[\w-]+-app(?:\/|$)/;

/** Complaints about the imports of one file in packages/ or apps/. */
export function arrows(text, path) {
  return importsOf(text).flatMap((named) => {
    const complaint = isRelative(named.specifier) ? inside(named, path) : outside(named, path);
    return complaint === undefined ? [] : [{ line: named.line, text: complaint }];
  });
}

function isRelative(specifier) {
  return specifier.startsWith('.');
}

/** What the configuration of a package's tests is made of. */
const testConfiguration = 'vitest.package.config.ts';

/** A relative import stays in its package and, in core, goes to its own layer or one below. */
function inside({ specifier }, path) {
  const [home] = /^[^/]+\/[^/]+\//.exec(path);
  const target = posix.join(posix.dirname(path), specifier);
  if (target === testConfiguration && path === `${home}vitest.config.ts`) return undefined;
  if (!target.startsWith(home)) return `${specifier} leaves the package: import the other one by its name`;
  if (!path.startsWith('packages/core/src/')) return undefined;

  const from = coreLayer(path);
  const to = coreLayer(target);
  if (from === undefined) return `the layer of ${path} is not in coreLayers (scripts/tidy/layers.mjs)`;
  if (from === to || coreLayers[from].includes(to)) return undefined;
  return `core's layer ${from} may not import ${specifier}: ${to ?? 'that'} is no layer below it`;
}

function coreLayer(path) {
  const below = path.slice('packages/core/src/'.length).replace(/\.js$/, '.ts');
  const fits = (layer) => (layer.endsWith('/') ? below.startsWith(layer) : below === layer);
  const [longest] = Object.keys(coreLayers)
    .filter(fits)
    .sort((one, other) => other.length - one.length);
  return longest ?? (below.includes('/') ? undefined : '.');
}

/** An import by name: never an app; from the src of a package, only what the table lists. */
function outside({ specifier, dynamic }, path) {
  if (app.test(specifier)) return `${specifier} is an app, which nothing imports`;
  const [, name] = /^packages\/([^/]+)\/src\//.exec(path) ?? [];
  if (name === undefined) return undefined;

  const admitted = packageImports[name];
  if (admitted === undefined) return `${name} is not in packageImports (scripts/tidy/layers.mjs)`;
  if (admitted.some((module) => admits(module, specifier))) return undefined;
  if (dynamicImports[path]?.includes(specifier)) {
    return dynamic ? undefined : `${specifier} may be reached by import() only`;
  }
  return `${name} may not import ${specifier}`;
}

function admits(module, specifier) {
  return specifier === module || (/[/:]$/.test(module) && specifier.startsWith(module));
}
