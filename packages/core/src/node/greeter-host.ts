import { DsmError } from '../error.js';
import type { Group, GroupHost } from '../group/group.js';
import type { LinkLimits } from '../link/link.js';
import type { Circle } from './circle.js';
import type { Company } from './company.js';
import type { Counters } from './counters.js';
import type { Dispatch } from './dispatch.js';
import type { GreeterHost } from './greeter.js';

/** The parts of a node that have to do with whom it meets. */
export interface Meeting<Message> {
  readonly circle: Circle;
  readonly company: Company | undefined;
  readonly counters: Counters;
  readonly dispatch: Dispatch<Message>;
  readonly group: Group;
  readonly groupHost: GroupHost;
  readonly limits: LinkLimits;
  run(handler: () => void): void;
  fail(error: DsmError): void;
}

/** What the greeter does to its node: it begins streams, and takes in who comes later where that is possible. */
export function greeterHostOf<Message>(meeting: Meeting<Message>): GreeterHost {
  const { circle, company, counters, dispatch, group, groupHost, limits, run } = meeting;
  const moves = company !== undefined;
  return {
    /** A transport that connects to nobody later serves groups that do not change. */
    get moves() {
      return moves && dispatch.wire?.dial !== undefined;
    },
    header: (kind, to) => dispatch.header(kind, to),
    find: (header, theirs) => {
      if (moves) return company.find(header, theirs);
      const peer = circle.peers[header.from];
      return peer?.name === theirs.name ? peer : undefined;
    },
    admit: (header, theirs, gone) => {
      let admitted: ReturnType<GreeterHost['admit']>;
      run(() => {
        admitted = company?.admit(header, theirs, gone);
      });
      return admitted;
    },
    // Of members that come and go each is another process.
    expected: (peer) =>
      moves && company.view !== undefined ? (peer.link?.incarnation ?? 0) : group.incarnationOf(peer.slot),
    meet: (peer, incarnation) => {
      peer.meet(incarnation, limits);
      run(() => {
        if (company?.comesLater !== true) group.met(peer.slot, incarnation, groupHost);
      });
    },
    dial: (peer, frame) => dispatch.dial(peer, frame),
    get entered() {
      return group.view !== undefined;
    },
    fail: (error) => {
      if (company?.goes !== true) meeting.fail(error);
      else company.go(); // It is told what it has said itself.
    },
    drop: (reason) => counters.drop(reason),
  };
}

/** A member learns that the others have gone on without it. */
export function expulsion(name: string): DsmError {
  const text = `the group has gone on without this process of '${name}'`;
  return new DsmError('DSM_REMOVED', text, { outcome: 'unknown' });
}
