import { DsmError } from '../error.js';
import { valueDepthMax } from './value-format.js';

const pathLengthMax = 200;
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Where in a value something is: the containers around it, outermost first, and the key or index within each. */
export interface Place {
  readonly holders: readonly (object | null)[];
  readonly steps: readonly (string | number)[];
}

/** The error for something that no value may hold, with the way to it. */
export function refusal(value: unknown, place: Place): DsmError {
  const outermost = place.holders.length === 0;
  if (value === undefined && outermost) {
    return invalid('undefined cannot be written: use delete to remove an entry.');
  }
  const where = outermost ? '' : ` at ${path(place)}`;
  return invalid(`A value cannot hold ${describe(value, place)}${where}.${advice(value)}`);
}

/** The error for a container below `valueDepthMax` others: too many, or a cycle. */
export function tooDeep(value: object, place: Place): DsmError {
  const containers = [...place.holders, value];
  const again = containers.findIndex((container, level) => containers.indexOf(container) < level);
  if (again < 0)
    return invalid(`A value is nested at most ${valueDepthMax} deep; it goes on at ${path(place)}.`);
  const first = containers.indexOf(containers[again] ?? null);
  const around = first === 0 ? 'the value itself' : path(place, first);
  return invalid(`A value cannot hold a cycle: ${path(place, again)} is ${around} again.`);
}

export function tooLarge(valueBytesMax: number): DsmError {
  return invalid(`A value takes at most ${valueBytesMax} bytes when encoded; this one takes more.`);
}

function invalid(message: string): DsmError {
  return new DsmError('DSM_INVALID_VALUE', message);
}

function describe(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'undefined':
      return isHole(place.holders.at(-1), place.steps.at(-1)) ? 'a hole in an array' : 'undefined';
    case 'string':
      return 'a string with a lone surrogate';
    case 'object':
      if (isDate(value)) return 'an invalid Date';
      return `an instance of ${className(value)}`;
    default:
      return `a ${typeof value}`;
  }
}

/** A plain Date, of which only an invalid one is refused. */
function isDate(value: unknown): boolean {
  return value instanceof Date && Object.getPrototypeOf(value) === Date.prototype;
}

function isHole(holder: object | null | undefined, step: string | number | undefined): boolean {
  return Array.isArray(holder) && typeof step === 'number' && !(step in holder);
}

function className(value: object | null): string {
  const name: unknown = value?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'a class';
}

function advice(value: unknown): string {
  if (value === undefined) return ' Leave it out or use null.';
  if (typeof value === 'object' && !isDate(value)) return ' Write a plain object instead.';
  return '';
}

/** The way through the containers, as one would write it: `.user.tags[2]`. */
function path({ holders, steps }: Place, depth = holders.length): string {
  const text = steps.slice(0, depth).map((step, level) => stepText(holders[level] ?? null, step));
  const whole = text.join('');
  return whole.length <= pathLengthMax ? whole : `…${whole.slice(-pathLengthMax)}`;
}

function stepText(holder: object | null, step: string | number): string {
  if (typeof step === 'string') return identifier.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  if (holder instanceof Set) return `.values()[${step}]`;
  if (holder instanceof Map) return `.${step % 2 === 0 ? 'keys' : 'values'}()[${step >> 1}]`;
  return `[${step}]`;
}
