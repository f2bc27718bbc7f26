import { ABSENT, type RawEntry } from '@dsm/core';

/** A message as a stream gives it back; bytes are base64, and what is empty is left out. */
export interface StoredMessage {
  readonly seq: number;
  readonly hdrs?: string;
  readonly data?: string;
}

/** What is known of a key: its entry, and the number of its last message, be it that of a marker; zero for none. */
export interface Known {
  readonly entry: RawEntry;
  readonly sequence: number;
}

/** The header that marks what a delete leaves behind. */
export const operationHeader = 'KV-Operation';
/** The header of markers that newer servers leave themselves. */
const reasonHeader = 'Nats-Marker-Reason';

const absent: RawEntry = { value: ABSENT, version: '' };
export const unknown: Known = { entry: absent, sequence: 0 };

/** Whether headers are those of a marker: the key is absent. */
export function isMarker(header: (name: string) => string | undefined): boolean {
  return /^(DEL|PURGE)$/.test(header(operationHeader) ?? '') || (header(reasonHeader) ?? '') !== '';
}

/** What a stored message says of its key. */
export function knownOf({ seq, hdrs, data = '' }: StoredMessage, birth: string): Known {
  if (hdrs !== undefined && isMarker(headersIn(Buffer.from(hdrs, 'base64').toString('latin1')))) {
    return { entry: absent, sequence: seq };
  }
  return { entry: { value: Buffer.from(data, 'base64'), version: versionOf(seq, birth) }, sequence: seq };
}

function headersIn(text: string): (name: string) => string | undefined {
  const lines = text.split('\r\n');
  return (name) => {
    const line = lines.find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return line?.slice(name.length + 1).trim();
  };
}

/** The version of a write: its number in the bucket, and which bucket that was. */
export function versionOf(sequence: number, birth: string): string {
  return `${sequence}-${birth}`;
}

/** The number that a version stands for, 0 for an absent entry; undefined for what no entry of this bucket ever had. */
export function sequenceOf(version: string, birth: string): number | undefined {
  if (version === '') return 0;
  const [, digits, of] = /^([1-9]\d{0,15})-(\w+)$/.exec(version) ?? [];
  const sequence = Number(digits);
  return of === birth && Number.isSafeInteger(sequence) ? sequence : undefined;
}
