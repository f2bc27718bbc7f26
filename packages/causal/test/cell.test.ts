import { encodeValue, type Host, Reader, Writer } from '@dsm/core';
import { describe, expect, test } from 'vitest';
import { codec, type Message } from '../src/messages.js';
import type { CausalReplica } from '../src/replica.js';
import { Cluster } from './fixtures/cluster.js';
import { readable } from './fixtures/text.js';

const lackingAll: Message = { type: 'compare', later: [], applied: [0, 0, 0], answer: false, departed: [] };

/** What a member holds of a key outlives the frames that it came in, and is overwritten in its place. */
describe('a value that came in a frame', () => {
  test('is not lost with the frame', () => {
    const { replica, receive } = listener();
    receive(1, 'one').fill(0xff);
    expect(readable(replica.peek('x').value)).toBe('one');
    receive(2, 'two').fill(0xff);
    expect(readable(replica.peek('x').value)).toBe('two');
  });

  test('does not change once it was read, whatever is written afterwards', () => {
    const { replica, receive } = listener();
    receive(1, 'one');
    const first = replica.peek('x').value;
    receive(2, 'two');
    const second = replica.peek('x').value;
    receive(3, 'six');
    expect([first, second, replica.peek('x').value].map(readable)).toEqual(['one', 'two', 'six']);
  });

  test('is overwritten in its place', () => {
    const { replica, receive } = listener();
    receive(1, 'one');
    const place = placeOf(replica);
    receive(2, 'two');
    expect(placeOf(replica)).toBe(place);
    receive(3, 'three');
    expect(readable(replica.peek('x').value)).toBe('three');
  });

  test('does not change at another key when it is overwritten here', () => {
    const { replica, receive } = listener();
    receive(1, 'one', 'x');
    receive(2, 'two', 'y');
    receive(3, 'six', 'x');
    expect(['x', 'y'].map((key) => readable(replica.peek(key).value))).toEqual(['six', 'two']);
  });

  test('is sent on as it was, though its key was written again here', () => {
    const { replica, receive, sent } = listener();
    receive(1, 'one');
    receive(2, 'two');
    replica.write(1, 'x', encodeValue('six', 100), sent.host);
    replica.timeout('tell', sent.host);
    sent.messages.length = 0;
    replica.receive(2, lackingAll, sent.host);
    expect(updatesIn(sent.messages)).toEqual(['one', 'two', 'six']);
  });

  test('that is large is not overwritten: it may have to be sent again', () => {
    const { replica, receive, sent } = listener();
    receive(1, 'a'.repeat(2_000));
    receive(2, 'b'.repeat(2_000));
    replica.receive(2, lackingAll, sent.host);
    expect(updatesIn(sent.messages)).toEqual(['a'.repeat(2_000), 'b'.repeat(2_000)]);
    expect(readable(replica.peek('x').value)).toBe('b'.repeat(2_000));
  });

  test('that is large does not keep a larger frame alive', () => {
    const { replica, receive } = listener();
    for (const [sequence, room] of [0, 100_000].entries()) {
      receive(sequence + 1, 'a'.repeat(2_000), 'x', sequence + 1, room);
      expect(replica.contents.cells.get('x')?.value?.buffer.byteLength).toBeLessThan(4_000);
    }
  });

  test('that was written here does not change when others write over it', () => {
    const { replica, receive, sent } = listener();
    const mine = encodeValue('mine', 100);
    replica.write(1, 'x', mine, sent.host);
    receive(1, 'over', 'x', 7);
    receive(2, 'past', 'x', 8);
    expect(readable(mine)).toBe('mine');
    expect(readable(replica.peek('x').value)).toBe('past');
  });
});

/** A replica that is told of the writes of member 0 in frames: what is received is returned. */
function listener() {
  const replica = new Cluster().at(1);
  const messages: Message[] = [];
  const sent = { messages, host: hostOf(messages) };
  const receive = (sequence: number, value: unknown, key = 'x', time = sequence, room = 0) => {
    const text = encodeValue(value, 10_000);
    const update = { origin: 0, sequence, dependencies: [], time, key, number: 0, value: text };
    const writer = new Writer();
    codec.encode({ type: 'update', later: [], applied: [], ...update }, writer);
    writer.raw(new Uint8Array(room));
    const frame = writer.take();
    replica.receive(0, codec.decode(new Reader(frame)), sent.host);
    return frame;
  };
  return { replica, receive, sent };
}

function hostOf(messages: Message[]): Host<Message> {
  const ignored = () => undefined;
  const send = (message: Message) => messages.push(message);
  return {
    send: (_, message) => send(message),
    broadcast: send,
    complete: ignored,
    changed: ignored,
    setTimer: ignored,
  };
}

/** Where a member keeps x. */
function placeOf(replica: CausalReplica): unknown {
  return (replica.contents.cells.get('x') as unknown as { place: unknown }).place;
}

function updatesIn(messages: readonly Message[]): unknown[] {
  return messages.flatMap((message) => {
    if (message.type !== 'update') return [];
    const { value } = message;
    return [readable(value ?? null)];
  });
}
