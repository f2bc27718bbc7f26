// Mistakes in the total order of Skeen, Birman and Joseph.
import { explored, simulated, tested } from '../layers.mjs';

const of = 'total-order';
const file = 'packages/total-order/src/replica.ts';

const pending = 'nothing is delivered before a smaller proposal';
const rising = 'what a member delivers rises in the order';
const shared = 'members deliver what they share in one order';
const largest = 'a final time is no smaller than any proposal';
const program = 'final times keep the program order';
const keeps = 'a delivered command is kept until all have it';
const uniform = 'nobody delivers before enough others store the final time';
const atHome = 'an operation ends when it is delivered at its member';
const oneFinal = 'a command has one final time';
const verdicts = 'a swap has the same verdict everywhere';
const sequential = 'sequential';
const linearizable = 'linearizable';

const test = (title) => tested(of, 'paper', title);
const explore = (script, property, ...options) => explored(of, script, property, ...options);
/** A property that a user can see, alone: one of the inside would be broken earlier. */
const seen = (script, property, ...options) => explore(script, property, ...options, '--property', property);
const simulate = (property) => simulated(of, property, '--seeds', '2000');

export const totalOrderMutants = [
  {
    name: 'a final command is delivered, whatever smaller one is pending',
    of,
    file,
    from: `    for (let batch = this.queue[0]; batch?.stage === 'stable'; batch = this.queue[0]) {
      this.queue.shift();
`,
    to: `    const next = () => this.queue.find(({ stage }) => stage === 'stable');
    for (let batch = next(); batch !== undefined; batch = next()) {
      this.queue.splice(this.queue.indexOf(batch), 1);
`,
    quick: true,
    layers: [
      test('a command that is final waits for a smaller proposal'),
      explore('w | w', pending),
      simulate(pending),
    ],
  },
  {
    name: 'each variable has a queue of its own',
    of,
    file,
    from: `    for (let batch = this.queue[0]; batch?.stage === 'stable'; batch = this.queue[0]) {
      this.queue.shift();
`,
    to: `    const keyOf = (batch: Batch) => batch.commands[0]?.key;
    const heads = () => this.queue.filter((one) => this.queue.find((other) => keyOf(other) === keyOf(one)) === one);
    const next = () => heads().find(({ stage }) => stage === 'stable');
    for (let batch = next(); batch !== undefined; batch = next()) {
      this.queue.splice(this.queue.indexOf(batch), 1);
`,
    layers: [seen('wx ry | wy rx', sequential), simulate(pending)],
  },
  {
    name: "the initiator's own proposal is final",
    of,
    file,
    from: '...proposals.map(({ time }) => time));',
    to: 'proposals[0]?.time ?? 0);',
    layers: [
      test('the final time is the largest of all proposals, and above the last final of this initiator'),
      explore('w | w', largest),
      simulate(largest),
    ],
  },
  {
    name: 'the smallest proposal is final',
    of,
    file,
    from: '...proposals.map(({ time }) => time));',
    to: 'Math.min(...proposals.map(({ time }) => time)));',
    quick: true,
    layers: [
      test('the final time is the largest of all proposals, and above the last final of this initiator'),
      explore('w | w', largest),
      simulate(largest),
    ],
  },
  {
    name: 'the proposals of a majority are enough',
    of,
    file,
    from: 'if (next.votes !== next.group) break;',
    to: 'if (count(next.votes) < majority(count(next.group))) break;',
    // An answer that comes later would give it away.
    also: [
      {
        from: "if (batch?.stage !== 'proposed') throw new Error(`nobody",
        to: "if (batch?.stage !== 'proposed') return;\n    if (batch.number < 1) throw new Error(`nobody",
      },
    ],
    layers: [
      test('only the proposals of all subscribers make a time final'),
      explore('w | w', shared),
      simulate(largest),
    ],
  },
  {
    name: 'equal times are ordered by arrival',
    of,
    file: 'packages/total-order/src/batch.ts',
    from: 'precedes(batch, queue[at - 1] as Batch)) at -= 1;',
    to: 'batch.time < (queue[at - 1] as Batch).time) at -= 1;',
    layers: [
      test('equal times are ordered by the slot of the initiator, at every member'),
      explore('w | w', rising, '--members', '2'),
      simulate(rising),
    ],
  },
  {
    name: 'the clock is not raised by a proposal',
    of,
    file,
    from: 'this.clock = Math.max(this.clock, time) + 1;',
    to: 'const proposal = Math.max(this.clock, time) + 1;',
    also: [
      {
        from: 'initiator: from, number, time: this.clock }',
        to: 'initiator: from, number, time: proposal }',
      },
      { from: '      time: this.clock,\n', to: '      time: proposal,\n' },
    ],
    layers: [
      test(
        'another subscriber raises its clock above all it has seen, queues the command and answers its proposal',
      ),
      explore('w | w', 'a member proposes a time once'),
      simulate('a member proposes a time once'),
    ],
  },
  {
    name: 'the clock is not raised by a final time',
    of,
    file,
    from: `    this.clock = Math.max(this.clock, time);
    this.queue.splice`,
    to: '    this.queue.splice',
    layers: [
      test('whoever learns a final time first raises its clock to it'),
      explore('w w | w', pending),
      simulate(pending),
    ],
  },
  {
    name: 'a later command gets its final time before an earlier one',
    of,
    file,
    from: `    for (let next = this.drafts[0]?.batch; next !== undefined; next = this.drafts[0]?.batch) {
      if (next.votes !== next.group) break;
      this.drafts.shift();
`,
    to: `    const answered = () => this.drafts.find(({ batch, group }) => batch?.votes === group)?.batch;
    for (let next = answered(); next !== undefined; next = answered()) {
      this.drafts.splice(this.drafts.findIndex(({ batch }) => batch === next), 1);
`,
    layers: [
      test('a later command of a member gets its final time after the earlier one, between groups too'),
      explore('| wx & wy', program, '--variant', '3'),
      simulate(program),
    ],
  },
  {
    name: 'a later final time may be smaller',
    of,
    file,
    from: 'Math.max(this.lastOwnFinal + 1, ...proposals',
    to: 'Math.max(0, ...proposals',
    layers: [
      test('a later command of a member gets its final time after the earlier one, between groups too'),
      explore('wx & wz | wx & wy', program, '--variant', '3'),
      simulate(program),
    ],
  },
  {
    name: 'a command that was delivered is delivered once more',
    of,
    file,
    from: `    this.deliver(host);
  }

  private onCommitted`,
    to: `    this.deliver(host);
    if (!this.kept.includes(batch)) return;
    this.queue.unshift({ ...batch, stage: 'stable' });
    this.deliver(host);
  }

  private onCommitted`,
    layers: [
      test('every subscriber sees the same sequence of changes over all variables it shares with others'),
      explore('w', rising),
      simulate(rising),
    ],
  },
  {
    name: 'the initiator forgets what others have not delivered',
    of,
    file,
    from: 'reached >= number || !includes(group, member)',
    to: 'reached >= number || includes(group, member)',
    layers: [explore('w w | w', keeps), simulate(keeps)],
  },
  {
    name: 'others are told to forget what some have not delivered',
    of,
    file,
    from: 'for (const batches of [this.kept, this.queue]) {',
    to: 'for (const batches of [this.queue]) {',
    layers: [explore('w w | w', keeps), simulate(keeps)],
  },
  {
    name: 'a write ends when its time is final',
    of,
    file,
    from: '      next.votes = only(this.self);\n',
    to: `      next.votes = only(this.self);
      const early = next.commands.every(({ kind }) => kind === 'write') ? (this.operations.get(number) ?? []) : [];
      for (const [index, operation] of early.entries()) {
        host.complete(operation, { kind: 'written', version: versionOf(next, index) });
      }
      if (early.length > 0) this.operations.delete(number);
`,
    layers: [
      test(
        'in a larger view nobody delivers, the writer included, before f + 1 subscribers store the final time',
      ),
      explore('w | w', atHome),
      simulate(atHome),
    ],
  },
  {
    name: 'in a group of five, a final time is acted on that one member knows',
    of,
    file,
    from: "batch.stage = this.storersNeeded(batch.group) === 1 ? 'stable' : 'final';",
    to: "batch.stage = 'stable';",
    layers: [
      test(
        'in a larger view nobody delivers, the writer included, before f + 1 subscribers store the final time',
      ),
      explore('w', uniform, '--members', '5'),
      simulate(uniform),
    ],
  },
  {
    name: 'a swap is decided when it is asked for',
    of,
    file,
    from: `      commands,
      proposals: [{ member: this.self, time }],`,
    to: `      commands: commands.map((command) => {
        if (command.kind !== 'swap' || !('value' in command.expected)) return command;
        const wins = String(command.expected.value) === String(this.peek(command.key).value);
        return { ...command, expected: { version: wins ? 'any' : 'none' } };
      }),
      proposals: [{ member: this.self, time }],`,
    also: [
      {
        from: '    const command = batch.commands[index] as Command;\n',
        to: `    const asked = batch.commands[index] as Command;
    const won = asked.kind === 'swap' && 'version' in asked.expected && asked.expected.version === 'any';
    const command: Command = won ? { ...asked, expected: { value: this.peek(asked.key).value } } : asked;
`,
      },
    ],
    layers: [
      test(
        'the promise of a write resolves at its own delivery, that of a swap with the verdict computed there',
      ),
      seen('c | c', sequential),
    ],
  },
  {
    name: 'one member lets every swap succeed',
    of,
    file,
    from: '    const command = batch.commands[index] as Command;\n',
    to: `    const asked = batch.commands[index] as Command;
    const won = asked.kind === 'swap' && this.self === 2;
    const command: Command = won ? { ...asked, expected: { value: this.peek(asked.key).value } } : asked;
`,
    layers: [explore('c | c', verdicts), simulate(verdicts)],
  },
  {
    name: 'a member takes a later time than the final one',
    of,
    file,
    from: "if (this.conclude(batch, time) === 'final') {",
    to: "if (this.conclude(batch, time + (this.self === 2 ? 1 : 0)) === 'final') {",
    layers: [
      test('whoever learns a final time first raises its clock to it'),
      explore('w', oneFinal),
      simulate(oneFinal),
    ],
  },
  {
    name: 'a value is there as soon as it is asked for',
    of,
    file,
    from: `    insert(this.queue, batch);
    return batch;`,
    to: `    insert(this.queue, batch);
    for (const [index, command] of commands.entries()) {
      if (command.kind === 'write') this.entries.perform(command, versionOf(batch, index));
    }
    return batch;`,
    quick: true,
    layers: [
      test('a local read sends nothing and ends at once, with what was delivered here'),
      seen('w | w | r r r', sequential),
    ],
  },
  {
    name: 'an ordered read is answered with what was delivered here',
    of,
    file,
    from: "if (this.settings.reads === 'ordered') return this.order(operation, { kind: 'read', key }, host);\n",
    to: '',
    layers: [
      test('an ordered read takes its place in the order, and sees every write that has ended'),
      seen('w | r', linearizable, '--variant', '2'),
      simulate(linearizable),
    ],
  },
];
