// Mistakes in the checkers: a judge that acquits is worse than none.
import { tested } from '../layers.mjs';

const of = 'checker';
const source = (name) => `packages/checker/src/${name}.ts`;
const test = (file, title) => tested(of, file, title);
/**
 * A checker against one that tries everything, on random histories of one shape. A mistake may fail every test of such
 * a file, so the tests of another checker run as well: where they pass, the code is not in ruins.
 */
const crossChecked = (model, shape) => {
  const layer = test(
    `${model}-cross-check`,
    `${shape} the checker agrees with brute force on 3000 histories, and so does each counter-example`,
  );
  const [program, run, file] = layer.command;
  return { ...layer, command: [program, run, 'test/convergence.test.ts', file] };
};

export const checkerMutants = [
  {
    name: 'unknown writes are treated as failed',
    of,
    file: source('reduction'),
    from: 'if (certain || (observers[kept.value[at] as number] as number) > 0) places.push(at);',
    to: 'if (certain) places.push(at);',
    quick: true,
    layers: [
      test(
        'linearizable',
        'an operation of unknown outcome is not taken for failed: its value may be read, also much later',
      ),
    ],
  },
  {
    name: 'ties are counted as ordered by the search',
    of,
    file: source('search'),
    from: '(end[returns[returned] as number] as number) < (start[call] as number)',
    to: '(end[returns[returned] as number] as number) <= (start[call] as number)',
    layers: [test('linearizable', 'ties a response and an invocation at the same moment are concurrent')],
  },
  {
    name: 'ties are counted as ordered by the zones',
    of,
    file: source('zones'),
    from: 'if ((this.firstEnd[later] as number) < (this.lastStart[earlier] as number)) {',
    to: 'if ((this.firstEnd[later] as number) <= (this.lastStart[earlier] as number)) {',
    layers: [test('linearizable', 'ties zones that touch do not overlap, nor contain')],
  },
  {
    name: 'a time-out is counted as a pass',
    of,
    file: source('search'),
    from: "if (!this.budget.allows(1)) return 'unknown';",
    to: "if (!this.budget.allows(1)) return 'legal';",
    layers: [test('linearizable', 'a report does not count running out of steps, or of time, as a pass')],
  },
  {
    name: 'zones are not looked at for containment',
    of,
    file: source('zones'),
    from: 'return clusters.overlap() ?? clusters.containment();',
    to: 'return clusters.overlap();',
    quick: true,
    layers: [
      test(
        'linearizable',
        'zones a backward zone inside a forward one: a write between a write and its read',
      ),
    ],
  },
  {
    name: 'an empty history passes',
    of,
    file: source('linearizable'),
    from: "return { ...summary, verdict: 'unknown', checkedOperations: 0, reason: silence };",
    to: "return { ...summary, verdict: 'legal', checkedOperations: 0, reason: silence };",
    layers: [test('linearizable', 'a report that an empty history passes is never made')],
  },
  {
    name: 'convergence is checked before quiescence',
    of,
    file: source('convergence'),
    from: 'if (pending !== 0) {',
    to: 'if (pending < 0) {',
    layers: [test('convergence', 'convergence is not judged while anything is pending, however equal')],
  },
  {
    name: 'unknown writes are treated as failed by the weaker models',
    of,
    file: source('program'),
    from: '    observers[value[at] as number] === 0 &&\n',
    to: '',
    layers: [crossChecked('sequential', 'unique values')],
  },
  {
    name: 'writes of one causal past are not put in order for convergence',
    of,
    file: source('causal-patterns'),
    from: 'if (known !== none && known !== source) precedence.add(known, source);',
    to: 'if (known === source) continue;',
    layers: [crossChecked('causal', 'ccv: two keys')],
  },
  {
    name: 'an overwritten value may be seen after a causally later write',
    of,
    file: source('causal-patterns'),
    from: 'if (source === initial || precedence.precedes(source, known)) return known;',
    to: 'if (source === initial) return known;',
    layers: [crossChecked('causal', 'cc: two keys')],
  },
  {
    name: 'absent may be seen after a causally later write',
    of,
    file: source('causal-patterns'),
    from: 'if (source === initial || precedence.precedes(source, known)) return known;',
    to: 'if (source !== initial && precedence.precedes(source, known)) return known;',
    layers: [crossChecked('causal', 'cc: two keys')],
  },
];
