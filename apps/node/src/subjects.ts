import { attiyaRegister } from '@dsm/attiya-register';
import { inspection as registerInspection } from '@dsm/attiya-register/inspection';
import type { Subject } from '@dsm/simulator';
import { UsageError } from './usage.js';

/** What each protocol is tried as: the first most often, the others, with other options, too. One line each. */
export const subjects: Readonly<Record<string, readonly Subject[]>> = {
  'attiya-register': [
    { protocol: attiyaRegister(), inspection: registerInspection },
    { protocol: attiyaRegister({ reads: 'all' }), inspection: registerInspection },
  ],
};

export function subjectsOf(name: string | undefined): readonly Subject[] {
  const named = name === undefined ? undefined : subjects[name];
  if (named !== undefined) return named;
  const known = Object.keys(subjects).join(', ');
  throw new UsageError(
    name === undefined ? `which protocol? ${known}` : `there is no protocol '${name}': ${known}`,
  );
}
