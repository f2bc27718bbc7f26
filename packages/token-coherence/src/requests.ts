import type { ReplicaId } from '@dsm/core';

/** A member asks for tokens of a key. It is remembered by everybody until the member says that it was served. */
export interface Request {
  readonly time: number;
  readonly slot: ReplicaId;
  /** For one token and the data; otherwise for all tokens. */
  readonly reading: boolean;
  /** This member has given it what it asks for. Reads only: a write is given tokens until it is closed. */
  served: boolean;
  /** How many younger requests were served here while this one waited. Always 0: only older ones overtake. */
  overtaken: number;
}

/** Older requests go first; of the same time, those of the member with the lower slot. */
export function isOlder(one: Request, other: Request): boolean {
  return one.time !== other.time ? one.time < other.time : one.slot < other.slot;
}

/** Remembers a request at its place. Most are the youngest. */
export function open(requests: Request[], slot: ReplicaId, time: number, reading: boolean): Request {
  const request: Request = { time, slot, reading, served: false, overtaken: 0 };
  let at = requests.length;
  while (at > 0 && isOlder(request, requests[at - 1] as Request)) at -= 1;
  requests.splice(at, 0, request);
  return request;
}

/** Forgets a request that was served. Throws where it is not known: each is closed once. */
export function close(requests: Request[], slot: ReplicaId, time: number): void {
  const at = requests.findIndex((request) => request.slot === slot && request.time === time);
  if (at < 0) throw new Error(`no request of ${slot} of time ${time} is open`);
  requests.splice(at, 1);
}

/** The request that a member has open for reads, or for writes. It has at most one of each. */
export function find(requests: readonly Request[], slot: ReplicaId, reading: boolean): Request | undefined {
  return requests.find((request) => request.slot === slot && request.reading === reading);
}

/** Counts a request that is being served here for those that waited longer; without one, for all. */
export function overtake(requests: readonly Request[], served: Request | undefined): void {
  for (const request of requests) {
    if (request.served || request === served) continue;
    if (served === undefined || isOlder(request, served)) request.overtaken += 1;
  }
}
