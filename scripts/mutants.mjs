// Judges the suite: makes one mistake after the other on purpose, in a copy of the repository, and sees whether the
// layers meant for it find it.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.mjs';
import { mutants, notYet } from './mutants/catalogue.mjs';
import { Checkout } from './mutants/checkout.mjs';
import { Hunt, Trouble } from './mutants/hunt.mjs';
import { chosen, optionsOf, UsageError, usage } from './mutants/options.mjs';
import { pageOf } from './mutants/page.mjs';
import { patched } from './mutants/patch.mjs';
import { killAll } from './mutants/program.mjs';
import { columnsOf, isKilled, reasonOf } from './mutants/report.mjs';

const exits = { killed: 0, survived: 1, trouble: 2, usage: 64, interrupted: 130 };
const print = (text) => process.stdout.write(`${text}\n`);

async function main(args) {
  const options = optionsOf(args);
  if (options.help) return shown(usage.trimEnd());
  if (options.page) return written(join(root, 'docs', 'mutants.md'));
  const hunted = chosen(mutants, options);
  if (options.list) return shown(columnsOf(hunted.flatMap(listed)));

  const { results, killed, survived } = await hunt(hunted);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  if (process.env.DSM_COUNTS) appendFileSync(process.env.DSM_COUNTS, `${killed} ${survived}\n`);
  print(`${killed} killed, ${survived} survived`);
  return survived === 0 ? exits.killed : exits.survived;
}

async function hunt(hunted) {
  for (const mutant of hunted) patched(mutant, root);
  const checkout = new Checkout();
  const clear = () => {
    killAll();
    checkout.remove();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      clear();
      process.exit(exits.interrupted);
    });
  }
  try {
    checkout.fill();
    return await tried(hunted, new Hunt(checkout));
  } finally {
    clear();
  }
}

/** The results by layer, and how many mutants all layers killed. */
async function tried(hunted, hunt) {
  print('building a copy');
  await hunt.build();
  print('the unmutated code passes');
  await hunt.baseline(hunted, (command, work, seconds) => print(row('', command, work, seconds)));
  print('\nmutants');
  const results = [];
  let killed = 0;
  for (const mutant of hunted) {
    const found = await hunt.try(mutant);
    results.push(...found);
    if (isKilled(found)) killed += 1;
    for (const { verdict, mutant: name, layer, seconds, ...result } of found) {
      print(row(verdict, `${name} | ${layer}`, reasonOf(verdict, result), seconds));
    }
  }
  print('');
  return { results, killed, survived: hunted.length - killed };
}

function row(verdict, what, said, seconds) {
  const end = `${seconds.toFixed(1)} s`;
  return `${verdict === '' ? 'ok' : verdict}  ${what} | ${said} | ${end}`;
}

function listed({ name, of, layers }) {
  return layers.map(({ layer, names }) => [name, of, layer, names]);
}

function shown(text) {
  print(text);
  return exits.killed;
}

function written(path) {
  writeFileSync(path, pageOf(mutants, notYet));
  return exits.killed;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const expected = error instanceof UsageError || error instanceof Trouble;
    process.stderr.write(`${expected ? error.message : (error.stack ?? error)}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
    process.exitCode = error instanceof UsageError ? exits.usage : exits.trouble;
  },
);
