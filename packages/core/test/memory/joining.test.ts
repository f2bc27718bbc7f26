import { describe, expect, test } from 'vitest';
import type { DsmError } from '../../src/error.js';
import { joinVia } from '../../src/memory/join.js';
import type { Transport, Wire } from '../../src/transport/transport.js';
import { CountingWorld } from './fixtures/counting-world.js';
import { CutNetwork } from './fixtures/cut-network.js';
import { eventually, members, rejection } from './fixtures/group-of.js';
import { homeProtocol } from './fixtures/home-protocol.js';

const home = homeProtocol();
const outcome = (error: unknown) => error as DsmError;

/** A network with two ways in, both of which count their timers. */
function town() {
  const network = new CutNetwork();
  const world = new CountingWorld();
  return { network, world, join: joinVia(async () => network, world) };
}

describe('joining that takes too long', () => {
  test('names who is missing, and frees everything', async () => {
    const { network, world, join } = town();
    const two = ['a', 'b'].map((id) => rejection(join(home, { id, members, joinTimeout: 80 })));
    for (const error of await Promise.all(two)) {
      expect(error).toMatchObject({ code: 'DSM_TIMEOUT', outcome: 'not-applied' });
      expect(outcome(error).message).toMatch(/could not join within 80 ms: nothing was heard of .*c/);
    }
    expect([network.opened, network.closed, world.timers]).toEqual([2, 2, 0]);
  });

  test('does not name those that were heard of', async () => {
    const { join } = town();
    const controller = new AbortController();
    const b = rejection(join(home, { id: 'b', members, signal: controller.signal }));
    const error = outcome(await rejection(join(home, { id: 'a', members, joinTimeout: 400 })));
    expect(error.message).toContain('nothing was heard of c');
    controller.abort();
    await b;
  });

  test('says so where all were heard of and did not agree', async () => {
    const { network, join } = town();
    const pair = { a: members.a, b: members.b };
    // Slot 0 proposes, and what it sends after the greeting is lost.
    const deaf: Transport = {
      name: 'deaf',
      open: async (options) => {
        const wire = await network.open(options);
        return { ...wire, send: (to, frame) => (frame[1] === 0 ? wire.send(to, frame) : undefined) };
      },
    };
    const controller = new AbortController();
    const b = rejection(join(home, { id: 'b', members: pair, signal: controller.signal }));
    const a = rejection(join(home, { id: 'a', members: pair, joinTimeout: 400, transport: deaf }));
    expect(outcome(await a).message).toContain('did not agree');
    controller.abort();
    await b;
  });

  test('may be tried again', async () => {
    const { join } = town();
    await rejection(join(home, { id: 'a', members, joinTimeout: 20 }));
    const all = await Promise.all(['a', 'b', 'c'].map((id) => join(home, { id, members })));
    expect(all.map((memory) => memory.status().state)).toEqual(['ready', 'ready', 'ready']);
    await Promise.all(all.map((memory) => memory.close()));
  });
});

describe('an abort of joining', () => {
  test('before it begins opens nothing', async () => {
    const world = new CountingWorld();
    const join = joinVia(() => expect.fail('no transport is asked for'), world);
    const signal = AbortSignal.abort('early');
    expect(await rejection(join(home, { id: 'a', members, signal }))).toBe('early');
    expect(world.timers).toBe(0);
  });

  test('while the transport is got ready opens nothing', async () => {
    const { network, world } = town();
    const controller = new AbortController();
    const join = joinVia(async () => {
      controller.abort('meanwhile');
      return network;
    }, world);
    expect(await rejection(join(home, { id: 'a', members, signal: controller.signal }))).toBe('meanwhile');
    expect([network.opened, world.timers]).toEqual([0, 0]);
  });

  test('leaves no listener behind, however joining ended', async () => {
    const { join } = town();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    }) as typeof add;
    signal.removeEventListener = ((...given: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...given);
    }) as typeof remove;
    const joining = rejection(join(home, { id: 'a', members, signal, joinTimeout: 10 }));
    expect(listeners).toBe(0); // Not before the transport is there.
    await eventually(() => expect(listeners).toBe(1));
    await joining;
    expect(listeners).toBe(0);
    const memory = await join(home, { id: 'a', members: { a: 'x' }, signal });
    expect(listeners).toBe(0);
    await memory.close();
  });

  test('while others are waited for frees everything', async () => {
    const { network, world, join } = town();
    const controller = new AbortController();
    const joining = rejection(join(home, { id: 'a', members, signal: controller.signal }));
    await eventually(() => expect(network.opened).toBe(1));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await joining).toBe(reason);
    expect([network.closed, world.timers]).toEqual([1, 0]);
  });

  test('after it has ended changes nothing', async () => {
    const { join } = town();
    const controller = new AbortController();
    const memory = await join(home, { id: 'a', members: { a: 'x' }, signal: controller.signal });
    controller.abort();
    await memory.write('k', 1);
    expect(memory.status().state).toBe('ready');
    await memory.close();
  });
});

