import type { Settings } from './settings.js';

/** Seconds that one measurement takes beside its measured phases, as seen on two cores. */
const around = { processes: 0.6, member: 0.25, check: 0.8, floor: 0.6, point: 0.1, weighing: 2 };
/** Load that is offered beyond what can be served takes longer than it is offered. */
const pointShare = 0.25 * 1.15;

/** Roughly how many seconds it takes to measure all this with so many systems; a trace takes as long as it takes. */
export function secondsExpected(settings: Settings, systems: number): number {
  const { rounds, members, floor, entries, curve = 0, scales = [] } = settings;
  const extra = (floor ? around.floor : 0) + curve * (settings.seconds * pointShare + around.point);
  const runs =
    rounds * (measurement(settings, members) + extra) + (entries === undefined ? 0 : around.weighing);
  const points = scales.flatMap(({ of, at }) => at.map((value) => (of === 'members' ? value : members)));
  const scaling = points.reduce((sum, size) => sum + rounds * measurement(settings, size), 0);
  return systems * (runs + scaling);
}

function measurement({ seconds, warmSeconds, verify }: Settings, members: number): number {
  return around.processes + members * around.member + warmSeconds + seconds + (verify ? around.check : 0);
}
