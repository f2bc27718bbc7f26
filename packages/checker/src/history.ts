import { Columns } from './columns.js';
import { HistoryError } from './history-error.js';
import { joinInstant, splitInstant } from './instant.js';
import { NameTable } from './name-table.js';
import { faultOf, type Operation, type OperationName, operationOf } from './operation.js';
import { ValueTable } from './value.js';

/** The names of operations, by the number they have in the columns. */
const operationNames: readonly OperationName[] = ['read', 'write', 'cas', 'delete'];

/** What is known of an operation, by the number it has in the columns. */
export const outcomes = { done: 0, unequal: 1, unknown: 2 } as const;

/**
 * Operations as they were recorded, in any order, in columns of numbers: about 50 bytes for an operation, besides
 * its value when nobody else has it. A million of them fit in the memory of a browser.
 */
export class History implements Iterable<Operation> {
  /** @internal */
  readonly columns = new Columns();
  /** @internal */
  readonly clientTable = new NameTable<string | number>();
  /** @internal */
  readonly keyTable = new NameTable<string>();
  /** @internal */
  readonly values = new ValueTable();

  /** A history of the operations given. Throws `HistoryError` when one is malformed. */
  static of(operations: Iterable<Operation>): History {
    const history = new History();
    for (const operation of operations) history.add(operation);
    return history;
  }

  get length(): number {
    return this.columns.length;
  }

  /** The keys, in the order they were met. */
  get keys(): readonly string[] {
    return this.keyTable.names;
  }

  /** Throws `HistoryError`, and stays as it was, when the operation is malformed. */
  add(operation: Operation): void {
    const fault = faultOf(operation);
    if (fault !== undefined) throw new HistoryError(fault);
    const { op, start, end, session, order } = operation;
    const value = op === 'read' && end === null ? 0 : this.values.numberOf(operation.value);
    const expected = this.values.numberOf(operation.expected);
    const columns = this.columns;
    const row = columns.grow();
    columns.name[row] = operationNames.indexOf(op);
    columns.outcome[row] = outcomeOf(operation);
    columns.client[row] = this.clientTable.numberOf(operation.client);
    columns.key[row] = this.keyTable.numberOf(operation.key);
    columns.value[row] = value;
    columns.expected[row] = expected;
    const began = splitInstant(start);
    columns.startHigh[row] = began.high;
    columns.startLow[row] = began.low;
    const ended = end === null ? began : splitInstant(end);
    columns.endHigh[row] = ended.high;
    columns.endLow[row] = ended.low;
    if (session !== undefined) columns.sessions.set(row, session);
    if (order !== undefined) columns.orders.set(row, order);
  }

  /** The operation at a place of the history, from 0, as it was recorded (values may share memory). */
  operation(row: number): Operation {
    if (!(row >= 0 && row < this.length)) throw new RangeError(`no operation ${row} of ${this.length}`);
    const columns = this.columns;
    const op = operationNames[columns.name[row] as number] as OperationName;
    const outcome = columns.outcome[row];
    const value = this.values.valueOf(columns.value[row] as number);
    const expected = this.values.valueOf(columns.expected[row] as number);
    const session = columns.sessions.get(row);
    const order = columns.orders.get(row);
    return {
      client: this.clientTable.names[columns.client[row] as number] as string | number,
      op,
      key: this.keyTable.names[columns.key[row] as number] as string,
      ...(value !== undefined && { value }),
      ...(expected !== undefined && { expected }),
      ...(op === 'cas' && outcome !== outcomes.unknown && { ok: outcome === outcomes.done }),
      start: joinInstant(columns.startHigh[row] as number, columns.startLow[row] as number),
      end:
        outcome === outcomes.unknown
          ? null
          : joinInstant(columns.endHigh[row] as number, columns.endLow[row] as number),
      ...(session !== undefined && { session }),
      ...(order !== undefined && { order }),
    };
  }

  /** Whether anything in the history has a known outcome. */
  hasFinished(): boolean {
    const { outcome } = this.columns;
    for (let row = 0; row < this.length; row += 1) {
      if (outcome[row] !== outcomes.unknown) return true;
    }
    return false;
  }

  /** @internal Why nothing can be said of the history: nothing in it has a known outcome. */
  get silence(): string | undefined {
    if (this.length === 0) return 'the history is empty';
    return this.hasFinished() ? undefined : 'no operation has a known outcome';
  }

  *[Symbol.iterator](): Iterator<Operation> {
    for (let row = 0; row < this.length; row += 1) yield this.operation(row);
  }
}

/**
 * The history in a text of JSON lines; blank lines are skipped. Throws `HistoryError` with the number of the first
 * malformed line.
 */
export function parseHistory(text: string): History {
  const reader = new HistoryReader();
  reader.feed(text);
  return reader.finish();
}

/** The history in a stream of text, cut anywhere. Rejects with `HistoryError` as `parseHistory` throws. */
export async function readHistory(chunks: AsyncIterable<string> | Iterable<string>): Promise<History> {
  const reader = new HistoryReader();
  for await (const chunk of chunks) reader.feed(chunk);
  return reader.finish();
}

/** Cuts text into lines and adds their operations. */
class HistoryReader {
  private readonly history = new History();
  private line = 0;
  /** The beginning of a line whose end has not come yet. */
  private rest = '';

  feed(chunk: string): void {
    let from = 0;
    for (let to = chunk.indexOf('\n'); to >= 0; to = chunk.indexOf('\n', from)) {
      this.accept(this.rest + chunk.slice(from, to));
      this.rest = '';
      from = to + 1;
    }
    this.rest += chunk.slice(from);
  }

  finish(): History {
    this.accept(this.rest);
    return this.history;
  }

  private accept(text: string): void {
    this.line += 1;
    const line = this.line === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
    if (line.trim() === '') return;
    try {
      this.history.add(operationOf(line));
    } catch (error) {
      throw error instanceof HistoryError ? new HistoryError(error.reason, this.line) : error;
    }
  }
}

function outcomeOf(operation: Operation): number {
  if (operation.end === null) return outcomes.unknown;
  return operation.ok === false ? outcomes.unequal : outcomes.done;
}
