/** What can happen next, as one number: its kind in the lowest three bits, then what it happens to. */
export type Action = number;

export const kinds = {
  invoke: 0,
  deliver: 1,
  duplicate: 2,
  drop: 3,
  crash: 4,
  fire: 5,
  repeat: 6,
  silence: 7,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/** Room for a member, or an operation's number at its member, beside another number. */
const room = 32;

export function actionOf(kind: Kind, subject: number): Action {
  return subject * 8 + kind;
}

export function kindOf(action: Action): Kind {
  return (action % 8) as Kind;
}

export function subjectOf(action: Action): number {
  return Math.floor(action / 8);
}

/** Two numbers as one; the second is below 32. */
export function pairOf(first: number, second: number): number {
  return first * room + second;
}

export function firstOf(pair: number): number {
  return Math.floor(pair / room);
}

export function secondOf(pair: number): number {
  return pair % room;
}