describe('a transport', () => {
  const gate = () => {
    const network = new CutNetwork();
    let open: () => void = () => undefined;
    const opening = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow: Transport = {
      name: 'slow',
      open: async (options): Promise<Wire> => {
        await opening;
        return network.open(options);
      },
    };
    return { network, slow, open };
  };

  test('that opens too late does not hold up the time limit or an abort, and is closed again', async () => {
    for (const how of ['time', 'abort'] as const) {
      const { network, slow, open } = gate();
      const controller = new AbortController();
      const world = new CountingWorld();
      const joining = rejection(
        joinVia(async () => slow, world)(home, {
          id: 'a',
          members,
          joinTimeout: how === 'time' ? 10 : 60_000,
          signal: controller.signal,
        }),
      );
      if (how === 'abort') setImmediate(() => controller.abort('enough'));
      const error = await joining;
      if (how === 'abort') expect(error).toBe('enough');
      else expect(error).toMatchObject({ code: 'DSM_TIMEOUT' });
      expect(world.timers).toBe(0);
      open();
      await eventually(() => expect([network.opened, network.closed]).toEqual([1, 1]));
    }
  });

  test('that does not open says why, at once or too late', async () => {
    const cause = new Error('cannot open');
    const broken = (open: () => Promise<never>) => joinVia(async () => ({ name: 'broken', open }));
    const refusing = broken(() => Promise.reject(cause));
    expect(await rejection(refusing(home, { id: 'a', members }))).toBe(cause);
    const throwing = broken(() => {
      throw cause;
    });
    expect(await rejection(throwing(home, { id: 'a', members }))).toBe(cause);
    let refuse: (error: Error) => void = () => undefined;
    const late = broken(
      () =>
        new Promise((_, reject) => {
          refuse = reject;
        }),
    );
    await rejection(late(home, { id: 'a', members, joinTimeout: 10 }));
    refuse(cause); // Nobody waits for it any more, and nothing is left unhandled.
  });

  test('an address in use', async () => {
    const { network, join } = town();
    const alone = { a: 'memory://a' };
    const first = await join(home, { id: 'a', members: alone });
    const error = await rejection(join(home, { id: 'a', members: alone }));
    expect(error).toMatchObject({
      code: 'DSM_ADDRESS_IN_USE',
      message: expect.stringContaining('memory://a'),
    });
    await first.write('k', 1);
    expect(await first.read('k')).toBe(1);
    await first.close();
    const again = await join(home, { id: 'a', members: alone });
    await again.close();
    expect(network.opened).toBe(2);
  });
});

