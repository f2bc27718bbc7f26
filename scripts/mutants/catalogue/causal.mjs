// Mistakes in the causal memory.
import { explored, simulated, tested } from '../layers.mjs';

const of = 'causal';
const file = 'packages/causal/src/replica.ts';
const journal = 'packages/causal/src/journal.ts';
const contents = 'packages/causal/src/contents.ts';
const context = 'packages/causal/src/context.ts';
const member = 'packages/causal/src/member.ts';

const early = 'what an update depends on is applied before it';
const gap = 'the updates of an origin are applied in their order, each once';
const fell = 'what was applied stays applied';
const reused = 'a sequence names one update';
const backwards = 'a write is newer than all that its member had applied';
const unseen = 'a write depends on what its session has seen';
const loser = 'of the writes that were applied the newest is shown';
const lost = 'what a log forgets everybody has';
const ends = 'every operation ends';

const test = (name, title) => tested(of, name, title);
const explore = (script, property, ...options) => explored(of, script, property, ...options);
/** What a user can see, alone: a property of the inside would be broken earlier. */
const seen = (script) => explore(script, 'causal', '--property', 'causal');
const simulate = (property) => simulated(of, property, '--seeds', '2000');

const lookingGlad =
  'COPS: a value that was read is a dependency of what is written afterwards ' +
  'so "glad" is never shown before "found", whichever arrives first';

