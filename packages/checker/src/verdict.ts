/** What a checker found: `unknown` means that it found nothing in time, never that all is well. */
export type Verdict = 'legal' | 'illegal' | 'unknown';