describe('members that do not fit together', () => {
  const differ: [string, Parameters<typeof mismatched>, string[]][] = [
    ['member lists', [home, home, { ...members, c: 'memory://elsewhere' }], ['c=memory://c', 'elsewhere']],
    ['protocols', [home, homeProtocol({ name: 'house' })], ["'a' has home", "'b' has house"]],
    [
      'options of the protocol',
      [homeProtocol({ colour: 'red' }), homeProtocol({ colour: 'blue' })],
      ['{"colour":"red"}', '{"colour":"blue"}'],
    ],
  ];

  async function mismatched(
    protocolOfA: typeof home,
    protocolOfB: typeof home,
    membersOfB: Record<string, string> = members,
  ) {
    const { network, world, join } = town();
    const errors = await Promise.all([
      rejection(join(protocolOfA, { id: 'a', members })),
      rejection(join(protocolOfB, { id: 'b', members: membersOfB })),
    ]);
    expect([network.closed, world.timers]).toEqual([2, 0]);
    return errors;
  }

  test.each(differ)('different %s: both reject, with what both sides say', async (_, given, texts) => {
    for (const error of await mismatched(...given)) {
      expect(error).toMatchObject({ code: 'DSM_PEER_MISMATCH', outcome: 'not-applied' });
      for (const text of ["'a'", "'b'", ...texts]) expect(outcome(error).message).toContain(text);
    }
  });

  test('different limits of values: what one does not take would keep all behind it from arriving', async () => {
    const { join } = town();
    const pair = { a: members.a, b: members.b };
    const small = { valueBytesMax: 1_000 };
    const errors = await Promise.all([
      rejection(join(home, { id: 'a', members: pair })),
      rejection(join(home, { id: 'b', members: pair, limits: small })),
    ]);
    const text = `limits.valueBytesMax differs: 'a' has ${16 * 1024 * 1024}, 'b' has 1000`;
    expect(errors[0]).toMatchObject({ code: 'DSM_PEER_MISMATCH', message: expect.stringContaining(text) });
    expect(errors[1]).toMatchObject({ code: 'DSM_PEER_MISMATCH' });
  });

  test('options of any length are compared', async () => {
    const long = 'long '.repeat(100_000);
    const [one, same, other] = [long, long, `${long}!`].map((colour) => homeProtocol({ colour }));
    const pair = { a: members.a, b: members.b };
    const { join } = town();
    const [a, b] = await Promise.all([
      join(one as typeof home, { id: 'a', members: pair }),
      join(same as typeof home, { id: 'b', members: pair }),
    ]);
    await Promise.all([a.close(), b.close()]);
    for (const error of await mismatched(one as typeof home, other as typeof home)) {
      expect(error).toMatchObject({ code: 'DSM_PEER_MISMATCH' });
      expect(outcome(error).message.length).toBeLessThan(5_000);
    }
  });

  test('a group that is complete is not disturbed', async () => {
    const { join } = town();
    const pair = { a: members.a, b: members.b };
    const [a, b] = await Promise.all(['a', 'b'].map((id) => join(home, { id, members: pair })));
    const error = await rejection(join(home, { id: 'c', members }));
    expect(error).toMatchObject({ code: 'DSM_PEER_MISMATCH' });
    await a?.write('k', 1);
    expect(await b?.read('k')).toBe(1);
    expect(a?.metrics().dropped.mismatch).toBeGreaterThan(0);
    await Promise.all([a?.close(), b?.close()]);
  });

  test('groups of different names do not meet', async () => {
    const { join } = town();
    const pair = { a: members.a, b: members.b };
    const a = rejection(join(home, { id: 'a', members: pair, group: 'one', joinTimeout: 100 }));
    const b = rejection(join(home, { id: 'b', members: pair, group: 'two', joinTimeout: 100 }));
    expect(outcome(await a).message).toContain('nothing was heard of b');
    expect(outcome(await b).message).toContain('nothing was heard of a');
  });

  test('a mismatch is over when its member gave up joining meanwhile', async () => {
    const { network, world, join } = town();
    const controller = new AbortController();
    const other = homeProtocol({ name: 'house' });
    const dropped = (event: { kind: string; detail?: unknown }) => {
      if (event.kind === 'state' && String(event.detail).includes('differs')) controller.abort('enough');
    };
    const a = rejection(join(home, { id: 'a', members, signal: controller.signal, trace: dropped }));
    const b = rejection(join(other, { id: 'b', members }));
    expect(await a).toBe('enough');
    expect(await b).toMatchObject({ code: 'DSM_PEER_MISMATCH' });
    expect([network.closed, world.timers]).toEqual([2, 0]);
  });
});

describe('a second process of one name', () => {
  test('is refused where the first is alive, which only counts it', async () => {
    const { join } = town();
    const options = { members, suspectAfterMs: 60 };
    const all = await Promise.all(['a', 'b', 'c'].map((id) => join(home, { id, ...options })));
    const error = await rejection(join(home, { id: 'b', ...options, listen: 'memory://second' }));
    expect(error).toMatchObject({ code: 'DSM_DUPLICATE_MEMBER', message: expect.stringContaining("'b'") });
    expect(all.map((memory) => memory.status().state)).toEqual(['ready', 'ready', 'ready']);
    await Promise.all(all.map((memory) => memory.close()));
  });

  test('that follows one which is gone has lost its memory', async () => {
    const { join } = town();
    const options = { members, suspectAfterMs: 60 };
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => join(home, { id, ...options })));
    await b?.close();
    const error = await rejection(join(home, { id: 'b', ...options }));
    expect(error).toMatchObject({ code: 'DSM_REMOVED', message: expect.stringContaining("'b'") });
    await Promise.all([a?.close(), c?.close()]);
  });
});
