// Mistakes in links and groups.
import { simulated, tested } from '../layers.mjs';

const of = 'links and groups';
const core = (file) => `packages/core/src/${file}`;
const test = (file, title) => tested('core', file, title);
/** The register repeats its requests when it is told of a loss; what a link loses on its own stays lost. */
const simulate = () => simulated('attiya-register', 'every operation ends', '--seeds', '2000');

export const linkMutants = [
  {
    name: 'the sequence restarts without a new incarnation',
    of,
    file: core('node/peer.ts'),
    from: 'this.link = this.links.get(incarnation) ?? new Link(incarnation, limits);',
    to: 'this.link = new Link(incarnation, limits);',
    quick: true,
    layers: [test('peer', 'meeting one again that was met before goes on with its numbers')],
  },
  {
    name: 'a frame is acknowledged before what it brings is done',
    of,
    file: core('node/entrance.ts'),
    from: `      return counters.drop('epoch-not-entered');
`,
    to: `      peer.link?.accept(header.sequence, 1, { kind: 'protocol', epoch: header.epoch, messages: [] });
      return counters.drop('epoch-not-entered');
`,
    layers: [
      test('node-frames', 'a frame of the kind protocol is not taken before its epoch was entered'),
      simulate(),
    ],
  },
  {
    name: 'a frame of which a part does not decode is acknowledged',
    of,
    file: core('node/delivery.ts'),
    from: `    messages.push(kind === 'group' ? readGroupMessage(reader) : codec.decode(reader));
`,
    to: `    try {
      messages.push(kind === 'group' ? readGroupMessage(reader) : codec.decode(reader));
    } catch {
      break;
    }
`,
    layers: [
      test('node-frames', 'a frame with one message that does not decode is dropped with all of them'),
    ],
  },
  {
    name: 'a frame that came early is acknowledged as if nothing were missing',
    of,
    file: core('link/link.ts'),
    from: `      this.early.set(sequence, payload);
      return [];`,
    to: `      this.received = sequence;
      return [payload];`,
    layers: [
      test('link', 'receiving hands over in order, what came early with what it waited for'),
      simulate(),
    ],
  },
  {
    name: 'the resend timer is lost after a pause',
    of,
    file: core('node/pulse.ts'),
    from: 'if (dispatch.tick()) this.tickLater();',
    to: 'dispatch.tick();',
    layers: [
      test(
        'node',
        'a process that stops for ten seconds goes on sending again what was lost while it was stopped',
      ),
      simulate(),
    ],
  },
  {
    name: 'nobody is told of a silence',
    of,
    file: core('node/pulse.ts'),
    from: 'if (peer.link !== undefined && peer.silentBeats === suspectedBeats) silent(peer);',
    to: 'if (peer.link !== undefined && peer.silentBeats < 0) silent(peer);',
    layers: [
      test(
        'node-silence',
        'a replica is told of each silence once: of whom this member does not hear, and nobody else',
      ),
      simulated('causal', 'in the end all members hold the same', '--seeds', '2000'),
    ],
  },
  {
    name: 'a link that has been silent is never tried again',
    of,
    file: core('link/link.ts'),
    from: 'if (this.ticksWaited < this.patience) return;',
    to: 'if (this.ticksWaited < this.patience || this.burst !== 0) return;',
    layers: [
      test(
        'link',
        'sending the first frame is sent again after 5 ticks, then 10, 20, 40, 40: a stopped peer is not flooded',
      ),
      simulate(),
    ],
  },
  {
    name: 'a drop at the high-water mark is forgotten by who dropped',
    of,
    file: core('node/dispatch.ts'),
    from: '    return !peer.shedding;',
    to: '    const sent = !peer.shedding;\n    peer.shedding = false;\n    return sent;',
    layers: [
      test(
        'node-frames',
        'a link that is full of an unordered protocol sheds, and both sides ask again when there is room',
      ),
      simulate(),
    ],
  },
  {
    name: 'who goes asks for ever those who answer it no more',
    of,
    file: core('node/node.ts'),
    from: 'if (this.company?.goes === true) return;',
    to: 'if (this.company?.goes === undefined && peer.departed) return;',
    layers: [
      test('node-leaving', 'a member that goes does not ask those again who answer it no more, and so goes'),
    ],
  },
  {
    name: 'a drop at the high-water mark is not told to the peer',
    of,
    file: core('node/dispatch.ts'),
    from: "    if (peer.shedding) peer.outbox.append('lost', empty);\n",
    to: '',
    layers: [
      test(
        'node-frames',
        'a link that is full of an unordered protocol sheds, and both sides ask again when there is room',
      ),
    ],
  },
  {
    name: 'a frame that does not decode stops the receive loop',
    of,
    file: core('node/node.ts'),
    from: `      this.counters.drop('malformed');
    }
  }`,
    to: `      this.counters.drop('malformed');
      this.closed = true;
    }
  }`,
    layers: [test('greeter', 'meeting a hello of no incarnation is malformed, and hinders nobody')],
  },
  {
    name: 'an exception in a handler leaves its member deaf, and says nothing',
    of,
    file: core('node/node.ts'),
    from: '      this.fail(stopped(this.options.names[this.self] as string, cause));\n',
    to: '      this.failed = stopped(this.options.names[this.self] as string, cause).message.length > 0;\n',
    quick: true,
    layers: [test('node', 'a handler that throws stops its member with an error, and the others go on')],
  },
  {
    name: 'two members of one name both live',
    of,
    file: core('node/peer.ts'),
    from: "    if (this.rival.bothAlive) return 'alive';\n",
    to: '',
    layers: [
      test(
        'greeter',
        'two processes of one name while both live, the later one fails and the running one is not disturbed',
      ),
      test(
        'peer',
        'another process of its name is a duplicate once the known one was heard of two beats later',
      ),
    ],
  },
  {
    name: 'the map of streams to processes that are gone grows',
    of,
    file: core('node/peer.ts'),
    from: 'if (this.shared || this.links.size <= linksMax) break;',
    to: 'if (this.shared || this.links.size <= linksMax * 1_000) break;',
    layers: [test('node-frames', 'processes that come and go before there is a view leave little behind')],
  },
  {
    name: 'a minority forms a view',
    of,
    file: core('group/group.ts'),
    from: 'if (count(proposing.promises) < this.names.length) return;',
    to: 'if (count(proposing.promises) * 2 < this.names.length) return;',
    quick: true,
    layers: [test('group', 'a member needs the promise of everybody, and counts nobody twice')],
  },
  {
    name: 'a view is decided before everybody accepts it',
    of,
    file: core('group/group.ts'),
    from: 'if (count(proposing.votes) < this.names.length) return;',
    to: 'if (count(proposing.votes) * 2 < this.names.length) return;',
    layers: [test('group', 'a member needs everybody to accept, in this ballot, what it has proposed')],
  },
  {
    name: 'a restarted process is met as if it were the one of the view',
    of,
    file: core('node/greeter.ts'),
    from: "} else if (verdict === 'gone' && this.host.entered) {",
    to: "} else if (verdict === 'gone' && this.host.entered && peer.link === undefined) {",
    layers: [
      test(
        'greeter',
        'two processes of one name b, killed and started again in a formed group, has lost its memory',
      ),
    ],
  },
  {
    name: 'a process that has gone comes back when somebody tells of it',
    of,
    file: core('group/roster.ts'),
    from: 'if (this.enrolled.has(incarnation) || this.gone.has(incarnation)) return false;',
    to: 'if (this.enrolled.has(incarnation)) return false;',
    layers: [test('roster', 'a roster comes to the same in whatever order it hears who has come and gone')],
  },
  {
    name: 'two processes of one name both stay members',
    of,
    file: core('node/company.ts'),
    from: '    for (const other of this.roster.superfluous) this.depart(other);\n',
    to: '',
    layers: [test('company', 'of two of one name the one that is not kept ends')],
  },
  {
    name: 'who leaves goes before all in reach have been told',
    of,
    file: core('node/company.ts'),
    from: 'const waits = others.some((peer) => !peer.suspected && !told.includes(peer));',
    to: 'const waits = told.length > others.length;',
    layers: [test('company', 'who leaves has gone when all in reach have been told, and not before')],
  },
  {
    name: 'a member goes, whatever only its replica holds',
    of,
    file: core('node/company.ts'),
    from: '      if (!this.host.mayLeave()) return;\n',
    to: '',
    layers: [
      test('roster', 'a group with a roster lets nobody go whose replica may not, until its time is up'),
    ],
  },
  {
    name: 'a member that is elsewhere now is looked for where the list says',
    of,
    file: core('node/company.ts'),
    from: 'if (known?.address === member.address) {',
    to: 'if (known !== undefined) {',
    layers: [
      test('roster', 'a group with a roster reaches who has come back elsewhere than the list says'),
      simulated('causal', 'the group comes to rest', '--seeds', '2000'),
    ],
  },
  {
    name: 'a member that was taken in elsewhere is a rival of one of its name',
    of,
    file: core('node/company.ts'),
    from: '    if (birth !== 0 && birth === group.view?.birth) return undefined;\n',
    to: '',
    layers: [
      test(
        'roster',
        'a group with a roster believes a member whom it has not met, rather than the one whose name it has',
      ),
      simulated('causal', 'the group comes to rest', '--seeds', '2000'),
    ],
  },
];
