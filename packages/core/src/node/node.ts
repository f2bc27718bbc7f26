import { type Header, readHeader, speaksThisVersion } from '../codec/frame.js';
import { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';
import { DsmError } from '../error.js';
import { Group, type GroupHost } from '../group/group.js';
import type { Identity } from '../group/identity.js';
import { type GroupMessage, writeGroupMessage } from '../group/messages.js';
import { everyone, includes, type Members, type ReplicaId } from '../members.js';
import type { Answer, Host, Key, OperationId, RawEntry, Replica, Result, View } from '../protocol.js';
import type { TransportEvents, Wire } from '../transport/transport.js';
import { Counters } from './counters.js';
import { type Delivery, readDelivery } from './delivery.js';
import { Dispatch } from './dispatch.js';
import { Greeter } from './greeter.js';
import { forgotten, groupHostOf } from './group-host.js';
import type { NodeEvents, NodeOptions } from './node-options.js';
import { Pace } from './pace.js';
import { Peer, suspectedBeats } from './peer.js';
import { Timers } from './timers.js';
import { quietly, type TraceEvent } from './trace.js';
import type { World } from './world.js';

/** How often a link counts time while something may have to be sent again or acknowledged. */
const linkTickMs = 50;
/** A frame of so few messages is answered at once. */
const promptMessagesMax = 2;

type Handler<Message> = (replica: Replica<Message>, host: Host<Message>) => void;

/**
 * A member: gives what arrives to link, group and replica, and sends what they produce in a turn of the event loop as
 * one frame per peer. The only place with a clock and with chance, both taken from a `World`.
 */
export class Node<Message> implements Host<Message> {
  readonly self: ReplicaId;
  readonly incarnation: number;
  readonly counters = new Counters();
  /** By slot; the hole is this member itself. */
  readonly peers: readonly (Peer | undefined)[];
  readonly replica: Replica<Message>;
  readonly others: readonly Peer[];
  private readonly everyone: Members;
  private readonly options: NodeOptions<Message>;
  private readonly events: NodeEvents;
  private readonly world: World;
  private readonly group: Group;
  private readonly groupHost: GroupHost;
  private readonly dispatch: Dispatch<Message>;
  private readonly greeter: Greeter;
  private wire: Wire | undefined;

  private readonly reader = new Reader();
  /** Messages to itself, delivered in this turn after the running handler. */
  private local: Message[] = [];
  private localGroup: GroupMessage[] = [];
  /** What `trace` asked for while a handler was running: done after it. */
  private postponed: Handler<Message>[] = [];
  private running = false;
  /** It does nothing more but tell others why they cannot be in one group. */
  private failed = false;
  private closed = false;
  private readonly timers: Timers;
  private readonly pace: Pace;

  constructor(options: NodeOptions<Message>, events: NodeEvents) {
    this.options = options;
    this.events = events;
    this.world = options.world;
    this.timers = new Timers(options.world);
    this.self = options.self;
    this.incarnation = this.world.random();
    this.replica = options.protocol.replica(options.self);
    this.group = new Group(options.self, options.names, this.incarnation, this.world.random());
    const carry = (peer: Peer, frame: Uint8Array) => this.dispatch.transmit(peer, frame);
    this.peers = options.names.map((name, slot) =>
      slot === options.self ? undefined : new Peer(slot, name, options.batch, carry),
    );
    this.others = this.peers.filter((peer) => peer !== undefined);
    this.everyone = everyone(options.names.keys());
    this.dispatch = new Dispatch(this, this.others, this.counters, options.protocol);
    this.groupHost = this.hostOfGroup();
    this.greeter = this.greeterOf(options.identity);
    this.pace = this.paceOf(options.protocol.lingerMs ?? 0);
  }

  /** What the transport calls. */
  readonly arrivals: TransportEvents = {
    frame: (frame, answer, from) => this.onFrame(frame, answer, from),
    reachable: (slot) => this.onReachable(slot),
  };

  get view(): View | undefined {
    return this.group.view;
  }

  get epoch(): number {
    return this.group.epoch;
  }

  get birth(): number {
    return this.view?.birth ?? 0;
  }

  /** Whether new operations may start: with links that must not lose anything, none may be full. */
  get admits(): boolean {
    if (this.options.protocol.channels === 'unordered') return true;
    return this.others.every((peer) => peer.link === undefined || !peer.link.full);
  }

  /** Whether this member may show what it did not ask a quorum for. */
  get leased(): boolean {
    return this.group.leased;
  }

  /** Whether it was closed or has failed. */
  get ended(): boolean {
    return this.closed || this.failed;
  }

  /** How many members are in reach, this one included. */
  get inReach(): number {
    return 1 + this.others.filter((peer) => !peer.suspected).length;
  }

  /** Begins to look for the other members. */
  start(wire: Wire): void {
    if (this.closed) {
      // It was closed while the transport was being opened.
      wire.close().catch(() => undefined);
      return;
    }
    this.wire = wire;
    this.dispatch.open(wire);
    for (const peer of this.others) this.greeter.hello(peer);
    this.run(() => this.group.propose(this.groupHost));
    this.beatLater();
  }

  /** Lets the replica do something, such as begin an operation. */
  invoke(act: Handler<Message>): void {
    this.run(act);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.dispatch.flush();
    this.closed = true;
    this.timers.cancelAll();
    await this.wire?.close();
  }

  send(to: ReplicaId, message: Message): void {
    if (to === this.self) this.local.push(message);
    else this.post(this.peers[to] as Peer, message, this.dispatch.encoded(message));
  }

  broadcast(message: Message, to: Members = this.everyone): void {
    const bytes = this.dispatch.encoded(message);
    for (const peer of this.others) {
      if (includes(to, peer.slot)) this.post(peer, message, bytes);
    }
    if (includes(to, this.self)) this.local.push(message);
  }

  complete(operation: OperationId, result: Result | Answer): void {
    this.events.complete(operation, result);
  }

  changed(key: Key, entry?: RawEntry): void {
    if (this.options.trace !== undefined) this.trace({ kind: 'apply', key });
    this.events.changed(key, entry);
  }

  setTimer(timer: string, delayMs: number): void {
    this.timers.set(`replica ${timer}`, delayMs, () => this.run(() => this.replica.timeout?.(timer, this)));
  }

  trace(event: Omit<TraceEvent, 'member' | 'atMs'>): void {
    const { trace, names } = this.options;
    if (trace === undefined) return;
    quietly(trace, { ...event, member: names[this.self] as string, atMs: this.world.now() }, () => {
      this.counters.traceErrors += 1;
    });
  }

  /** Runs a handler, then delivers what it sent to this member itself, until nothing is left. */
  private run(handler: Handler<Message>): void {
    if (this.ended) return;
    if (this.running) {
      this.postponed.push(handler);
      return;
    }
    this.running = true;
    try {
      handler(this.replica, this);
      this.deliverLocally();
    } catch (cause) {
      const text = `a handler of '${this.options.names[this.self]}' failed, so the member stops: ${String(cause)}`;
      this.fail(new DsmError('DSM_CLOSED', text, { cause, outcome: 'unknown' }));
    } finally {
      this.running = false;
    }
    this.pace.afterTurn();
  }

  private deliverLocally(): void {
    while (this.local.length > 0 || this.localGroup.length > 0 || this.postponed.length > 0) {
      const { local, localGroup, postponed } = this;
      this.local = [];
      this.localGroup = [];
      this.postponed = [];
      for (const message of localGroup) this.group.receive(this.self, message, this.groupHost);
      for (const message of local) this.replica.receive(this.self, message, this);
      for (const handler of postponed) handler(this.replica, this);
    }
  }

  private fail(error: DsmError): void {
    if (this.ended) return;
    this.failed = true;
    this.events.failed(error);
  }

  private post(peer: Peer, message: Message, bytes: Uint8Array): void {
    if (!this.dispatch.post(peer, message, bytes)) return;
    if (this.options.trace !== undefined) this.trace({ kind: 'send', peer: peer.name, detail: message });
  }

  private flush(): void {
    if (!this.closed && this.dispatch.flush()) this.tickLater();
  }

  private tickLater(): void {
    if (this.timers.isSet('links')) return;
    this.timers.set('links', linkTickMs, () => {
      if (this.dispatch.tick()) this.tickLater();
    });
  }

  private beatLater(): void {
    this.timers.set('beat', this.options.suspectAfterMs / suspectedBeats, () => {
      this.beatLater();
      for (const peer of this.others) this.beat(peer);
      this.events.stirred();
    });
  }

  private beat(peer: Peer): void {
    peer.beat();
    if (peer.link === undefined || !peer.knowsUs) this.greeter.hello(peer);
    else if (!peer.addressed) this.dispatch.acknowledge(peer, peer.link);
    peer.addressed = false;
  }

  private onReachable(slot: ReplicaId): void {
    const peer = this.peers[slot];
    if (this.closed || peer === undefined) return;
    if (peer.link === undefined || !peer.knowsUs) this.greeter.hello(peer);
    else peer.link.reconnected(peer);
  }

  private onFrame(frame: Uint8Array, answer: (frame: Uint8Array) => void, from: string | undefined): void {
    if (this.closed) return;
    this.counters.framesIn += 1;
    this.counters.bytesIn += frame.length;
    if (!speaksThisVersion(frame)) return this.greeter.onOtherVersion(frame);
    try {
      const header = readHeader(frame);
      if (header.kind === 'hello')
        this.greeter.onHello(header, frame, { answer, from, nowMs: this.world.now() });
      else if (header.kind === 'refuse') this.greeter.onRefuse(header, frame);
      else if (from !== undefined && from !== this.options.names[header.from])
        this.counters.drop('false-name');
      else if (!this.failed) this.onNumbered(header, frame);
    } catch {
      // Handlers fail inside `run`; what throws here is a decoder, a user's own perhaps.
      this.counters.drop('malformed');
    }
  }

  /** A frame of the stream of a peer that was met. */
  private onNumbered(header: Header, frame: Uint8Array): void {
    const peer = this.peers[header.from];
    const link = peer?.link;
    if (peer === undefined || link?.incarnation !== header.incarnation) {
      return this.counters.drop('unknown-member');
    }
    if (header.to !== this.incarnation) {
      // It speaks with another process of this name: the next beat says hello.
      peer.knowsUs = false;
      return this.counters.drop('unknown-member');
    }
    if (header.birth !== 0 && this.view !== undefined && header.birth !== this.view.birth) {
      return this.counters.drop('other-birth');
    }
    // Unread: it will come again, when this member has entered the epoch.
    if (header.epoch > this.epoch && (header.kind === 'protocol' || header.kind === 'lost')) {
      return this.counters.drop('epoch-not-entered');
    }
    const delivery = readDelivery(header, this.reader.reset(frame), this.options.protocol.codec);
    if (!link.acknowledge(header.acknowledged, peer)) return this.counters.drop('malformed');

    peer.seen(this.world.now());
    peer.knowsUs = true;
    if (link.roomy) this.recover(peer);
    if (delivery === undefined) return;

    const ready = link.accept(header.sequence, frame.length, delivery);
    if (ready === undefined) this.counters.drop('duplicate');
    else for (const next of ready) this.deliver(peer, next);
    // A few messages mean a light load: what they cause leaves at once instead of with the rest of the turn.
    if (delivery.messages.length <= promptMessagesMax) this.pace.now();
    this.pace.afterTurn();
  }

  private deliver(peer: Peer, delivery: Delivery): void {
    const { kind, epoch, messages } = delivery;
    if (kind === 'lost') return this.repeatTo(peer);
    if (kind === 'protocol' && epoch < this.epoch) return this.counters.drop('old-epoch');

    this.run(() => {
      for (const message of messages) {
        if (kind === 'group') this.group.receive(peer.slot, message as GroupMessage, this.groupHost);
        else this.receive(peer, message as Message);
        // What a message makes this member send to itself arrives before the next message.
        this.deliverLocally();
      }
    });
  }

  private receive(peer: Peer, message: Message): void {
    this.counters.messagesIn += 1;
    if (this.options.trace !== undefined) this.trace({ kind: 'receive', peer: peer.name, detail: message });
    this.replica.receive(peer.slot, message, this);
  }

  /** Room again. After messages were dropped both sides ask once more for what they still wait for. */
  private recover(peer: Peer): void {
    if (!peer.shedding && !peer.unrepeated) return;
    if (peer.shedding) this.dispatch.confessLoss(peer);
    peer.shedding = false;
    peer.unrepeated = false;
    this.repeatTo(peer);
    this.events.stirred();
  }

  private repeatTo(peer: Peer): void {
    this.run(() => this.dispatch.repeat(peer, () => this.replica.repeat?.(peer.slot, this)));
  }

  private hostOfGroup(): GroupHost {
    return groupHostOf(this.peers, this.options.limits, {
      send: (to, message) => this.sendToGroup(to, message),
      entered: (view) => this.enter(view),
      removed: () => this.fail(forgotten(this.options.names[this.self] as string)),
    });
  }

  private sendToGroup(to: ReplicaId, message: GroupMessage): void {
    const peer = this.peers[to];
    if (peer === undefined) this.localGroup.push(message);
    if (peer?.link === undefined) return;
    const writer = new Writer();
    writeGroupMessage(message, writer);
    peer.outbox.append('group', writer.take());
  }

  private enter(view: View): void {
    this.counters.viewChanges += 1;
    this.replica.enter(view, [], this);
    if (this.options.trace !== undefined) this.trace({ kind: 'view', detail: structuredClone(view) });
    this.events.entered(view);
  }

  private paceOf(lingerMs: number): Pace {
    const { world, timers, dispatch } = this;
    return new Pace({ world, timers, lingerMs, crowded: () => dispatch.crowded, flush: () => this.flush() });
  }

  private greeterOf(identity: Identity): Greeter {
    const node = this;
    return new Greeter(identity, this.peers, {
      header: (kind, to) => this.dispatch.header(kind, to),
      expected: (peer) => this.group.incarnationOf(peer.slot),
      meet: (peer, incarnation) => {
        peer.meet(incarnation, this.options.limits);
        this.run(() => this.group.met(peer.slot, incarnation, this.groupHost));
      },
      transmit: (peer, frame) => this.dispatch.transmit(peer, frame),
      get entered() {
        return node.view !== undefined;
      },
      fail: (error) => this.fail(error),
      drop: (reason) => this.counters.drop(reason),
    });
  }
}
