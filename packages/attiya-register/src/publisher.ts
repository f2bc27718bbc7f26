import type { Host, Key, ReplicaId, Tag } from '@dsm/core';
import type { Cell } from './cells.js';
import type { Message, Publication, Publish } from './messages.js';
import { Names, Numbers } from './names.js';
import type { Register } from './register.js';
import type { Matter } from './surveyor.js';

/** A message carries publications until they have so many bytes. */
const publishedBytesMax = 32 * 1024;

/**
 * Tells the others what a busy member writes, all that one survey was for at once: the pairs share a tag, and go by
 * numbers where their keys were said before.
 */
export class Publisher {
  private readonly numbers = new Numbers();
  /** By slot. */
  private readonly names: Names[] = [];

  /** Nobody acknowledges it: whoever has taken it in says so when it is surveyed. */
  publish(matters: readonly Matter[], tag: Tag, register: Register, host: Host<Message>): void {
    for (let next = 0; next < matters.length; ) {
      const first = matters[next] as Matter;
      const pairs: Publication[] = [];
      for (let bytes = 0; next < matters.length && bytes < publishedBytesMax; next += 1) {
        const matter = matters[next] as Matter;
        pairs.push(this.publication(matter));
        bytes += matter.key.length + (matter.value?.length ?? 0);
        matter.tag = tag;
        matter.from = register.self;
        matter.serial = register.takeSerial();
      }
      register.tellOthers({ type: 'publish', serial: first.serial, tag, pairs }, host);
    }
    for (const matter of matters) register.take(register.self, matter.cell, matter, host);
  }

  onPublish(from: ReplicaId, { serial, tag, pairs }: Publish, register: Register, host: Host<Message>): void {
    let next = serial;
    for (const { number, key, value } of pairs) {
      const cell = this.cellOf(from, number, key, register);
      // Where it is not known of what it is, it counts as lost.
      if (cell !== undefined) register.take(from, cell, { serial: next, tag, value }, host);
      next += 1;
    }
  }

  /** Somebody may have lost what it was told. */
  repeat(): void {
    this.numbers.introduceAgain();
  }

  /** The key that a number of another member stands for, as far as it is known here. */
  keyOf(from: ReplicaId, number: number): Key | undefined {
    return this.names[from]?.at(number)?.key;
  }

  private publication({ key, cell, value }: Matter): Publication {
    const number = this.numbers.of(cell);
    return { number, key: this.numbers.introduces(number) ? key : undefined, value };
  }

  private cellOf(
    from: ReplicaId,
    number: number,
    key: Key | undefined,
    { cells }: Register,
  ): Cell | undefined {
    const names = this.namesOf(from);
    if (key === undefined) return names.at(number);
    const cell = cells.of(key);
    if (number > 0) names.learn(number, cell);
    return cell;
  }

  private namesOf(slot: ReplicaId): Names {
    while (this.names.length <= slot) this.names.push(new Names());
    return this.names[slot] as Names;
  }
}
