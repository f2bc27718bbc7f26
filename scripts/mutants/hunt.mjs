import { join } from 'node:path';
import { run } from './program.mjs';
import { baselineFault, isTestRun, verdictOn, workDone } from './verdict.mjs';

const buildLimitMs = 600_000;
/** A mutant may make a run slower, and the machine may be busy: this many times what the unmutated code took. */
const slowdownMax = 10;
const limitLeastMs = 60_000;
const baselineLimitMs = 900_000;

/** Something that says nothing about the suite: a patch that does not fit, a build or a baseline that fails. */
export class Trouble extends Error {}

/** Runs the commands of mutants in a checkout, first without and then with each of them. */
export class Hunt {
  checkout;
  /** By command, how long the unmutated code may take. */
  limits = new Map();

  constructor(checkout) {
    this.checkout = checkout;
  }

  /** Builds what is not that of its sources. Throws `Trouble` with the compiler's words. */
  async build() {
    const { checkout } = this;
    const { code, output } = await run(['tsc', '-b', ...checkout.stale], {
      folder: checkout.folder,
      limitMs: buildLimitMs,
    });
    if (code !== 0) throw new Trouble(`the build failed:\n${output.trim()}`);
    checkout.stale.clear();
  }

  /** Runs every distinct command of the mutants on the unmutated code, which has to pass; tells `report` of each. */
  async baseline(mutants, report) {
    const layers = mutants.flatMap(({ layers }) => layers);
    for (const [text, same] of groups(layers)) {
      const [layer] = same;
      const outcome = await this.perform(layer, baselineLimitMs);
      const fault = baselineFault(
        layer.command,
        same.map(({ names }) => names),
        outcome,
      );
      if (fault !== undefined) {
        throw new Trouble(`the unmutated code fails\n$ ${text}\n${fault}\n${outcome.output.slice(-4_000)}`);
      }
      this.limits.set(text, Math.max(limitLeastMs, outcome.seconds * 1000 * slowdownMax));
      report(text, workDone(outcome.output), outcome.seconds);
    }
  }

  /** What each layer of a mutant said of it. */
  async try(mutant) {
    this.checkout.mutate(mutant);
    try {
      await this.build();
    } catch (error) {
      throw new Trouble(`mutant '${mutant.name}': ${error.message}`);
    }
    const results = [];
    for (const layer of mutant.layers) {
      const outcome = await this.perform(layer, this.limits.get(textOf(layer)));
      const { verdict, proof } = verdictOn(layer, mutant, outcome);
      results.push({
        mutant: mutant.name,
        of: mutant.of,
        layer: layer.layer,
        command: textOf(layer),
        verdict,
        proof,
        seconds: outcome.seconds,
      });
    }
    return results;
  }

  perform({ command, folder = '.' }, limitMs) {
    const whole = isTestRun(command) ? [...command, '--reporter=json'] : command;
    return run(whole, { folder: join(this.checkout.folder, folder), limitMs });
  }
}

/** A command as one would type it. */
export function textOf({ command, folder }) {
  const words = command.map((word) => (/^[\w./=-]+$/.test(word) ? word : JSON.stringify(word)));
  return `${folder === undefined ? '' : `${folder}: `}${words.join(' ')}`;
}

function groups(layers) {
  const byText = new Map();
  for (const layer of layers) byText.set(textOf(layer), [...(byText.get(textOf(layer)) ?? []), layer]);
  return byText;
}
