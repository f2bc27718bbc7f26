// Mistakes in the register of Attiya, Bar-Noy and Dolev.
import { explored, simulated, tested } from '../layers.mjs';

const of = 'attiya-register';
const file = 'packages/attiya-register/src/replica.ts';
const phase = 'packages/attiya-register/src/phase.ts';
const asking = 'packages/attiya-register/src/asking.ts';
const cells = 'packages/attiya-register/src/cells.ts';

const stored = 'a majority stores what was returned';
const taken = 'what was taken in is stored';
const fallen = 'a tag never falls';
const ambiguous = 'a tag names one value';
const linearizable = 'linearizable';
const ends = 'every operation ends';

const test = (name, title) => tested(of, name, title);
const explore = (script, property, ...options) => explored(of, script, property, ...options);
const simulate = (property) => simulated(of, property, '--seeds', '2000');

export const registerMutants = [
  {
    name: 'a read returns without writing back',
    of,
    file,
    from: 'else this.store(querying, querying.operations, true, host);',
    to: 'else this.finishRead(querying, false, host);',
    quick: true,
    layers: [
      test(
        'paper',
        'Attiya, Bar-Noy, Dolev: a read that sees a write of which a minority knows is not followed by one that sees less',
      ),
      explore('w | r r', stored),
      simulate(stored),
    ],
  },
  {
    name: 'half of the members are a quorum',
    of,
    file,
    from: 'this.quorum = majority(size);',
    to: 'this.quorum = Math.floor(size / 2);',
    quick: true,
    layers: [
      test('paper', 'Attiya, Bar-Noy, Dolev: a write does not end while only half of an even group answers'),
      explore('w | r r', stored),
      simulate(stored),
    ],
  },
  {
    name: 'tags are compared without the writer',
    of,
    file: cells,
    from: 'if (tag <= cell.tag) return false;',
    to: 'if (Math.floor(tag / 32) <= Math.floor(cell.tag / 32)) return false;',
    layers: [
      test(
        'paper',
        'Lynch, Shvartsman: the tag differs between two writers that saw the same, and the larger slot wins at every member',
      ),
      explore('w | w', taken),
      simulate(taken),
    ],
  },
  {
    name: 'all writers use one slot',
    of,
    file,
    from: 'const tag = tagOf(timeOf(Math.max(probing.tag, this.tagAt(key))) + 1, this.self);',
    to: 'const tag = tagOf(timeOf(Math.max(probing.tag, this.tagAt(key))) + 1, 0);',
    layers: [
      test(
        'paper',
        'Lynch, Shvartsman: the tag differs between two writers that saw the same, and the larger slot wins at every member',
      ),
      explore('w | w', ambiguous),
      simulate(ambiguous),
    ],
  },
  {
    name: 'a replica stores without comparing',
    of,
    file: cells,
    from: 'if (tag <= cell.tag) return false;',
    to: 'if (tag === noTag) return false;',
    layers: [
      test(
        'paper',
        'Lynch, Shvartsman: the tag never falls: a replica stores only a larger tag, and acknowledges either way',
      ),
      explore('w | w', fallen),
      simulate(fallen),
    ],
  },
  {
    name: 'an answer counts for any round of its kind',
    of,
    file,
    from: `  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
`,
    to: `  receive(from: ReplicaId, sent: Message, host: Host<Message>): void {
    const asked = { queried: 'query', probed: 'probe', stored: 'store' }[sent.type as 'queried'];
    const [round] = [...this.rounds].find(([, { phase }]) => phase === asked) ?? [];
    const message = asked === undefined || round === undefined ? sent : ({ ...sent, round } as Message);
`,
    layers: [
      test('paper', 'answers to a round that this member does not run are ignored'),
      explore('w w', stored, '--keep-late'),
      simulate(ambiguous),
    ],
  },
  {
    name: 'votes are counted instead of collected',
    of,
    file,
    from: `    storing.votes = vote(storing.votes, from);
    if (count(storing.votes) < this.quorum) return;
`,
    to: `    storing.votes = vote(storing.votes, from);
    const answers = ((storing as { answers?: number }).answers ?? 0) + 1;
    Object.assign(storing, { answers });
    if (answers < this.quorum) return;
`,
    layers: [
      test('paper', 'answers of one member count once, however often they come: acknowledgements'),
      explore('w', stored, '--members', '4', '--duplicate', '1'),
    ],
  },
  {
    name: 'a reader takes the first answer instead of the largest',
    of,
    file: phase,
    from: 'if (tag > querying.tag && value !== undefined) {',
    to: 'if (querying.votes === 0 && tag > querying.tag && value !== undefined) {',
    layers: [
      test(
        'paper',
        'Attiya, Bar-Noy, Dolev: a read returns the largest pair of its majority, whichever answer came first',
      ),
      explore('w | r', linearizable),
      simulate(linearizable),
    ],
  },
  {
    name: 'a writer takes the first answer instead of the largest',
    of,
    file,
    from: 'probing.tag = Math.max(probing.tag, answer.tag);',
    to: 'if (probing.votes === nobody) probing.tag = answer.tag;',
    layers: [
      test(
        'paper',
        'Lynch, Shvartsman: the tag of a write is the largest time of its majority plus one, with the slot of the writer',
      ),
      explore('w r | w', linearizable),
      simulate(linearizable),
    ],
  },
  {
    name: 'a write is done after one store',
    of,
    file,
    from: 'if (count(storing.votes) < this.quorum) return;',
    to: 'if (storing.writeBack && count(storing.votes) < this.quorum) return;',
    layers: [
      test(
        'paper',
        'Attiya, Bar-Noy, Dolev: a write is done when a majority has acknowledged the store, and not before',
      ),
      explore('w', stored),
      simulate(stored),
    ],
  },
  {
    name: 'a member that restarts with an empty memory is let in',
    of,
    file: 'packages/core/src/group/group.ts',
    from: 'if (mine?.incarnation !== this.incarnations[this.self]) return host.removed(view);',
    to: 'if (mine === undefined) return host.removed(view);',
    layers: [tested('core', 'group', 'a member that the view does not name is removed, and enters nothing')],
  },
  {
    name: 'the write-back is skipped although answers differ',
    of,
    file: phase,
    from: 'querying.holding = only(from);',
    to: 'querying.holding = vote(querying.holding, from);',
    layers: [
      test(
        'paper',
        'Attiya, Bar-Noy, Dolev: a read that sees a write of which a minority knows is not followed by one that sees less',
      ),
      explore('w | r r', stored),
      simulate(stored),
    ],
  },
  {
    name: 'a waiting read joins the round that is under way',
    of,
    file,
    from: `    if (cell.reading === undefined) this.beginRead(key, cell, [operation], host);
`,
    to: `    const phases = [...this.rounds].map(([, phase]) => phase);
    const running = phases.find((phase) => phase.phase === 'query' && phase.key === key);
    if (running?.phase === 'query') (running.operations as OperationId[]).push(operation);
    else if (cell.reading === undefined) this.beginRead(key, cell, [operation], host);
`,
    layers: [
      test(
        'combining',
        'reads of one key at one member never join a round that started before they were invoked: ' +
          'it may have missed what they must see',
      ),
      explore('w | r & r', linearizable),
      simulate(linearizable),
    ],
  },
  {
    name: 'a store is acknowledged and not done',
    of,
    file,
    from: 'if (this.cells.store(cell, from, pair)) host.changed(cell.key);',
    to: 'if (from === this.self && this.cells.store(cell, from, pair)) host.changed(cell.key);',
    layers: [
      test(
        'paper',
        'Lynch, Shvartsman: the tag never falls: a replica stores only a larger tag, and acknowledges either way',
      ),
      explore('w', taken),
      simulate(taken),
    ],
  },
  {
    name: 'writes of one member overlap',
    of,
    file,
    from: `    if (cell.writing === undefined) this.beginWrite(key, cell, [{ operation, value }], host);
    else if (cell.writing === none) cell.writing = [{ operation, value }];
    else cell.writing.push({ operation, value });
`,
    to: `    this.probe(key, cell, [{ operation, value }], host);
`,
    also: [
      { from: '    if (next.length > 0) this.beginWrite(key, cell, next, host);\n', to: '' },
      // A tag of its own that has reached no other member would give it away.
      { from: 'Math.max(probing.tag, this.tagAt(key))', to: 'probing.tag' },
    ],
    layers: [
      test(
        'combining',
        'writes of one key at one member never overlap, so no two of them are given the same tag',
      ),
      explore('w & w', ambiguous),
      simulate(taken),
    ],
  },
  {
    name: 'a value that was read is overwritten in its place',
    of,
    file: 'packages/core/src/codec/place.ts',
    from: '    this[given] = true;\n    return this.bytes;',
    to: '    return this.bytes;',
    layers: [
      tested(
        'core',
        'place',
        'a place does not change what somebody was given, whatever is put there afterwards',
      ),
      simulate(linearizable),
    ],
  },
  {
    name: 'a tag stays confirmed when a larger one replaces it',
    of,
    file: cells,
    from: '    cell.confirmed = false;\n',
    to: '',
    layers: [
      test(
        'confirmed',
        'a confirmed tag does not stay confirmed under a larger tag that replaces it, and does when it is stored again',
      ),
      explore('w w | r', stored),
      simulate(stored),
    ],
  },
  {
    name: 'a confirmed tag excuses whatever the replica holds',
    of,
    file,
    from: `    const cell = this.cells.get(key);
    if (cell?.tag === tag) cell.confirmed = true;
  }`,
    to: `    const cell = this.cells.get(key);
    if (cell !== undefined && tag > noTag) cell.confirmed = true;
  }`,
    layers: [
      test('confirmed', 'a confirmed tag says nothing of a larger one that a replica holds'),
      explore('w r | w', stored),
      simulate(stored),
    ],
  },
  {
    name: 'a writer confirms before a majority stores',
    of,
    file,
    from: 'if (this.cells.store(cell, from, pair)) host.changed(cell.key);',
    to: `if (this.cells.store(cell, from, pair)) {
      cell.confirmed = from === this.self;
      host.changed(cell.key);
    }`,
    layers: [
      test(
        'paper',
        'Attiya, Bar-Noy, Dolev: a read that sees a write of which a minority knows is not followed by one that sees less',
      ),
      explore('w | r', stored),
      simulate(stored),
    ],
  },
  {
    name: "a writer asks a majority although reads ask 'all' and never write back",
    of,
    file,
    from: 'if (count(probing.votes) < this.voices) return;',
    to: 'if (count(probing.votes) < this.quorum) return;',
    layers: [
      test(
        'confirmed',
        "reads: 'all' a write asks everybody for its tag, too: the largest that a reader saw may be at one member",
      ),
      explore('r w r | | w', linearizable, '--variant', '2', '--property', linearizable),
    ],
  },
  {
    name: 'a lost message is never asked for again',
    of,
    file,
    from: 'if (waits) host.send(to, request(round, phase, noConfirmations));',
    to: 'if (!waits) host.send(to, request(round, phase, noConfirmations));',
    quick: true,
    layers: [
      test(
        'combining',
        'repeat asks a member once more for every answer that is waited for, in the same round',
      ),
      explore('w', ends, '--drop', '2'),
      simulate(ends),
    ],
  },
  {
    name: 'a busy member waits for ever for those that it asked',
    of,
    file: asking,
    from: "    host.setTimer('late', patienceMs);\n",
    to: '',
    layers: [test('asking', 'a busy member asks the others, once, when it is not answered in time')],
  },
  {
    name: 'a busy member goes on asking whom it waited for in vain',
    of,
    file: asking,
    from: '    this.doubted |= members;\n',
    to: '',
    layers: [test('asking', 'a busy member does not ask whom it doubts, until it hears of it')],
  },
];
