import type { Json, Operation } from '../src/index.js';
import type { Random } from './random.js';
import { Author, type Draft, type WeakShape } from './weak-generator.js';

interface Update {
  readonly origin: number;
  /** How many updates of each replica its own had applied before. */
  readonly needs: readonly number[];
  readonly key: string;
  readonly value: Json | undefined;
  readonly time: number;
}

/** A replica that applies updates in causal order: the last writer wins, or, when they diverge, the last to arrive. */
class Replica {
  readonly applied: number[];
  private readonly diverges: boolean;
  private readonly held = new Map<string, Update>();
  private time = 0;

  constructor(replicas: number, diverges: boolean) {
    this.applied = new Array<number>(replicas).fill(0);
    this.diverges = diverges;
  }

  read(key: string): Json | undefined {
    return this.held.get(key)?.value;
  }

  write(origin: number, key: string, value: Json | undefined): Update {
    const update = { origin, needs: [...this.applied], key, value, time: this.time + 1 };
    this.apply(update);
    return update;
  }

  isReady({ needs }: Update): boolean {
    return needs.every((needed, at) => needed <= (this.applied[at] as number));
  }

  apply(update: Update): void {
    const { origin, key, time } = update;
    this.applied[origin] = (this.applied[origin] as number) + 1;
    this.time = Math.max(this.time, time);
    const known = this.held.get(key);
    const newer = known === undefined || time > known.time || (time === known.time && origin > known.origin);
    if (newer || this.diverges) this.held.set(key, update);
  }
}

/** A causally consistent history, of one replica for each session; convergent unless they diverge. */
export function causalHistory(random: Random, shape: WeakShape, diverges: boolean): Operation[] {
  const author = new Author(random, shape);
  const replicas = Array.from({ length: shape.sessions }, () => new Replica(shape.sessions, diverges));
  const logs: Update[][] = replicas.map(() => []);
  const late: { draft: Draft; session: number }[] = [];
  const happen = (draft: Draft, session: number): void => {
    const replica = replicas[session] as Replica;
    const value = replica.read(draft.key);
    if (draft.op === 'read' && draft.end !== null && value !== undefined) draft.value = value;
    if (draft.op !== 'read') logs[session]?.push(replica.write(session, draft.key, draft.value));
  };
  for (let number = 0; number < shape.operations; number += 1) {
    const session = random.below(shape.sessions);
    const draft = author.next(session);
    if (draft.end !== null) happen(draft, session);
    else if (draft.op !== 'read' && random.chance(0.8)) late.push({ draft, session });
    while (late.length > 0 && random.chance(0.5)) {
      const { draft: slow, session: of } = late.splice(
        random.below(late.length),
        1,
      )[0] as (typeof late)[number];
      happen(slow, of);
    }
    for (let deliveries = random.below(6); deliveries > 0; deliveries -= 1) deliver(random, replicas, logs);
  }
  return author.drafts;
}

function deliver(random: Random, replicas: readonly Replica[], logs: readonly (readonly Update[])[]): void {
  const to = random.pick(replicas);
  const from = random.below(replicas.length);
  const update = logs[from]?.[to.applied[from] as number];
  if (update !== undefined && to.isReady(update)) to.apply(update);
}
