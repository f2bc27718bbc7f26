// Mistakes in read replication.
import { explored, simulated, tested } from '../layers.mjs';

const of = 'read-replication';
const file = 'packages/read-replication/src/replica.ts';
const home = 'packages/read-replication/src/home.ts';

const current = 'what can be read is what its home applied last';
const copySet = 'who can read a copy is in the copy set';
const held = 'a backup holds what its home applied';
const named = 'everybody knows in the end which keys have a value';

const test = (title) => tested(of, 'rules', title);
/** One home and no backup: whoever else reads has a copy. */
const bare = ['--variant', '3'];
const explore = (script, property, ...options) => explored(of, script, property, ...options);
const simulate = (property) => simulated(of, property, '--seeds', '2000');

/** Where fewer are waited for than were asked, the answers of the others find nothing. */
const lateAnswers = {
  from: 'if (record === undefined || round === undefined || !includes(round.awaited, from)) {',
  to: `if (record === undefined || round === undefined || !includes(round.awaited, from)) return;
    if (from < 0) {`,
};

export const replicationMutants = [
  {
    name: 'a write is applied when the first holder has halted',
    of,
    file: home,
    from: '    if (round.awaited !== nobody) return;\n',
    to: '',
    also: [lateAnswers],
    quick: true,
    layers: [
      test('a change waits for every copy, and is then applied'),
      explore('r | w | r', current, ...bare),
      // A backup is one of those who are not waited for.
      simulate(held),
    ],
  },
  {
    name: 'a write is applied before a backup has it',
    of,
    file: home,
    from: 'const awaited = told | backups;',
    to: 'const awaited = told;',
    also: [lateAnswers],
    layers: [
      test('a change is held by every backup before it is applied, and read there after the second message'),
      explore('w', held),
    ],
  },
  {
    name: 'a holder that has halted still reads',
    of,
    file,
    from: '} else this.holdings.drop(key);',
    to: '} else this.holdings.get(key);',
    layers: [
      test('a read during a change is answered behind it'),
      explore('r | w', current, ...bare),
      simulate(current),
    ],
  },
  {
    name: 'an answer is installed that came late, while a change is under way',
    of,
    file,
    from: '    if (this.conversations.last(key) !== undefined) return false;\n',
    to: '',
    layers: [explore('r & w', current, ...bare), simulate(current)],
  },
  {
    name: 'a member that asks for a change goes on reading its copy',
    of,
    file,
    from: `    const holding = this.holdings.get(key);
    if (holding?.as === 'copy') holding.valid = false;
`,
    to: '',
    layers: [
      test('a read of its member waits for a change that the member asked for'),
      explore('r w', current, ...bare),
      simulate(current),
    ],
  },
  {
    name: 'a reader is not put in the copy set',
    of,
    file: home,
    from: '      if (keeps) this.join(record, only(from));\n',
    to: '',
    quick: true,
    layers: [
      test('a read without a copy asks the home, and puts its member in the copy set'),
      explore('r', copySet, ...bare),
      simulate(copySet),
    ],
  },
  {
    name: 'the home forgets its copies when it serves another request',
    of,
    file: home,
    from: 'record.copies |= without(members, record.backups | only(this.self) | this.places.gone);',
    to: 'record.copies = without(members, record.backups | only(this.self) | this.places.gone);',
    layers: [
      test('a change waits for every copy, and is then applied'),
      explore('r | | r', copySet, ...bare),
      simulate(copySet),
    ],
  },
  {
    name: 'two members are given write access',
    of,
    file: home,
    from: "if (from === grant.holder) return request.type !== 'acquire';",
    to: "if (from === grant.holder || request.type === 'acquire') return true;",
    layers: [
      tested(of, 'access-rules', 'write access is for one member at a time; who asks next has it next'),
    ],
  },
  {
    name: 'write access that nobody waits for any more keeps its place',
    of,
    file: home,
    from: "    queue.splice(at, 1);\n    host.send(from, { type: 'withdrawn', key, operation });",
    to: "    host.send(from, { type: 'withdrawn', key, operation });",
    layers: [
      tested(
        of,
        'access-rules',
        'write access that nobody waits for any more has no place among those who wait',
      ),
    ],
  },
  {
    name: 'a member that is closed keeps its write access',
    of,
    file: home,
    from: '      record.expel(key, from);\n',
    to: '',
    layers: [tested(of, 'closing', 'a member that is closed gives back the write access that it has')],
  },
  {
    name: 'a member names a key only where what it holds was absent before',
    of,
    file: 'packages/read-replication/src/holdings.ts',
    from: '    this.name(key, present);\n    if (known',
    to: `    if (known === undefined || (known.entry.value !== ABSENT) !== present) this.name(key, present);
    if (known`,
    layers: [
      tested(
        of,
        'given-up',
        'a member knows whether a key has a value that it has deleted and written again at once',
      ),
      explore('w d & w', named, ...bare),
    ],
  },
  {
    name: 'what is served under write access answers reads that began later',
    of,
    file,
    from: 'reads.splice(begun)',
    to: 'reads.splice(reads.length)',
    layers: [
      tested(
        of,
        'access-rules',
        'write access what is served answers the read that had begun; a later one asks again',
      ),
    ],
  },
  {
    name: 'what is served under write access answers one read',
    of,
    file,
    from: 'reads.splice(begun)',
    to: 'reads.splice(1)',
    layers: [
      tested(
        of,
        'access-rules',
        'write access what is served answers all reads that had begun when it was asked for, however many',
      ),
    ],
  },
  {
    name: 'a home that is closed is waited for',
    of,
    file,
    from: '    for (const [key, asked] of this.conversations.endAll(isOf)) refuseAsked(asked, key, host);\n',
    to: '',
    layers: [
      tested(
        of,
        'closing',
        'a home that is closed is waited for by nobody: a read was not done, and of a change nobody knows',
      ),
    ],
  },
  {
    name: 'a change that waits keeps all later ones of its member in mind',
    of,
    file: 'packages/read-replication/src/conversations.ts',
    from: 'if (this.begun - number <= patience)',
    to: 'if (patience >= 0)',
    layers: [
      tested(
        of,
        'remembered',
        'a change that waits for ever lets home and backups forget those that have ended since, whatever their keys',
      ),
    ],
  },
  {
    name: 'what is named beside the floor is forgotten with what is below it',
    of,
    file: 'packages/read-replication/src/applied.ts',
    from: '      if (!open.includes(operations[at] as OperationId)) continue;\n',
    to: '      if (!open.includes(operations[at] as OperationId) || at >= 0) continue;\n',
    layers: [
      tested(
        of,
        'remembered',
        'a change that was applied and has not ended is known to home and backups, whatever they forget',
      ),
    ],
  },
];