export const causalMutants = [
  {
    name: 'what an update depends on is not waited for',
    of,
    file: journal,
    from: 'if (other !== origin && !this.has(other, dependencies[other] as number)) return false;',
    to: 'if (dependencies[other] === -1) return other === origin;',
    quick: true,
    layers: [
      test('paper', lookingGlad),
      explore('wx | rx wy | ry rx', early),
      seen('wx | rx wy | ry rx'),
      simulate(early),
    ],
  },
  {
    name: 'what was read is no dependency',
    of,
    file: contents,
    from: 'if (cell.merged === undefined) past.see(cell.origin, cell.sequence);',
    to: 'if (cell.merged === undefined) return;',
    quick: true,
    layers: [
      test('paper', lookingGlad),
      explore('wx | rx wy | ry rx', unseen),
      seen('wx | rx wy | ry rx'),
      simulate(unseen),
    ],
  },
  {
    name: 'updates of an origin are applied in any order',
    of,
    file,
    from: `      const next = updates.get((this.journal.applied[origin] as number) + 1);
      if (next !== undefined && this.isReady(next)) return next;
`,
    to: `      for (const [, next] of updates) {
        const isReady = next.dependencies.every((last, other) => other === origin || this.journal.has(other, last));
        if (isReady) return next;
      }
`,
    layers: [explore('wx wy | wz', gap), simulate(gap)],
  },
  {
    name: 'the last writer is the last to arrive',
    of,
    file: contents,
    from: 'return tag > cell.tag ||',
    to: 'return tag > 0 || tag > cell.tag ||',
    layers: [
      test(
        'paper',
        'the last writer of two concurrent ones is the same everywhere: at one time that of the higher slot',
      ),
      explore('w r | w r', loser),
      simulate(loser),
    ],
  },
  {
    name: 'writes at one time are not told apart',
    of,
    file: contents,
    from: 'return tag > cell.tag ||',
    to: 'return tag - slotOf(tag) > cell.tag - slotOf(cell.tag) ||',
    also: [{ from: '  type RawEntry,\n', to: '  type RawEntry,\n  slotOf,\n' }],
    layers: [
      test(
        'paper',
        'the last writer of two concurrent ones is the same everywhere: at one time that of the higher slot',
      ),
      explore('w r | w r', loser),
      simulate(loser),
    ],
  },
  {
    name: 'the clock does not hear of other times',
    of,
    file,
    from: 'this.hear(update.time);',
    to: 'if (update.origin === this.self) this.hear(update.time);',
    layers: [
      test('paper', 'the last writer is the one that knew of the other, whatever their slots'),
      explore('w w | r w r', backwards),
      seen('w w | r w r'),
      simulate(backwards),
    ],
  },
  {
    name: 'time is that of a clock on the wall, which is slow at one member',
    of,
    file,
    from: 'const time = this.clock + 1;',
    to: 'const time = 1_000 * (32 - this.self) + sequence;',
    layers: [explore('w | r w r', backwards), seen('w | r w r'), simulate(backwards)],
  },
  {
    name: 'an update that comes twice is applied twice',
    of,
    file,
    from: 'if (this.isKnown(origin, sequence)) continue;',
    to: `if (this.journal.has(origin, sequence)) this.apply(update, host);
      if (this.isKnown(origin, sequence)) continue;`,
    layers: [
      // Correct replicas ignore what this one does not.
      explore('w w', fell, '--duplicate', '1', '--keep-late'),
      simulate(fell),
    ],
  },
  {
    name: 'there is no room for updates that wait',
    of,
    file,
    from: 'this.waiting[origin]?.set(sequence, {',
    to: 'if (sequence < 1) this.waiting[origin]?.set(sequence, {',
    layers: [
      test(
        'paper',
        'COPS: a value that was read is a dependency of what is written afterwards ' +
          'a write of the same member comes after its earlier ones',
      ),
      explore('w & w', ends, '--variant', '2', '--members', '2'),
    ],
  },
  {
    name: 'a deleted key is forgotten at once',
    of,
    file: contents,
    from: 'if (cell.merged === undefined) cell.put(value);',
    to: `if (cell.merged === undefined) cell.put(value);
    if (value === ABSENT) this.remove(cell.key);`,
    layers: [explore('w w | d', loser), simulate(loser)],
  },
  {
    name: 'a deleted key is forgotten when all have deleted it, although an older write is on its way',
    of,
    file: journal,
    from: 'if (origin === this.self) return 0;',
    to: 'if (origin >= 0) return 0;',
    layers: [
      test(
        'tombstones',
        'a deleted key is remembered while an older write of it is on its way, though everybody has deleted it',
      ),
    ],
  },
  {
    name: 'members are not compared after a loss',
    of,
    file: journal,
    from: 'if (update !== undefined) missing.push(update);',
    to: 'if (update === undefined) missing.push(update as never);',
    layers: [
      test('paper', 'a member goes on alone in every part of a cut, and all agree when it has healed'),
      simulate('in the end all members hold the same'),
    ],
  },
  {
    name: 'a restarted member counts from 1 again',
    of,
    file,
    from: 'const sequence = (this.journal.applied[self] as number) + 1;',
    to: 'const sequence = Math.min((this.journal.applied[self] as number) + 1, 1);',
    layers: [explore('w w', reused), simulate(reused)],
  },
  {
    name: 'a log is pruned although a member lacks it',
    of,
    file: journal,
    from: 'if (known < floor) floor = known;',
    to: 'if (member < this.self && known < floor) floor = known;',
    layers: [
      test('paper', 'an update is kept until everybody has it, and no longer'),
      explore('w | w', lost),
      simulate(lost),
    ],
  },
  {
    name: 'a session moves without waiting for what it has seen',
    of,
    file: context,
    from: 'return covers(applied, vector) ? vector : undefined;',
    to: 'return covers(applied, vector) ? vector : [...vector];',
    quick: true,
    layers: [
      test('sessions', 'a session goes on at another member once that has all it has seen, and not before'),
      test('sessions', 'clients that move between members see one causal order, with all session guarantees'),
    ],
  },
  {
    name: 'a write is acknowledged by one member too few',
    of,
    file: member,
    from: 'this.journal.holders(sequence) >= enough;',
    to: 'this.journal.holders(sequence) >= enough - 1;',
    layers: [
      test(
        'paper',
        'a write with acknowledgements is done when so many others have applied it, and applied here before',
      ),
    ],
  },
  {
    name: 'only concurrent writes are merged',
    of,
    file: contents,
    from: `    if (merged !== undefined) {
      // Those`,
    to: `    const concurrent = cell.origin !== origin && (update.dependencies[cell.origin] ?? 0) < cell.sequence;
    if (merged !== undefined && (cell.absent || concurrent)) {
      // Those`,
    layers: [
      test('merge', 'a merge of all writes is the same at every member, in whatever order they arrived'),
    ],
  },
  {
    name: 'who comes later does not say who had gone before',
    of,
    file: member,
    from: 'const gone = departed.map(',
    to: 'const gone = (this.ready ? departed : []).map(',
    layers: [test('tombstones', 'a deleted key is forgotten though somebody came after somebody had gone')],
  },
  {
    name: 'who leaves counts on one who is out of reach',
    of,
    file: member,
    from: 'const near = [...each(inReach)]',
    to: 'const near = [...each(inReach | this.others)]',
    layers: [
      test('leaving', 'a member goes once one in reach holds all that it holds, whoever else does'),
      test(
        'roster',
        'a member that leaves has given on what it got from somebody who has crashed before it goes',
      ),
    ],
  },
  {
    name: 'a value changes under its reader when its key is written again',
    of,
    file: 'packages/causal/src/cell.ts',
    from: 'return slabs.copy(new Uint8Array(place.buffer, place.byteOffset, length), length);',
    to: 'return slabs && new Uint8Array(place.buffer, place.byteOffset, length);',
    layers: [
      test(
        'cell',
        'a value that came in a frame does not change once it was read, whatever is written afterwards',
      ),
    ],
  },
  {
    name: 'a write that was sent comes to depend on what is read afterwards',
    of,
    file: 'packages/causal/src/past.ts',
    from: 'if (this.shared) this.seen = [...this.seen];',
    to: 'if (this.shared && this.seen === nothing) this.seen = [...this.seen];',
    layers: [
      test(
        'paper',
        'COPS: a value that was read is a dependency of what is written afterwards and not of what was written before',
      ),
    ],
  },
  {
    name: 'what was applied of others is never said with a write',
    of,
    file: member,
    from: 'const applied = this.unsaid > 0 ? this.journal.applied : nothing;',
    to: 'const applied = this.unsaid < 0 ? this.journal.applied : nothing;',
    layers: [test('paper', 'an update is kept until everybody has it, and no longer')],
  },
  {
    name: 'of two who came later each member prefers whom it heard of last',
    of,
    file: 'packages/causal/src/origins.ts',
    from: 'return this.incarnationOf(origin) > this.incarnationOf(other);',
    to: 'return origin > other;',
    layers: [
      test('roster', 'a member that comes later comes in every part of a cut, and the parts agree again'),
    ],
  },
  {
    name: 'what somebody wrote who was never heard of is not waited for',
    of,
    file: context,
    from: 'if (origin === undefined) return undefined;',
    to: 'if (origin === undefined) continue;',
    layers: [test('roster', 'the context of a session of one that was never heard of is waited for')],
  },
  {
    name: 'a member that was away for long is sent what the logs still have',
    of,
    file: journal,
    from: 'if (origin !== member && gone > (known[origin] as number)) return true;',
    to: 'if (origin === member && gone > (known[origin] as number)) return true;',
    layers: [test('transfer', 'a member that lacks more is given the contents, with what was deleted')],
  },
  {
    name: 'parts of two transfers are put together',
    of,
    file: 'packages/causal/src/transfer.ts',
    from: 'if (arriving?.transfer !== transfer) {',
    to: 'if (arriving === undefined) {',
    layers: [
      test('transfer', 'parts count when all have come, and parts of two transfers do not fit together'),
    ],
  },
  {
    name: 'what was written in one turn is told only if it is one write',
    of,
    file: member,
    from: 'if (untold.length === 0) return;',
    to: 'if (untold.length !== 1) return;',
    layers: [
      test('batches', 'what is written in one turn travels in one message, and is applied in its order'),
      explore('w & w', ends, '--variant', '2', '--members', '2'),
      simulate('the group comes to rest'),
    ],
  },
  {
    name: 'a number that is given again stands for what it stood for before',
    of,
    file: 'packages/causal/src/names.ts',
    from: 'this.cells[number - 1] = cell;',
    to: 'this.cells[number - 1] ??= cell;',
    layers: [test('names', 'a number is given again when all are used, and stands for another key then')],
  },
  {
    name: 'what a number stood for when it was written is found out when it is sent',
    of,
    file: member,
    from: 'if (update === undefined || updates.length > 1) return updates;',
    to: `if (update === undefined || updates.length > 1) {
      return updates.map((one) => ({ ...one, key: this.contents.keyOf(one) }));
    }`,
    layers: [
      test(
        'names',
        'a number that is given again in a turn stands, in what was written before, for what it stood for then',
      ),
    ],
  },
  {
    name: 'a log is not pruned where its origin speaks of more than is here',
    of,
    file: journal,
    from: 'if (include(known, member, sequence)) this.heldUpTo(member, before);',
    to: `const isNews = include(known, member, sequence);
    if (isNews && this.has(member, sequence)) this.heldUpTo(member, before);`,
    layers: [test('paper', 'an update is not kept for ever where others passed on the ones before it')],
  },
  {
    name: 'numbers are not taken over with the contents of another member',
    of,
    file: contents,
    from: 'if (origins.has(origin)) this.namesOf',
    to: 'if (origins.has(-1)) this.namesOf',
    layers: [test('names', 'who is given the contents of another member is told what numbers stand for')],
  },
  {
    name: 'a number stands for what was forgotten',
    of,
    file: contents,
    from: 'cell.forgotten = true;\n    // A number',
    to: '// A number',
    layers: [test('names', 'a key that was deleted and forgotten comes back under its number')],
  },
  {
    name: 'a key that was deleted and forgotten comes back with the contents of another member',
    of,
    file,
    from: 'return merged !== undefined || !this.journal.has(origin, sequence);',
    to: 'return merged !== undefined || sequence > 0 || !this.journal.has(origin, sequence);',
    layers: [
      test(
        'transfer',
        'a key that is deleted and forgotten here does not come back, not even as a deleted one',
      ),
    ],
  },
];
