/** What a link may do to the world. */
export interface LinkHost {
  /** Hands a frame to the transport, which may lose it. */
  transmit(frame: Uint8Array): void;
}

export interface LinkLimits {
  /** Bytes sent and not acknowledged, beyond which the link is full. */
  readonly bytesInFlightMax: number;
  /** Frames that arrived before an earlier one and wait for it. */
  readonly earlyMax: number;
}

/** A frame that has not been acknowledged. */
interface Sent {
  readonly sequence: number;
  readonly frame: Uint8Array;
}

/** In the place of an acknowledged frame, so that its bytes can be freed. */
const forgotten: Sent = { sequence: 0, frame: new Uint8Array(0) };

/** Ticks without an acknowledgement before the first frame is sent again; doubled each time, up to the longest. */
const patienceTicks = 5;
const patienceTicksMax = 40;
/** Frames sent again at once when the peer is heard of after a silence; doubled with each acknowledgement. */
const burstFirst = 16;
const burstMax = 1024;
/** What may arrive unacknowledged before an acknowledgement is sent without waiting for traffic to ride on. */
const owedBytesMax = 256 * 1024;
const owedFramesMax = 64;

/**
 * An exactly-once FIFO stream of frames to and from one incarnation of a peer, over a transport that loses, repeats
 * and reorders: numbered frames, cumulative acknowledgements that ride on every frame, sending again after a silence.
 * Time is counted in ticks given from outside.
 */
export class Link<Payload> {
  readonly incarnation: number;
  private readonly limits: LinkLimits;

  /** The number of the next frame to send. */
  private next = 1;
  /** Frames sent and not acknowledged, in order; those before `first` are gone. */
  private sent: Sent[] = [];
  private first = 0;
  bytesInFlight = 0;
  /** After a silence, and until all is caught up: frames up to this number were sent again, those behind it wait. */
  private transmitted = 0;
  /** Frames up to this number have left at least once. */
  private left = 0;
  /** While not 0: how many frames may follow the next acknowledgement. The peer has been silent. */
  private burst = 0;
  private ticksWaited = 0;
  private patience = patienceTicks;

  /** Every frame up to this number has arrived and was delivered. */
  received = 0;
  /** Frames that arrived before an earlier one. */
  private early = new Map<number, Payload>();
  private owedBytes = 0;
  private owedFrames = 0;
  /** The peer sent something twice or out of order: it should learn at once what is missing. */
  private urgent = false;

  retransmissions = 0;
  duplicates = 0;

  constructor(incarnation: number, limits: LinkLimits) {
    this.incarnation = incarnation;
    this.limits = limits;
  }

  get bytesInFlightMax(): number {
    return this.limits.bytesInFlightMax;
  }

  get full(): boolean {
    return this.bytesInFlight > this.limits.bytesInFlightMax;
  }

  /** Whether less than half of what may be in flight is. */
  get roomy(): boolean {
    return this.bytesInFlight <= this.limits.bytesInFlightMax / 2;
  }

  /** Whether everything that was sent has arrived. */
  get idle(): boolean {
    return this.framesInFlight === 0;
  }

  /** How many frames were sent and are not acknowledged. */
  get framesInFlight(): number {
    return this.sent.length - this.first;
  }

  /** Whether ticks are needed: something may have to be sent again or acknowledged. */
  get restless(): boolean {
    return !this.idle || this.owedFrames > 0;
  }

  /** Takes the number for a frame that `send` will then be given. */
  number(): number {
    return this.next++;
  }

  /** Sends a numbered frame, now or when the peer has caught up with what went before. */
  send(sequence: number, frame: Uint8Array, host: LinkHost): void {
    if (this.first === this.sent.length) this.ticksWaited = 0;
    this.sent.push({ sequence, frame });
    this.bytesInFlight += frame.length;
    if (this.burst !== 0) return; // The peer is silent: sent once it has acknowledged what it lacks.

    this.left = sequence;
    host.transmit(frame);
  }

