// The style that no other tool checks, one entry per rule. biome.json has what a linter knows: function and file
// length, `any`, default exports, `export *`, file names in kebab-case, import cycles.
import { arrows } from './layers.mjs';
import { codeOf, importsOf, lineAt } from './source.mjs';

const lineLengthMax = 120;

const isSource = (path) => /\.tsx?$/.test(path);
const isMember = (path) => isSource(path) && /^(?:packages|apps)\//.test(path);
const isTest = (path) => isSource(path) && /\.test\.|\/test\//.test(path);
const isReplica = (path) => /^packages\/[^/]+\/src\/replica\.ts$/.test(path);
const isMachine = (path) => isReplica(path) || /^packages\/core\/src\/(?:link|group)\/.*\.ts$/.test(path);
const isPure = (path) => isMachine(path) || /^packages\/[^/]+\/src\/messages\.ts$/.test(path);

/** Every rule: the files it covers, and a function from (text, path) to complaints `{ line, text }`. */
export const rules = [
  {
    name: 'line length',
    why: 'Two files fit side by side; the formatter does not break strings and comments.',
    covers: isSource,
    complaints: (text) => longLines(text),
  },
  {
    name: 'no reminders',
    why: 'A reminder in the code is an issue that nobody assigned.',
    covers: isSource,
    complaints: (text) => found(text, text, /\b(?:TODO|FIXME|XXX)\b/g),
  },
  {
    name: 'reasons for exceptions',
    why: 'A silenced compiler or linter needs an argument that a reviewer can judge.',
    covers: isSource,
    complaints: (text) => [
      ...found(text, text, /@ts-(?:ignore|nocheck)\b/g, 'use @ts-expect-error with a reason'),
      ...found(text, text, /@ts-expect-error(?!:? +\w+ +\w+)/g, 'say why'),
      ...found(text, text, /biome-ignore(?:-\w+)?(?! [\w/]+: +\w+ +\w+)/g, 'say which rule and why'),
    ],
  },
  {
    name: 'no tests left out',
    why: 'A suite that runs a part of itself is green by mistake.',
    covers: isTest,
    complaints: (text) => found(text, codeOf(text), /\.(?:only|skip|todo)(?=\s*[(.<])/g),
  },
  {
    name: 'no #private fields',
    why: 'A machine is cloned and fingerprinted by generic code, which cannot see such a field.',
    covers: isMachine,
    complaints: (text) => found(text, codeOf(text), /#[A-Za-z_$][\w$]*/g, 'write private'),
  },
  {
    name: 'no clock, chance, promise or I/O',
    why: 'The simulator replays a seed only when everything between Node and SharedMemory is deterministic.',
    covers: isPure,
    complaints: (text) => [...found(text, codeOf(text), impure), ...builtins(text)],
  },
  {
    name: 'arrows point down',
    why: 'A lower layer that knows a higher one can be neither understood nor tested alone.',
    covers: isMember,
    complaints: arrows,
  },
  {
    name: 'names say what a file is',
    why: 'A drawer for everything is where nobody looks for anything.',
    covers: (path) => /\.[cm]?[jt]sx?$/.test(path),
    complaints: (_, path) => emptyNames(path),
  },
  {
    name: 'no machine paths',
    why: 'What depends on the folders of one machine works on one machine.',
    covers: () => true,
    complaints: (text) => found(text, text, /(?<![\w.}~*-])\/(?:work|root|tmp|home\/\w+)\/\w*/g),
  },
  {
    name: 'no registry hosts',
    why: 'Where packages come from is the choice of who installs them.',
    covers: () => true,
    complaints: (text) => found(text, text, /registry\.npmjs|registry\.yarnpkg|deb\.debian/g),
  },
  {
    name: 'no tool credits',
    why: 'The text speaks of shared memory, never of what it was written with.',
    covers: () => true,
    complaints: (text) => found(text, text, credits),
  },
];

/** All complaints about one file, each with the rule it breaks. */
export function complaintsAbout(text, path) {
  return rules
    .filter((rule) => rule.covers(path))
    .flatMap((rule) => rule.complaints(text, path).map((complaint) => ({ ...complaint, path, rule })));
}

const impureWords =
  'Date|performance|crypto|setTimeout|setInterval|setImmediate|queueMicrotask|Promise|async|await|console|fetch';
const impure = new RegExp(
  `(?<![.\\w$])(?:Math\\s*\\.\\s*random|process\\s*\\.|globalThis|import(?=\\s*\\()|(?:${impureWords})(?![\\w$]))`,
  'g',
);
const credits =
  /\b(?:co[-]authored[-]by:|generated (?:with|by) \[|ai[ -](?:assistant|agent)|language[ -]model|chat[ -]?bot)/gi;
const emptyWords = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'types',
  'manager',
  'impl',
  'common',
  'misc',
]);

/** One complaint for each match, in `searched`, of a text of the same length as `text`. */
function found(text, searched, pattern, advice) {
  return [...searched.matchAll(pattern)].map((match) => {
    const written = match[0].trim();
    return {
      line: lineAt(text, match.index),
      text: advice === undefined ? written : `${written}: ${advice}`,
    };
  });
}

function longLines(text) {
  return text.split('\n').flatMap((line, index) => {
    if (line.length <= lineLengthMax) return [];
    return [{ line: index + 1, text: `${line.length} characters, at most ${lineLengthMax}` }];
  });
}

function builtins(text) {
  return importsOf(text)
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ specifier, line }) => ({ line, text: specifier }));
}

function emptyNames(path) {
  const words = path.split('/').flatMap((name) => name.split(/[.-]/));
  return words
    .filter((word) => emptyWords.has(word))
    .map((word) => ({ line: 1, text: `'${word}' is no name` }));
}
