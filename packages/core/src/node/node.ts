import { type Header, readHeader, speaksThisVersion } from '../codec/frame.js';
import { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import type { DsmError } from '../error.js';
import { Group, type GroupHost } from '../group/group.js';
import type { GroupMessage } from '../group/messages.js';
import { includes, type Members, type ReplicaId } from '../members.js';
import type { Answer, Host, Key, Member, OperationId, RawEntry, Replica, Result, View } from '../protocol.js';
import type { Reply, TransportEvents, Wire } from '../transport/transport.js';
import { Circle } from './circle.js';
import { Company } from './company.js';
import { Counters } from './counters.js';
import { type Delivery, readDelivery } from './delivery.js';
import { Dispatch } from './dispatch.js';
import { Entrance } from './entrance.js';
import { Greeter } from './greeter.js';
import { expulsion, greeterHostOf } from './greeter-host.js';
import { forgotten, groupHostOf, stopped, tellOfGroup } from './group-host.js';
import { Loopback } from './loopback.js';
import type { NodeEvents, NodeOptions } from './node-options.js';
import { Pace } from './pace.js';
import type { Peer, Streams } from './peer.js';
import { Pulse } from './pulse.js';
import { Timers } from './timers.js';
import { quietly, type TraceEvent } from './trace.js';
import type { World } from './world.js';

/** A frame of so few messages is answered at once; where a message stands for much, of so few bytes. */
const prompt = { messagesMax: 2, bytesMax: 256 };

type Handler<Message> = (replica: Replica<Message>, host: Host<Message>) => void;

/**
 * A member: gives what arrives to link, group and replica, and sends what they produce in a turn of the event loop as
 * one frame per peer. The only place with a clock and with chance, both taken from a `World`.
 */
export class Node<Message> implements Host<Message> {
  readonly self: ReplicaId;
  readonly incarnation: number;
  readonly counters = new Counters();
  readonly replica: Replica<Message>;
  private readonly circle: Circle;
  /** Where members come and go; otherwise the first view is the only one. */
  readonly company: Company | undefined;
  /** This member was taken in, and its replica has not been given what the others hold. */
  private arriving = false;
  /** This member has entered. */
  private present = false;
  private readonly options: NodeOptions<Message>;
  private readonly events: NodeEvents;
  private readonly world: World;
  private readonly group: Group;
  private readonly groupHost: GroupHost;
  private readonly dispatch: Dispatch<Message>;
  private readonly greeter: Greeter;
  private readonly entrance: Entrance;
  private readonly pulse: Pulse<Message>;

  private readonly reader = new Reader();
  private readonly loopback: Loopback<Message>;
  private running = false;
  /** It does nothing more but tell others why they cannot be in one group. */
  private failed = false;
  private closed = false;
  private closing: Promise<void> | undefined;
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
    this.loopback = new Loopback({
      toGroup: (message) => this.group.receive(this.self, message, this.groupHost),
      toReplica: (message) => this.replica.receive(this.self, message, this),
    });
    const carry = (peer: Peer, frame: Uint8Array) => this.dispatch.transmit(peer, frame);
    const moves = options.protocol.membership === 'roster' && this.replica.roster !== undefined;
    const streams: Streams | undefined = moves ? new Map() : undefined;
    this.circle = new Circle(options.self, options.names, { batch: options.batch, streams, carry });
    this.dispatch = new Dispatch(this, this.circle.all, this.counters, options.protocol);
    this.groupHost = this.hostOfGroup();
    this.company = moves ? this.companyOf() : undefined;
    const inside = this.inside();
    this.greeter = new Greeter(options.identity, greeterHostOf(inside));
    this.entrance = new Entrance(this, { ...inside, greeter: this.greeter });
    this.pulse = new Pulse({ ...inside, greeter: this.greeter });
    this.pace = new Pace({ ...inside, flush: () => this.flush() });
  }

  /** What the transport calls. */
  readonly arrivals: TransportEvents = {
    frame: (frame, answer, from) => this.onFrame(frame, answer, from),
    reachable: (slot) => {
      if (!this.closed) this.pulse.reached(slot);
    },
  };

  /** By slot; the holes are this member itself, and slots that are free. */
  get peers(): readonly (Peer | undefined)[] {
    return this.circle.peers;
  }

  /** The other members. */
  get others(): readonly Peer[] {
    return this.circle.others;
  }

  get view(): View | undefined {
    return this.company === undefined ? this.group.view : this.company.view;
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
    this.dispatch.open(wire);
    for (const peer of this.others) this.greeter.hello(peer);
    this.company?.start(this.greeter);
    if (this.company?.comesLater !== true) this.run(() => this.group.propose(this.groupHost));
    this.pulse.beatLater();
  }

  /** Lets the replica do something, such as begin an operation. */
  invoke(act: Handler<Message>): void {
    this.run(act);
  }

  /** Departs, where members can. Calls back when others hold what this one holds, and know that it goes. */
  leave(left: () => void): void {
    const { company } = this;
    if (company?.view === undefined || this.ended) left();
    else this.run(() => company.leave(left));
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    // What waits for the end of this turn leaves, too.
    this.timers.endTurn();
    this.dispatch.flush();
    this.closed = true;
    this.timers.cancelAll();
    await this.dispatch.wire?.close();
  }

  send(to: ReplicaId, message: Message): void {
    if (to === this.self) this.loopback.send(message);
    else this.post(this.circle.peers[to] as Peer, message, this.dispatch.encoded(message));
  }

  broadcast(message: Message, to: Members = this.circle.everyone): void {
    const encoded = this.dispatch.encoded(message);
    for (const peer of this.others) {
      if (includes(to, peer.slot)) this.post(peer, message, encoded);
    }
    if (includes(to, this.self)) this.loopback.send(message);
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
      this.loopback.postpone(() => handler(this.replica, this));
      return;
    }
    this.running = true;
    try {
      handler(this.replica, this);
      this.loopback.deliver();
      if (this.arriving && this.replica.ready === true) this.arrive();
    } catch (cause) {
      this.fail(stopped(this.options.names[this.self] as string, cause));
    } finally {
      this.running = false;
    }
    this.pace.afterTurn();
  }

  private fail(error: DsmError): void {
    if (this.ended) return;
    this.failed = true;
    this.events.failed(error);
    this.company?.go();
  }

  private post(peer: Peer, message: Message, encoded: Writer): void {
    if (!this.dispatch.post(peer, message, encoded)) return;
    if (this.options.trace !== undefined) this.trace({ kind: 'send', peer: peer.name, detail: message });
  }

  private flush(): void {
    if (!this.closed && this.dispatch.flush()) this.pulse.tickLater();
  }

  private onFrame(frame: Uint8Array, answer: Reply, from: string | undefined): void {
    if (this.closed) return;
    this.counters.framesIn += 1;
    this.counters.bytesIn += frame.length;
    if (!speaksThisVersion(frame)) return this.greeter.onOtherVersion(frame);
    try {
      const header = readHeader(frame);
      if (header.kind === 'hello')
        this.greeter.onHello(header, frame, { answer, from, nowMs: this.world.now() });
      else if (header.kind === 'refuse') this.greeter.onRefuse(header, frame);
      else this.onNumbered(header, frame, answer, from);
    } catch {
      // Handlers fail inside `run`; what throws here is a decoder, a user's own perhaps.
      this.counters.drop('malformed');
    }
  }

  /** A frame of the stream of a peer that was met. */
  private onNumbered(header: Header, frame: Uint8Array, answer: Reply, from: string | undefined): void {
    if (this.failed) return;
    const peer = this.entrance.pass(header, answer, from);
    if (peer?.link === undefined) return;
    const { link } = peer;
    const delivery = readDelivery(header, this.reader.reset(frame), this.options.protocol.codec);
    if (!link.acknowledge(header.acknowledged, peer)) return this.counters.drop('malformed');

    peer.seen(this.world.now());
    if (peer.slot < this.self) peer.heardOn(answer);
    peer.knowsUs = true;
    if (link.roomy) this.recover(peer);
    if (this.company?.leaving) this.run(() => this.company?.stir());
    if (delivery === undefined) return;

    const ready = link.accept(header.sequence, frame.length, delivery);
    if (ready === undefined) this.counters.drop('duplicate');
    else for (const next of ready) this.deliver(peer, next);
    // A few messages mean a light load: what they cause leaves at once instead of with the rest of the turn, unless
    // the replica has said that more comes when this turn ends.
    const { gathers = false } = this.options.protocol;
    const light =
      delivery.messages.length <= prompt.messagesMax && !(gathers && frame.length > prompt.bytesMax);
    if (gathers && !light) return this.pace.afterNextTurn();
    if (light && !this.timers.awaitTurnsEnd) this.pace.now();
    this.pace.afterTurn();
  }

  private deliver(peer: Peer, delivery: Delivery): void {
    const { kind, epoch, messages } = delivery;
    if (kind === 'lost') return this.repeatTo(peer);
    if (kind === 'protocol' && epoch < this.epoch) return this.counters.drop('old-epoch');
    if (kind === 'protocol' && peer.departed) return this.counters.drop('removed-member');

    this.run(() => {
      for (const message of messages) {
        if (kind === 'group') this.group.receive(peer.slot, message as GroupMessage, this.groupHost);
        else this.receive(peer, message as Message);
        // What a message makes this member send to itself arrives before the next message.
        this.loopback.deliver();
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
    // Others hold all that a member holds that goes. To go on asking them, who answer no more, would keep it for ever.
    if (this.company?.goes === true) return;
    this.dispatch.recover(peer);
    this.repeatTo(peer);
    this.events.stirred();
  }

  private repeatTo(peer: Peer): void {
    this.run(() => this.dispatch.repeat(peer, () => this.replica.repeat?.(peer.slot, this)));
  }

  private hostOfGroup(): GroupHost {
    return groupHostOf(this.circle.peers, this.options.limits, {
      send: (to, message) => {
        if (to === this.self) this.loopback.tellGroup(message);
        else tellOfGroup(this.circle.peers[to], message);
      },
      entered: (view) => this.enter(view),
      told: (roster) => this.company?.receive(roster),
      // Where members come and go, a roster says that this process is another member now.
      removed: () => this.company ?? this.fail(forgotten(this.options.names[this.self] as string)),
    });
  }

  private enter(view: View): void {
    this.counters.viewChanges += 1;
    this.replica.enter(view, [], this);
    this.company?.formed(view);
    this.present = true;
    if (this.options.trace !== undefined) this.trace({ kind: 'view', detail: structuredClone(view) });
    this.events.entered(view);
  }

  /** Others are members now. Whoever comes later enters by that. */
  private change(members: readonly Member[], formed: View): void {
    this.counters.viewChanges += 1;
    if (!members.some((member) => member.slot === this.self)) return;
    this.replica.roster?.(members, formed, this, this.company?.roster.departed ?? []);
    if (this.options.trace !== undefined) this.trace({ kind: 'view', detail: structuredClone(this.view) });
    this.arriving = !this.present;
    this.events.stirred();
  }

  /** This member, which came later, has what the others had. */
  private arrive(): void {
    this.arriving = false;
    this.present = true;
    this.events.entered(this.view as View);
  }

  private companyOf(): Company {
    const { options, circle, group, incarnation, dispatch } = this;
    const { identity, limits, contacts = [], names } = options;
    const parts = { identity, incarnation, limits, circle, group, contacts, dispatch };
    return new Company(parts, {
      changed: (members, formed) => this.change(members, formed),
      run: (act) => this.run(act),
      expelled: () => this.fail(expulsion(names[this.self] as string)),
      mayLeave: () => this.replica.leave?.(this, circle.inReach) ?? true,
    });
  }

  /** What those parts need of each other that have to do with whom it meets, and when. */
  private inside() {
    const { circle, company, counters, dispatch, group, groupHost, timers, events } = this;
    return {
      ...{ circle, company, counters, dispatch, group, groupHost, timers, ...this.options },
      lingerMs: this.options.protocol.lingerMs ?? 0,
      crowded: () => dispatch.crowded,
      run: (handler: () => void) => this.run(handler),
      silent: (peer: Peer) => this.run(() => this.replica.silent?.(peer.slot, this)),
      fail: (error: DsmError) => this.fail(error),
      stirred: () => events.stirred(),
    };
  }
}