  /** A frame is about to leave with `received` in its header: nothing is owed any more. */
  acknowledging(): void {
    this.owedBytes = 0;
    this.owedFrames = 0;
    this.urgent = false;
  }

  /** Whether an acknowledgement should leave in this turn even if nothing else does. */
  get owes(): boolean {
    return this.urgent || this.owedBytes > owedBytesMax || this.owedFrames > owedFramesMax;
  }

  /** Whether an acknowledgement is owed at all. */
  get owesAnything(): boolean {
    return this.owedFrames > 0;
  }

  /** Takes in the acknowledgement that a frame of the peer carries. False if it acknowledges what was never sent. */
  acknowledge(acknowledged: number, host: LinkHost): boolean {
    if (acknowledged >= this.next) return false;
    const before = this.first;
    while (this.first < this.sent.length && (this.sent[this.first] as Sent).sequence <= acknowledged) {
      this.bytesInFlight -= (this.sent[this.first] as Sent).frame.length;
      this.sent[this.first] = forgotten;
      this.first += 1;
    }
    if (this.first === before) return true;

    this.ticksWaited = 0;
    this.patience = patienceTicks;
    this.compact();
    if (this.burst !== 0) this.resume(host);
    return true;
  }

  /**
   * Takes in a numbered frame and returns what can now be delivered, in order: nothing while one before it is missing.
   * `undefined` where the frame was dropped: it came twice, or too many are early.
   */
  accept(sequence: number, bytes: number, payload: Payload): Payload[] | undefined {
    this.owedFrames += 1;
    this.owedBytes += bytes;
    if (sequence <= this.received || this.early.has(sequence)) {
      this.duplicates += 1;
      this.urgent = true;
      return undefined;
    }
    if (sequence !== this.received + 1) {
      this.urgent = true;
      if (this.early.size >= this.limits.earlyMax) return undefined;
      this.early.set(sequence, payload);
      return [];
    }
    this.received = sequence;
    const ready = [payload];
    for (let next = this.takeEarly(); next !== undefined; next = this.takeEarly()) ready.push(next);
    return ready;
  }

  /** Time passes. After a silence the first frame is sent again, alone: the answer says what else is missing. */
  tick(host: LinkHost): void {
    const head = this.sent[this.first];
    if (head === undefined) return;
    this.ticksWaited += 1;
    if (this.ticksWaited < this.patience) return;

    this.ticksWaited = 0;
    this.patience = Math.min(this.patience * 2, patienceTicksMax);
    this.burst = burstFirst;
    this.transmitted = head.sequence;
    this.retransmissions += 1;
    host.transmit(head.frame);
  }

  /** The transport reached the peer again: what was under way is lost, so ask at once instead of after the silence. */
  reconnected(host: LinkHost): void {
    this.patience = patienceTicks;
    this.ticksWaited = this.patience;
    this.tick(host);
  }

  /** Sends again, or for the first time, the next frames after a silence; ends it when none is left behind. */
  private resume(host: LinkHost): void {
    let left = this.burst;
    let index = this.first;
    while (index < this.sent.length && (this.sent[index] as Sent).sequence <= this.transmitted) index += 1;
    for (; index < this.sent.length && left > 0; index += 1, left -= 1) {
      const { sequence, frame } = this.sent[index] as Sent;
      this.transmitted = sequence;
      if (sequence <= this.left) this.retransmissions += 1;
      else this.left = sequence;
      host.transmit(frame);
    }
    this.burst = index === this.sent.length ? 0 : Math.min(this.burst * 2, burstMax);
  }

  private takeEarly(): Payload | undefined {
    const next = this.early.get(this.received + 1);
    if (next === undefined) return undefined;
    this.early.delete(this.received + 1);
    this.received += 1;
    return next;
  }

  /** Lets go of acknowledged frames without moving the rest each time. */
  private compact(): void {
    if (this.first === this.sent.length) {
      this.sent = [];
      this.first = 0;
    } else if (this.first > 512 && this.first * 2 > this.sent.length) {
      this.sent = this.sent.slice(this.first);
      this.first = 0;
    }
  }
}
