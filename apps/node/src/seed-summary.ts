import { type FaultKind, faultKinds, type SeedsReport } from '@dsm/simulator';

/** Adds up what slices report, in whatever order they end. */
export class Summary {
  failure: SeedsReport['failure'];
  private readonly reports: (SeedsReport | undefined)[];

  constructor(slices: number) {
    this.reports = new Array<SeedsReport | undefined>(slices).fill(undefined);
  }

  get undecided(): number {
    return this.sum(({ undecided }) => undecided.length);
  }

  /** The failure that is kept is that of the smallest seed. */
  add(at: number, report: SeedsReport): void {
    this.reports[at] = report;
    const { failure } = report;
    if (failure !== undefined && failure.seed < (this.failure?.seed ?? Number.POSITIVE_INFINITY))
      this.failure = failure;
  }

  text(name: string, seconds: number): string {
    const seeds = this.sum((report) => report.seeds);
    const count = (number: number) => number.toLocaleString('en-US');
    const kinds = faultKinds.map(
      (kind) => [kind, this.sum(({ faults }) => faults[kind])] as [FaultKind, number],
    );
    const faults = kinds.reduce((sum, [, times]) => sum + times, 0);
    const events = this.sum((report) => report.events);
    const lines = [
      `${name}: ${count(seeds)} seeds in ${seconds.toFixed(1)} s, ${count(Math.round(seeds / seconds))} a second`,
      `operations  ${count(this.sum(({ operations }) => operations))}`,
      `events      ${count(events)}, ${count(Math.round(events / seconds))} a second`,
      `faults      ${count(faults)}: ${kinds.map(([kind, times]) => `${count(times)} ${kind}`).join(', ')}`,
      `violations  ${this.failure === undefined ? 0 : 1}`,
      `undecided   ${this.undecided}`,
      `trace hash  ${this.hash()}`,
      'how often it met that',
      ...this.sometimes().map(([situation, times]) => `  ${count(times).padStart(11)}  ${situation}`),
    ];
    return `${lines.join('\n')}\n`;
  }

  private sometimes(): [string, number][] {
    const all = new Map<string, number>();
    for (const report of this.reports) {
      for (const [situation, times] of Object.entries(report?.sometimes ?? {})) {
        all.set(situation, (all.get(situation) ?? 0) + times);
      }
    }
    return [...all].sort(([, one], [, other]) => other - one);
  }

  /** In the order of the seeds, so that it does not depend on the threads. */
  private hash(): string {
    let hash = 0x811c9dc5 | 0;
    for (const report of this.reports) {
      for (const digit of report?.hash ?? '') hash = Math.imul(hash ^ digit.charCodeAt(0), 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, '0');
  }

  private sum(of: (report: SeedsReport) => number): number {
    return this.reports.reduce((sum, report) => sum + (report === undefined ? 0 : of(report)), 0);
  }
}
