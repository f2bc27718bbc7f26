// Mistakes in what a busy member of the register does for all keys at once.
import { explored, tested } from '../layers.mjs';

const of = 'attiya-register';
const cells = 'packages/attiya-register/src/cells.ts';
const frontier = 'packages/attiya-register/src/frontier.ts';
const mender = 'packages/attiya-register/src/mender.ts';
const surveyor = 'packages/attiya-register/src/surveyor.ts';
const publisher = 'packages/attiya-register/src/publisher.ts';
const names = 'packages/attiya-register/src/names.ts';

const stored = 'a majority stores what was returned';

const test = (name, title) => tested(of, name, title);
/** In worlds whose members are busy whatever they do. */
const explore = (script, property, ...options) =>
  explored(of, script, property, '--variant', '3', ...options);

export const busyRegisterMutants = [
  {
    name: 'a busy reader does not wait for what others have seen',
    of,
    file: surveyor,
    from: 'if (!frontier.covers(surveying.reach)) {',
    to: 'if (!frontier.covers(none)) {',
    layers: [test('surveys', 'a read returns what is here once all is here that the asked had seen')],
  },
  {
    name: 'a busy reader waits for ever for what others have seen',
    of,
    file: surveyor,
    from: '      if (round > late) continue;\n      register',
    to: '      if (late >= 0) continue;\n      register',
    layers: [test('surveys', 'a read asks about its key where what others had seen does not come in time')],
  },
  {
    name: 'a busy reader returns what nobody else is known to store',
    of,
    file: surveyor,
    from: 'const held = cell.confirmed || cell.tag === noTag || this.isShown(matter, surveying);',
    to: 'const held = true;',
    layers: [
      test('surveys', 'a read does not return what only this member is known to hold before another survey'),
    ],
  },
  {
    name: 'a busy writer ends whatever the survey after its publication shows',
    of,
    file: surveyor,
    from: 'if (this.isShown(matter, surveying)) this.finish(matter, true, register, host);',
    to: 'if (matter.operations.length > 0) this.finish(matter, true, register, host);',
    layers: [
      test(
        'surveys',
        'a write is stored key by key, with an answer of each, where the survey does not show that',
      ),
      explore('w', stored),
    ],
  },
  {
    name: 'what came here after a survey was sent does not count as held here',
    of,
    file: surveyor,
    from: 'if (from !== register.self) surveying.common =',
    to: 'if (from !== -1) surveying.common =',
    layers: [
      test(
        'surveys',
        'a read of what came here after it had asked, and before that to the asked, needs no other survey',
      ),
    ],
  },
  {
    name: 'a busy writer takes no notice of the tags of others',
    of,
    file: surveyor,
    from: 'surveying.tag = Math.max(surveying.tag, tag);',
    to: 'surveying.tag = Math.max(surveying.tag, tag * 0);',
    layers: [test('surveys', 'a write has a larger tag than any that the asked know, of whatever key')],
  },
  {
    name: 'operations share a survey that was sent before they began',
    of,
    file: surveyor,
    from: '  matter.cell.reading = none;\n',
    to: '',
    layers: [
      test(
        'surveys',
        'operations of one turn that begin when a survey has been sent wait for the next: it may have asked before they began',
      ),
    ],
  },
  {
    name: 'what was seen counts as taken in',
    of,
    file: frontier,
    from: 'if (skips) missing[from] = serial - 1;',
    to: 'if (skips) takenIn[from] = serial - 1;',
    layers: [test('frontier', 'a frontier stays where a store is missing, and says so once')],
  },
  {
    name: 'what was published of an unknown number counts as taken in',
    of,
    file: publisher,
    from: 'if (cell !== undefined) register.take(',
    to: 'if (cell === undefined) register.frontier.take(from, next);\n      else register.take(',
    layers: [
      test('publications', 'publications of a key that was not heard of count as lost: they are mended'),
    ],
  },
  {
    name: 'two keys are given one number',
    of,
    file: names,
    from: 'cell.number = this.told.push(false);',
    to: 'cell.number = Math.min(this.told.push(false), 1);',
    layers: [test('publications', 'publications say a key once, and then its number')],
  },
  {
    name: 'keys are not said again after some may have been lost',
    of,
    file: publisher,
    from: 'this.numbers.introduceAgain();',
    to: 'this.numbers.introduces(1);',
    layers: [test('publications', 'publications say each key once more after some may have been lost')],
  },
  {
    name: 'what a survey does not show is stored before what was written meanwhile is published',
    of,
    file: surveyor,
    from: 'else unstored.push(matter);',
    to: 'else this.storeByKey(matter, register, host);',
    layers: [
      test(
        'surveys',
        'a write that is stored key by key, with others published meanwhile, leaves its own member nothing to be mended',
      ),
    ],
  },
  {
    name: 'a part of what a member lacks counts for all of it',
    of,
    file: mender,
    from: 'if (next > mending.place) {',
    to: 'if (next > mending.place && round < 0) {',
    layers: [
      test(
        'mending',
        'a member that lacks a store is given it in parts, of which none counts before the last',
      ),
    ],
  },
  {
    name: 'whoever is asked for what a member lacks passes on nothing',
    of,
    file: cells,
    from: 'if (serial <= (since[from] ?? 0)) continue;',
    to: 'if (serial <= (since[from] ?? 0) || this.newest > 0) continue;',
    layers: [test('mending', 'a member that lacks a store asks its sender, once the next one comes')],
  },
  {
    name: 'what a member lacks is looked for among all keys at a time',
    of,
    file: cells,
    from: 'Math.min(this.stored.length, place + passedCellsMax)',
    to: 'Math.min(this.stored.length, place + passedBytesMax)',
    layers: [
      test('mending', 'what is passed on is looked for in parts, so that a member with much is not held up'),
    ],
  },
  {
    name: 'a part that does not get further is asked for for ever',
    of,
    file: mender,
    from: 'if (next > mending.place) {',
    to: 'if (next > 0) {',
    layers: [
      test(
        'mending',
        'a member that lacks a store goes on where a part ended, even one that brought nothing',
      ),
    ],
  },
  {
    name: 'what nobody passed on in time is never asked for again',
    of,
    file: mender,
    from: '    if (this.pause > 0) this.pause -= 1;\n    else',
    to: '    if (this.nextPause > pauseMin) this.pause -= 1;\n    else',
    layers: [
      test(
        'mending',
        'a member that lacks a store asks again, when it is surveyed often enough, for what nobody gave it in time',
      ),
    ],
  },
  {
    name: 'a busy reader waits each time for what nobody has',
    of,
    file: surveyor,
    from: 'if (frontier.isForsaken(surveying.reach)) {',
    to: 'if (frontier.isForsaken(surveying.reach) && round < 0) {',
    layers: [
      test(
        'mending',
        'a member that lacks a store reads by key at once where what others have seen is nowhere',
      ),
    ],
  },
  {
    name: 'what the last of those who answer a survey holds counts for all of them',
    of,
    file: surveyor,
    from: 'surveying.common = common === undefined ? taken : nearest(common, taken);',
    to: 'surveying.common = common === undefined || count(surveying.votes) > 0 ? taken : nearest(common, taken);',
    layers: [
      test(
        'exhaustive',
        'every order of the messages of w, in 2470 states, keeps every property where members are busy and never lose their patience',
      ),
    ],
  },
  {
    name: 'what helped with something else counts as help',
    of,
    file: frontier,
    from: 'helped ||= mine < Math.max(seenSoFar[slot] as Serial, awaited[slot] ?? 0);',
    to: 'helped ||= mine < theirs + awaited.length;',
    layers: [
      test(
        'frontier',
        'a frontier is helped by what was missing or awaited, and not by what is only ahead of its messages',
      ),
    ],
  },
];
