import type { Ended, Fault, Flight, Inspection, Inspector, Key, Members, Replica } from '@dsm/core';
import { Names } from './names.js';
import { copied, fingerprint } from './plain-data.js';
import { Trie } from './trie.js';

/** What an inspector finds, and its number afterwards. */
export interface Finding {
  readonly inspector: number;
  readonly fault: Fault | undefined;
}

/** What there is to see after an event, with the numbers of the members' snapshots. */
export interface View {
  readonly members: readonly number[];
  readonly replicas: readonly Replica<unknown>[];
  readonly crashed: Members;
  flights(): Iterable<Flight>;
}

const blind: Finding = { inspector: 0, fault: undefined };

/**
 * The inspectors of all states. One that remembers the same, sees the same replicas and is told of the same endings
 * finds the same: it is asked once, unless it looked at what is in flight.
 */
export class Inspections {
  /** An inspector looked at what is in flight while a member was crashed. */
  sawLetters = false;
  private readonly inspection: Inspection | undefined;
  private readonly keys: readonly Key[];
  private readonly inspectors: Inspector[] = [];
  private readonly names = new Names();
  private readonly paths = new Trie();
  private readonly findings = new Map<number, Finding>();
  private readonly endings = new Names();

  constructor(inspection: Inspection | undefined, keys: readonly Key[]) {
    this.inspection = inspection;
    this.keys = keys;
  }

  /** The number of an inspector that has seen nothing. */
  first(): number {
    return this.inspection === undefined ? 0 : this.keep(this.inspection.inspector());
  }

  find(inspector: number, view: View, ended: readonly Ended[]): Finding {
    if (this.inspection === undefined) return blind;
    const endings = ended.length === 0 ? -1 : this.endings.of(fingerprint(ended));
    const path = this.paths.of(view.members, this.paths.of([inspector, view.crashed, endings]));
    const known = this.findings.get(path);
    if (known !== undefined) return known;
    const { finding, looked } = this.ask(inspector, view, ended);
    if (!looked) this.findings.set(path, finding);
    else if (view.crashed !== 0) this.sawLetters = true;
    return finding;
  }

  private ask(number: number, view: View, ended: readonly Ended[]): { finding: Finding; looked: boolean } {
    const { replicas, crashed } = view;
    const inspector = copied(this.inspectors[number] as Inspector);
    for (const one of ended) inspector.ended(one);
    let looked = false;
    const flights = () => {
      looked = true;
      return view.flights();
    };
    const fault = inspector.fault({ replicas, crashed, keys: this.keys, flights });
    return { finding: { inspector: this.keep(inspector), fault }, looked };
  }

  private keep(inspector: Inspector): number {
    const number = this.names.of(fingerprint(inspector, noConstants));
    this.inspectors[number] ??= inspector;
    return number;
  }
}

const noConstants = new Map<object, number>();
