// Mistakes in token coherence.
import { explored, simulated, tested } from '../layers.mjs';

const of = 'token-coherence';
const file = 'packages/token-coherence/src/replica.ts';

const allTokens = 'a key has all its tokens, and no more';
const alone = 'a member writes while it holds all tokens';
const pinned = 'all tokens stay with a writer until everybody keeps the value';
const valid = 'a copy that may be read has a token, and is the newest';
const newest = 'what an operation ends with is the newest';
const named = 'a version names one value';
const kept = 'what may be read is kept by every member';
const remembered = 'a request is remembered by everybody until it is closed';
const inTurn = 'a request is overtaken by older ones only';
const later = 'a member asks later than everything it has heard of';
const linearizable = 'linearizable';

const counting = (title) => tested(of, 'paper', `section 3.1, counting tokens: ${title}`);
const persistent = (title) => tested(of, 'paper', `section 3.2, persistent requests: ${title}`);
const updating = (title) => tested(of, 'paper', `writes that update: ${title}`);
const explore = (script, property, ...options) => explored(of, script, property, ...options);
/** Values stay with their writer. */
const migrating = ['--variant', '2'];
const simulate = (property) => simulated(of, property, '--seeds', '2000');

export const tokenMutants = [
  {
    name: 'tokens that are sent are kept as well',
    of,
    file,
    from: '    if (tokens === 0) return;\n    holding.tokens = 0;\n',
    to: '    if (tokens === 0) return;\n',
    quick: true,
    layers: [
      counting('a member writes only with all tokens (update)'),
      explore(' | w', allTokens),
      simulate(allTokens),
    ],
  },
  {
    name: 'a member writes with all tokens but one',
    of,
    file,
    from: 'return tokens === tokensPerKey;',
    to: 'return tokens >= tokensPerKey - 1;',
    layers: [
      counting('a member writes only with all tokens (migrate)'),
      explore('w | r', pinned),
      explore('w | r', alone, ...migrating),
    ],
  },
  {
    name: 'the data that comes with the owner token is not taken over',
    of,
    file,
    from: '    holding.entry = { value, version };\n    holding.valid = true;\n',
    to: '    holding.valid = true;\n',
    layers: [
      persistent('a read that waits for an older write is served after it'),
      explore('w | w', named, ...migrating),
    ],
  },
  {
    name: 'a token without data makes what is here readable',
    of,
    file,
    from: 'holding.tokens += message.tokens;',
    to: 'holding.tokens += message.tokens;\n        holding.valid = true;',
    layers: [
      counting('the data is with the owner token; other tokens say nothing of it'),
      explore('w | r | w', valid, ...migrating),
      simulate(newest),
    ],
  },
  {
    name: 'a copy is read when its token has gone',
    of,
    file,
    from: '    holding.owner = false;\n    holding.valid = false;\n',
    to: '    holding.owner = false;\n',
    quick: true,
    layers: [
      counting('a member writes only with all tokens (update)'),
      explore(' | w', valid),
      simulate(valid),
    ],
  },
  {
    name: 'one who keeps the value is enough',
    of,
    file,
    from: 'if (round?.outcome.entry.version !== version) throw',
    to: 'if (round === undefined) return;\n    if (round.outcome.entry.version !== version) throw',
    also: [{ from: '    if (round.votes !== this.others) return;\n', to: '' }],
    layers: [
      updating('nobody reads a new value before everybody keeps it'),
      explore('w', kept),
      simulate(kept),
    ],
  },
  {
    name: 'a request is never closed',
    of,
    file,
    from: '    close(holding.underWay.requests, from, message.time);\n',
    to: '    if (message.time < 0) close(holding.underWay.requests, from, message.time);\n',
    layers: [explore(' | r', remembered), simulate(remembered)],
  },
  {
    name: 'the youngest request goes first',
    of,
    file: 'packages/token-coherence/src/requests.ts',
    from: 'while (at > 0 && isOlder(request, requests[at - 1] as Request)) at -= 1;',
    to: 'while (at > 0 && !isOlder(request, requests[at - 1] as Request)) at -= 1;',
    layers: [
      persistent('what asks after it has heard of others is younger than they are'),
      explore('w | w | w', inTurn, ...migrating),
    ],
  },
  {
    name: 'a member asks with its own time, whatever it has heard of',
    of,
    file,
    from: '    this.clock = Math.max(this.clock, time);\n',
    to: '',
    layers: [
      persistent('what asks after it has heard of others is younger than they are'),
      explore('w | w', later),
      simulate(later),
    ],
  },
  {
    name: 'a swap that found another value writes all the same',
    of,
    file: 'packages/token-coherence/src/command.ts',
    from: 'const applies = expected === undefined || matches(entry, expected);',
    to: 'const applies = expected === undefined || matches(entry, expected) || entry.version > 0;',
    layers: [
      updating('writes of one member share a round, in the order in which they were asked for'),
      explore('c | c', linearizable, '--property', linearizable),
    ],
  },
];
