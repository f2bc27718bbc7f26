import type { Timestamp, TotalOrderProperty, TotalOrderRun } from '../src/index.js';

/** The properties that a run breaks, each by its definition: orders are tried one after another. */
export function bruteTotalOrder({ sent, logs, quiescent }: TotalOrderRun): Set<TotalOrderProperty> {
  const broken = new Set<TotalOrderProperty>();
  const commands = [...sent];
  const all = [...logs].map(({ member, deliveries, stopped }) => ({
    member,
    stopped: stopped === true,
    deliveries,
    names: deliveries.map(({ command }) => command),
  }));
  const addressed = (name: string, member: string): boolean =>
    commands.some(({ command, group }) => command === name && group.includes(member));
  for (const { member, names } of all) {
    if (names.some((name) => !addressed(name, member))) broken.add('integrity');
    if (new Set(names).size < names.length) broken.add('integrity');
  }
  if (!mayBeTimed(all.map(({ deliveries }) => deliveries))) broken.add('timestamps');
  const orders = permutations([...new Set(all.flatMap(({ names }) => names))]);
  if (!orders.some((order) => all.every(({ names }) => isSubsequence(names, order)))) broken.add('order');
  for (const one of all) {
    for (const other of all) {
      const mine = one.names.filter((name) => addressed(name, other.member));
      const theirs = other.names.filter((name) => addressed(name, one.member));
      if (!`${mine.join()},`.startsWith(theirs.map((name) => `${name},`).join(''))) {
        if (!`${theirs.join()},`.startsWith(mine.map((name) => `${name},`).join(''))) broken.add('prefix');
      }
    }
  }
  for (const { command, group, from } of quiescent ? commands : []) {
    const somebody = all.some(({ names }) => names.includes(command));
    if (!somebody && all.some(({ member, stopped }) => member === from && stopped)) continue;
    for (const member of group) {
      const log = all.find((each) => each.member === member);
      if (log === undefined || !(log.stopped || log.names.includes(command))) broken.add('agreement');
    }
  }
  return broken;
}

function mayBeTimed(
  logs: readonly (readonly { readonly command: string; readonly timestamp?: Timestamp | undefined }[])[],
): boolean {
  const text = (timestamp: Timestamp): string =>
    timestamp.map((part) => String(part).padStart(6, '0')).join();
  const timed = logs.map((log) =>
    log.flatMap(({ command, timestamp }) =>
      timestamp === undefined ? [] : [{ command, time: text(timestamp) }],
    ),
  );
  const everywhere = timed.flat();
  return (
    timed.every((log) =>
      log.every(({ time }, at) => log.slice(0, at).every((before) => before.time < time)),
    ) &&
    everywhere.every((one) =>
      everywhere.every((other) => one.command !== other.command || one.time === other.time),
    )
  );
}

function isSubsequence(names: readonly string[], order: readonly string[]): boolean {
  let place = -1;
  return names.every((name) => {
    place = order.indexOf(name, place + 1);
    return place >= 0;
  });
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
