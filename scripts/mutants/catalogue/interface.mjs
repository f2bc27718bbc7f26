// Mistakes between the user and a replica: values, promises, errors.
import { tested } from '../layers.mjs';

const of = 'interface';
const core = (file) => `packages/core/src/${file}`;
const test = (file, title) => tested('core', file, title);

export const interfaceMutants = [
  {
    name: 'an operation of unknown outcome is reported as a failure',
    of,
    file: core('memory/operations.ts'),
    from: "const outcome = begun && operation.task.kind !== 'read' ? 'unknown' : 'not-applied';",
    to: "const outcome = 'not-applied' as DsmOutcome;",
    quick: true,
    layers: [
      test(
        'memory/operations',
        'operations that were given up are told of with their outcome, and only if the replica has them',
      ),
    ],
  },
  {
    name: 'a program that reads in a loop keeps its process from all else',
    of,
    file: core('memory/spell.ts'),
    from: 'if (this.shown < readsPerTurn) return true;',
    to: 'if (this.shown > 0) return true;',
    layers: [
      test(
        'memory/local-reads',
        'a protocol that reads locally lets others have their turn while a program does nothing but read',
      ),
    ],
  },
  {
    name: 'members whose limits of values differ form a group',
    of,
    file: core('group/identity.ts'),
    from: 'if (mine.valueBytesMax !== theirs.valueBytesMax) {',
    to: 'if (mine.valueBytesMax !== theirs.valueBytesMax && mine.valueBytesMax < 0) {',
    layers: [
      test(
        'memory/joining',
        'members that do not fit together different limits of values: what one does not take would keep all behind it from arriving',
      ),
    ],
  },
  {
    name: 'a socket that is connected to itself is kept',
    of,
    file: 'packages/transport-tcp/src/connection.ts',
    from: 'if (itself) this.abandon();',
    to: 'if (itself) this.heard = true;',
    layers: [
      tested(
        'transport-tcp',
        'reconnecting',
        'who dials a port where nobody listens does not stay connected to itself',
      ),
    ],
  },
  {
    name: 'who receives much says nothing, and is taken for silent',
    of,
    file: 'packages/transport-tcp/src/connection.ts',
    from: 'if (this.unanswered > unansweredBytesMax) this.answer();',
    to: 'if (this.unanswered < 0) this.answer();',
    layers: [
      tested(
        'transport-tcp',
        'connections',
        'a large frame arrives over a slow line, though it takes longer than a peer may be silent',
      ),
    ],
  },
  {
    name: 'a swap is sent to a server though nobody waits for it any more',
    of,
    file: core('engine/requests.ts'),
    from: '      this.checkAwaited(operation);\n      const version',
    to: '      const version',
    layers: [
      test(
        'engine/abandoned',
        'a compare-and-swap that nobody waits for any more is not begun when what it looked for is told after all',
      ),
    ],
  },
  {
    name: 'a server is taken for silent while it answers',
    of,
    file: core('engine/requests.ts'),
    from: '    this.host.heard(connection);\n',
    to: '',
    layers: [
      test(
        'engine/join-engine',
        'a server that does not answer is not taken for silent while it answers, though a ping waits behind much else',
      ),
    ],
  },
  {
    name: 'close() leaves a promise hanging',
    of,
    file: core('memory/operations.ts'),
    from: '    for (const [id] of this.pending) this.fail(id, ended);\n',
    to: '',
    hangs: true,
    layers: [test('memory/close', 'close while something is pending ends every operation and watch')],
  },
  {
    name: 'a listener that throws stops those behind it',
    of,
    file: core('node/trace.ts'),
    from: `  } catch {
    failed();
  }`,
    to: `  } catch (error) {
    failed();
    throw error;
  }`,
    hangs: true,
    layers: [
      test('memory/watch-every', 'onChange one that throws, or rejects, is counted and disturbs nobody'),
    ],
  },
  {
    name: 'NaN becomes null',
    of,
    file: core('codec/value-dresser.ts'),
    from: 'return Object.is(value, -0) ? this.dress([dress.minusZero]) : value;',
    to: 'return Object.is(value, -0) ? this.dress([dress.minusZero]) : Number.isNaN(value) ? null : value;',
    layers: [
      test('memory/reading-and-writing', 'reading and writing values of every kind come back as they were'),
    ],
  },
  {
    name: '-0 becomes 0',
    of,
    file: core('codec/value-dresser.ts'),
    from: 'return Object.is(value, -0) ? this.dress([dress.minusZero]) : value;',
    to: 'return value;',
    layers: [test('value', 'round trips of -0, which msgpack has only as a fraction')],
  },
  {
    name: '`__proto__` becomes another key',
    of,
    file: core('codec/value-format.ts'),
    from: 'return inherited.has(key) || key === dressMark || isAwkwardText(key);',
    to: 'return key === dressMark || isAwkwardText(key);',
    layers: [test('value', 'prototypes are not reached by the names of keys')],
  },
  {
    name: 'a Uint8Array that is part of a buffer becomes the whole of it',
    of,
    file: core('codec/value-format.ts'),
    from: 'return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);',
    to: 'return new Uint8Array(value.buffer);',
    layers: [test('value', 'what is read is a part of a larger buffer, as written')],
  },
  {
    name: 'a Uint8Array that was read shares its bytes with the next reader',
    of,
    file: core('codec/value.ts'),
    from: 'return new Uint8Array(bytes.subarray(1));',
    to: 'return bytes.subarray(1);',
    layers: [
      test(
        'value',
        'what is read is a Uint8Array with a buffer of its own where a Buffer was written, and read out of a Buffer',
      ),
    ],
  },
  {
    name: 'a value changed after write() is written as changed',
    of,
    file: core('memory/content.ts'),
    from: 'if (schema === undefined) return { bytes: encoded };',
    to: `if (schema === undefined) {
      const late: Content = {
        bytes: encoded,
        prepare: async () => {
          await undefined;
          late.bytes = this.encoded(value);
        },
      };
      return late;
    }`,
    quick: true,
    layers: [
      test(
        'memory/reading-and-writing',
        'reading and writing a value may be changed as soon as it was given',
      ),
    ],
  },
];
