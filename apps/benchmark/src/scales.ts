import { membersMax } from '@dsm/core';
import type { Scale } from './run.js';
import type { Settings } from './settings.js';

/** What is to grow, and through which values. */
export interface ScaleOrder {
  readonly of: Scale;
  readonly at: readonly number[];
}

/** The most that each may be; the least is 1. */
const scaleMax: Readonly<Record<Scale, number>> = {
  members: membersMax,
  clients: 100_000,
  keys: 100_000_000,
  'value-bytes': 16_000_000,
};

/** Each value is a group of its own, of every system and in every round. */
const valuesMax = 100;

/** Reads `members=1,3..5`: what grows, and its values in rising order; a message where it cannot be read. */
export function scaleOrderIn(text: string): ScaleOrder | string {
  const [name = '', list = '', ...more] = text.split('=');
  if (!isScale(name)) return `"${text}" does not begin with one of ${Object.keys(scaleMax).join('=, ')}=`;
  if (more.length > 0) return `"${text}" has more than one =: give --scale once for each thing that grows`;
  if (list === '') return `"${text}" has no values, such as ${name}=1..9 or ${name}=1,8,64`;
  const at = new Set<number>();
  for (const part of list.split(',')) {
    const [, first, last = first] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to <= scaleMax[name])) {
      return `"${part}" is neither a whole number from 1 to ${scaleMax[name]} nor a range such as 1..9 within that`;
    }
    for (let value = from; value <= to && at.size <= valuesMax; value++) at.add(value);
  }
  if (at.size > valuesMax)
    return `"${text}" has more than ${valuesMax} values: name some, such as ${name}=1,8,64`;
  return { of: name, at: [...at].sort((one, other) => one - other) };
}

/** The settings with one thing grown. */
export function settingsAt(settings: Settings, of: Scale, at: number): Settings {
  const { workload } = settings;
  // Between two sizes nobody compares with the floor.
  const grown = { ...settings, floor: false };
  switch (of) {
    case 'members':
      return { ...grown, members: at };
    case 'clients':
      return { ...grown, clients: at };
    case 'keys':
      return { ...grown, workload: { ...workload, size: { ...workload.size, keys: at } } };
    default:
      return { ...grown, workload: { ...workload, size: { ...workload.size, valueBytes: at } } };
  }
}

function isScale(name: string): name is Scale {
  return Object.hasOwn(scaleMax, name);
}
