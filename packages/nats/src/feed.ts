import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import type { Api } from './api.js';
import { isMarker } from './record.js';

const nanosecondsPerMs = 1_000_000;
/** How long the server is silent before it says that there is nothing new. */
const idleMs = 2_000;
/** How long a feed outlives the connection of its client. */
const outlivesMs = 1_000;

/** What a feed tells, in the order of the stream. */
export interface FeedEvents {
  /** A key was written, or deleted: `absent`. */
  told(subject: string, absent: boolean): void;
  /** Something went untold, as when a server between here and there was overloaded. */
  missed(): void;
  /** Everything was told so far. */
  idle?(): void;
}

export interface FeedOptions {
  readonly stream: string;
  readonly subjects: string;
  /** Which messages: those to come, or the last one of each subject and then those to come. */
  readonly from: 'new' | 'last_per_subject';
}

/** What happens to the keys of a bucket, without their values: an ephemeral consumer of JetStream. */
export class Feed {
  private readonly api: Api;
  private readonly path: string;
  private readonly subscription: Subscription;

  private constructor(api: Api, path: string, subscription: Subscription) {
    this.api = api;
    this.path = path;
    this.subscription = subscription;
  }

  /** Resolves when the server has begun: from then on nothing goes untold. */
  static async open(api: Api, { stream, subjects, from }: FeedOptions, events: FeedEvents): Promise<Feed> {
    const inbox = createInbox();
    const hearing = new Hearing(events);
    const subscription = api.client.subscribe(inbox, {
      // Its error is that of the connection, which others hear of.
      callback: (error, message) => {
        if (error === null) hearing.hear(message);
      },
    });
    const config = {
      deliver_subject: inbox,
      filter_subject: subjects,
      deliver_policy: from,
      ack_policy: 'none',
      replay_policy: 'instant',
      headers_only: true,
      idle_heartbeat: idleMs * nanosecondsPerMs,
      inactive_threshold: outlivesMs * nanosecondsPerMs,
      num_replicas: 1,
      mem_storage: true,
    };
    try {
      const request = { stream_name: stream, config };
      const { name } = await api.ask<{ readonly name: string }>(`CONSUMER.CREATE.${stream}`, request);
      return new Feed(api, `${stream}.${name}`, subscription);
    } catch (error) {
      subscription.unsubscribe();
      throw error;
    }
  }

  /** Resolves when the connection of the feed, or the feed itself, has ended. */
  get closed(): Promise<unknown> {
    return this.subscription.closed;
  }

  /** Rejects where the server has no such feed any more, or does not answer. */
  inquire(): Promise<unknown> {
    return this.api.ask(`CONSUMER.INFO.${this.path}`);
  }

  /** Ends it here; at the server at once where it answers, and otherwise soon. */
  close(): void {
    this.subscription.unsubscribe();
    this.api.ask(`CONSUMER.DELETE.${this.path}`).catch(() => undefined);
  }
}

/** Hears a feed, and counts along: its messages are numbered from one. */
export class Hearing {
  private readonly events: FeedEvents;
  private heard = 0;

  constructor(events: FeedEvents) {
    this.events = events;
  }

  hear({ subject, reply, headers }: Pick<Msg, 'subject' | 'reply' | 'headers'>): void {
    // 100 says that there is nothing, or how far it is; what is told has no status.
    if (headers !== undefined && headers.code > 0) {
      const told = Number(headers.get('Nats-Last-Consumer') || this.heard);
      if (told === this.heard) return this.events.idle?.();
      this.heard = told;
      return this.events.missed();
    }
    const number = numberIn(reply);
    const expected = this.heard + 1;
    this.heard = number;
    if (number !== expected) this.events.missed();
    this.events.told(
      subject,
      isMarker((name) => headers?.get(name)),
    );
  }
}

/**
 * The number of a message in its feed: `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream number>.<number>.…`, or with
 * domain and account before the stream.
 */
function numberIn(reply: string | undefined): number {
  const tokens = (reply ?? '').split('.');
  return Number(tokens[tokens.length >= 11 ? 8 : 6] ?? Number.NaN);
}
