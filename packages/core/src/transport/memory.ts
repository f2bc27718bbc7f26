import { DsmError } from '../error.js';
import type { ReplicaId } from '../members.js';
import type { PeerAddress, Reply, Transport, TransportOptions, Wire } from './transport.js';

/** A network inside this process: every member that joins with the same one can reach the others. */
export function memoryNetwork(): Transport {
  const network = new Network();
  return { name: 'memory', open: async (options) => network.open(options) };
}

interface Station {
  readonly options: TransportOptions;
  readonly peers: Map<ReplicaId, PeerAddress>;
}

/** Who listens at which address. Frames arrive in order, in a later turn of the event loop. */
class Network {
  private readonly stations = new Map<string, Station>();

  open(options: TransportOptions): Wire {
    const { listen } = options;
    if (this.stations.has(listen)) {
      throw new DsmError('DSM_ADDRESS_IN_USE', `somebody listens at ${listen} already`);
    }
    const station = { options, peers: new Map(options.peers) };
    this.stations.set(listen, station);
    this.announce(station);
    return {
      send: (to, frame) => this.carry(station, to, frame),
      dial: (to, peer) => {
        station.peers.set(to, peer);
        if (!this.stations.has(peer.address)) return;
        later(() => {
          const still = this.stations.get(listen) === station && station.peers.get(to) === peer;
          if (still) options.events.reachable(to);
        });
      },
      hangUp: (to) => {
        station.peers.delete(to);
      },
      close: async () => {
        if (this.stations.get(listen) === station) this.stations.delete(listen);
      },
    };
  }

  /** Peers that are there already learn that the newcomer can be reached, as a connection would tell them. */
  private announce(station: Station): void {
    for (const other of this.stations.values()) {
      if (other === station) continue;
      for (const [slot, { address }] of other.peers) {
        if (address === station.options.listen) later(() => other.options.events.reachable(slot));
      }
    }
  }

  private carry(station: Station, to: ReplicaId, frame: Uint8Array): void {
    const address = station.peers.get(to)?.address;
    if (address === undefined || this.stations.get(station.options.listen) !== station) return;
    later(() => {
      const target = this.stations.get(address);
      if (target === undefined || frame.byteLength > target.options.frameBytesMax) return;
      target.options.events.frame(frame, this.back(station, target));
    });
  }

  /** The way from one of two that have a connection to the other. */
  private back(to: Station, from: Station): Reply {
    const { listen, frameBytesMax, events } = to.options;
    return (frame, lost) =>
      later(() => {
        if (this.stations.get(listen) !== to || frame.byteLength > frameBytesMax) lost?.();
        else events.frame(frame, this.back(from, to));
      });
  }
}

type Immediate = (callback: () => void) => unknown;
const immediate = (globalThis as { setImmediate?: Immediate }).setImmediate;

function later(callback: () => void): void {
  if (immediate !== undefined) immediate(callback);
  else setTimeout(callback, 0);
}
