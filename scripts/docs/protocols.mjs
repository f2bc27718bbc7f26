// The table of protocols: what their guarantees say, and what their operations cost, counted in runs of the replicas.
import { attiyaRegister } from '../../packages/attiya-register/dist/index.js';
import { causal } from '../../packages/causal/dist/index.js';
import { majority } from '../../packages/core/dist/index.js';
import { readReplication } from '../../packages/read-replication/dist/index.js';
import { parseScript, tell } from '../../packages/simulator/dist/index.js';
import { tokenCoherence } from '../../packages/token-coherence/dist/index.js';
import { totalOrder } from '../../packages/total-order/dist/index.js';

/** A row each: the protocol, and what distinguishes it from the row above. */
const rows = [
  [totalOrder(), ''],
  [totalOrder({ reads: 'ordered' }), "`reads: 'ordered'`"],
  [attiyaRegister(), ''],
  [tokenCoherence(), ''],
  [tokenCoherence({ writes: 'migrate' }), "`writes: 'migrate'`"],
  [readReplication(), ''],
  [readReplication({ policy: 'update' }), "`policy: 'update'`"],
  [causal(), ''],
  [causal({ acknowledgements: 1 }), '`acknowledgements: 1`'],
];

const sizes = [3, 5];

/**
 * What is counted: operations one after the other, without faults, each when all is quiet; of the last one, the messages
 * that it causes and the message delays until it has ended. Of all pairs of members and several keys the most, since
 * protocols give a variable a home. The first operation is one member's, the others are another's or its own.
 */
const scripts = {
  "first read after another's write": { first: 'w', elsewhere: 'r' },
  'read again': { first: 'w', elsewhere: 'r r' },
  "write after another's": { first: 'w', elsewhere: 'w' },
  'write again': { first: 'w w', elsewhere: '' },
};

const keys = ['q', 'x', 'y', 'z', 'k'];

const survivals = { none: 'none', minority: 'a minority', any: 'all' };
/** It is told of so many members who goes on in a partition. */
const parted = 5;

export function protocolsTable() {
  const head = ['protocol', 'consistency', 'compare-and-swap', 'crashes that lose nothing', 'in a partition'];
  const titles = [...head, ...Object.keys(scripts)];
  const lines = rows.map(([protocol, option]) => [...promises(protocol, option), ...costs(protocol)]);
  return [titles, titles.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function promises(protocol, option) {
  const { name, guarantees } = protocol;
  const { consistency, compareAndSwap, survives } = guarantees;
  return [
    option === '' ? `[\`@dsm/${name}\`](packages/${name}/README.md)` : `… with ${option}`,
    consistency,
    compareAndSwap ? 'yes' : 'no',
    survivals[survives] ?? `${survives.crashes}`,
    inPartition(protocol),
  ];
}

/** Who goes on, by how many members an operation needs that asks anybody, and whether reads do. */
function inPartition({ guarantees: { reads }, answersNeeded }) {
  const needed = answersNeeded(parted);
  if (needed === 1) return 'all go on';
  if (needed === majority(parted)) return 'a minority stops';
  if (needed < parted) return `fewer than ${needed} only read`;
  return reads === 'ordered' ? 'all wait' : 'what is held can be read, the rest waits';
}

function costs(protocol) {
  return Object.values(scripts).map((script) => {
    const counted = sizes.map((size) => most(protocol, script, size));
    const messages = counted.map((cost) => cost.messages);
    const delays = counted.map((cost) => cost.delays);
    if (messages.every((count) => count === 0)) return 'nothing';
    return `${messages.join(' / ')}; ${[...new Set(delays)].join(' / ')} δ`;
  });
}

/** The cost of the last operation where members and key are those for which it is highest. */
function most(protocol, { first, elsewhere }, size) {
  const found = keys.flatMap((key) =>
    placesOf(first, elsewhere, size).map((parts) => {
      const keyed = parts.map((part) => part.replaceAll(/[rw]/g, (letter) => `${letter}${key}`));
      return lastCost(tell({ protocol }, parseScript(keyed.join(' | ')), size));
    }),
  );
  return {
    messages: Math.max(...found.map(({ messages }) => messages)),
    delays: Math.max(...found.map(({ delays }) => delays)),
  };
}

/** Scripts run from the first member to the last, so the second actor comes behind the first. */
function placesOf(first, elsewhere, size) {
  const members = Array.from({ length: size }, (_, member) => member);
  return members.flatMap((one) =>
    members
      .filter((other) => other > one || elsewhere === '')
      .map((other) => members.map((at) => (at === one ? first : at === other ? elsewhere : ''))),
  );
}

/** A message arrives one delay after the event that sent it. */
function lastCost({ members, moments }) {
  const begun = moments.findLastIndex(({ kind }) => kind === 'invoke');
  const depths = members.map(() => 0);
  const flights = new Map();
  let [messages, delays] = [0, 0];
  for (const { kind, at, flight } of moments.slice(begun)) {
    if (kind === 'send') {
      messages += 1;
      flights.set(flight, depths[at] + 1);
    } else if (kind === 'receive') depths[at] = flights.get(flight);
    else if (kind === 'return') delays = depths[at];
  }
  return { messages, delays };
}
