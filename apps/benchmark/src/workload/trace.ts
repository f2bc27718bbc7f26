import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../message-of.js';

/** One operation of a block trace. */
export interface TraceStep {
  readonly write: boolean;
  readonly bytes: number;
  /** Logical block number: the key. */
  readonly block: number;
}

/** A trace that cannot be read as one; names the line where there is one. */
export class TraceError extends Error {
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, reason: string, cause?: unknown) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${reason}`, { cause });
    this.name = 'TraceError';
    this.line = line;
  }
}

const header = 'version,time,op,size,lbn';
/** SCSI READ(10) and WRITE(10), in hexadecimal. */
const writes: Readonly<Record<string, boolean>> = { '28': false, '2a': true };
const valueBytesMax = 16_000_000;

/**
 * Reads a CloudPhysics trace (columns version, time, op, size, lbn; plain or gzip by its name) as a stream: it goes
 * no faster than it is consumed. Throws a `TraceError`.
 */
export async function* readTrace(file: string): AsyncGenerator<TraceStep> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    if (line > 1) yield parseStep(text, (reason) => new TraceError(file, line, reason));
    else if (text !== header) throw new TraceError(file, line, `the first line must be "${header}"`);
  }
  if (line < 2) throw new TraceError(file, undefined, 'the trace is empty');
}

function parseStep(text: string, wrong: (reason: string) => TraceError): TraceStep {
  const fields = text.split(',');
  if (fields.length !== 5) throw wrong(`expected 5 columns, found ${fields.length}`);
  const [, , operation = '', size = '', lbn = ''] = fields;
  const write = Object.hasOwn(writes, operation) ? writes[operation] : undefined;
  if (write === undefined) throw wrong(`op must be 28 (read) or 2a (write), not "${operation}"`);
  const bytes = wholeNumber(size);
  if (bytes === undefined || bytes < 1 || bytes > valueBytesMax) {
    throw wrong(`size must be a whole number from 1 to ${valueBytesMax}, not "${size}"`);
  }
  const block = wholeNumber(lbn);
  if (block === undefined) throw wrong(`lbn must be a whole number, not "${lbn}"`);
  return { write, bytes, block };
}

function wholeNumber(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const stream = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  if (stream !== source) source.once('error', (error) => stream.destroy(error));
  stream.setEncoding('latin1');
  let rest = '';
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
  } catch (error) {
    throw new TraceError(file, undefined, messageOf(error), error);
  } finally {
    source.destroy();
    stream.destroy();
  }
  if (rest !== '') yield rest;
}
