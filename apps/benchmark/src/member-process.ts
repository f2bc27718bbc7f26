import type { ChildProcess } from 'node:child_process';
import type { Answers, Order, Report } from './orders.js';

/** A member that ended, fell silent or could not do what it was told. */
export class MemberFailure extends Error {
  /** The code of the error that the member met, where it had one. */
  readonly code: string | undefined;

  constructor(member: string, message: string, code?: string) {
    super(`member ${member}: ${message}`);
    this.name = 'MemberFailure';
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: MemberFailure) => void;
  readonly limitMs: number;
}

/** The coordinator's end of the channel to one member. */
export class MemberProcess {
  readonly name: string;
  /** Operations it has performed, in any phase. */
  performed = 0;
  private readonly child: ChildProcess;
  private waiting: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended: MemberFailure | undefined;

  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.child = child;
    child.on('message', (report: Report) => this.onReport(report));
    child.once('error', (error) => this.onEnd(error.message));
    child.once('exit', (code, signal) => this.onEnd(`its process ended with ${signal ?? code}`));
  }

  /** Gives an order. It fails when the member has neither answered nor performed anything for so long. */
  ask<Kind extends Order['kind']>(
    order: Extract<Order, { kind: Kind }>,
    limitMs: number,
  ): Promise<Answers[Kind]> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve: resolve as (answer: unknown) => void, reject, limitMs };
      this.watch(order.kind);
      this.child.send(order);
    });
  }

  private watch(kind: string): void {
    clearTimeout(this.timer);
    const limitMs = this.waiting?.limitMs ?? 0;
    const seconds = Math.round(limitMs / 1_000);
    const silent = new MemberFailure(
      this.name,
      `nothing happened for ${seconds} s after the order to ${kind}`,
    );
    this.timer = setTimeout(() => this.take()?.reject(silent), limitMs);
  }

  private onReport(report: Report): void {
    if (report.kind === 'progress') {
      if (report.performed > this.performed && this.waiting !== undefined) this.timer?.refresh();
      this.performed = report.performed;
      return;
    }
    const waiting = this.take();
    if (report.kind === 'done') waiting?.resolve(report.answer);
    else waiting?.reject(new MemberFailure(this.name, report.message, report.code));
  }

  private onEnd(reason: string): void {
    this.ended ??= new MemberFailure(this.name, reason);
    this.take()?.reject(this.ended);
  }

  private take(): Waiting | undefined {
    clearTimeout(this.timer);
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }
}
