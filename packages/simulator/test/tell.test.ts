import { attiyaRegister } from '@dsm/attiya-register';
import { describe, expect, test } from 'vitest';
import { parseScript, type Subject, tell, transcriptOf } from '../src/index.js';

const register: Subject = { protocol: attiyaRegister() };
const told = (script: string, members?: number) => transcriptOf(tell(register, parseScript(script), members));

describe('a script told', () => {
  test('has its operations one after the other, each with its messages and its end', () => {
    expect(told('w | r', 2)).toMatchInlineSnapshot(`
      "a  write x = 1 begins
      a → b  probe 1 x
      b ← a  probe 1 x
      b → a  probed 1 0
      a ← b  probed 1 0
      a → b  store 2 1 x 32 '1'
      b ← a  store 2 1 x 32 '1'
      b → a  stored 2
      a ← b  stored 2
      a  write x = 1 returns done
      b  read x begins
      b → a  query 1 x 32
      a ← b  query 1 x 32
      a → b  queried 1 32 confirmed
      b ← a  queried 1 32 confirmed
      b  read x returns 1
      "
    `);
  });

  test('reads what was written last', () => {
    const { moments } = tell(register, parseScript('w w | r r | d r'));
    const answers = moments.flatMap((moment) => (moment.kind === 'return' ? [moment.label] : []));
    expect(answers).toEqual(['done', 'done', '2', '2', 'done', 'absent']);
  });

  test('lets happen at the end of a turn what waits for it', () => {
    // A busy register asks when the turn ends.
    const busy: Subject = { protocol: attiyaRegister({ busyRounds: 0 }) };
    const { moments } = tell(busy, parseScript('w | r'));
    const answers = moments.flatMap((moment) => (moment.kind === 'return' ? [moment.label] : []));
    expect(answers).toEqual(['done', '1']);
  });

  test('says so where an operation does not end', () => {
    const right = attiyaRegister();
    const deaf = { ...right, replica: (self: number) => silent(right.replica(self)) };
    expect(() => tell({ protocol: deaf }, parseScript('r'))).toThrow('read x did not end');
  });
});

/** A replica that hears nothing. */
function silent(replica: ReturnType<Subject['protocol']['replica']>) {
  return {
    read: replica.read.bind(replica),
    write: replica.write.bind(replica),
    receive: () => undefined,
    keys: () => replica.keys(),
    seal: () => replica.seal(),
    enter: replica.enter.bind(replica),
  };
}
