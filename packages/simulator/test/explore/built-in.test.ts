import type { Guarantees, Host, Key, OperationId, Protocol, Value } from '@dsm/core';
import { expect, test } from 'vitest';
import { builtIn, explore, parseScript, type Scenario, UnjudgedError } from '../../src/index.js';
import { type Message, Primary, primary } from './fixtures/primary.js';

function broken(replica: typeof Primary, text = '| w | r', options: Omit<Scenario, 'script'> = {}) {
  const { violation } = explore({ protocol: primary(replica) }, { script: parseScript(text), ...options });
  return (
    violation && { property: violation.property, detail: violation.detail, events: violation.schedule.length }
  );
}

test('a handler that throws is found', () => {
  class Thrower extends Primary {
    override onEnded(): void {
      throw new Error('nobody waits');
    }
  }
  const detail = 'receive at m1: Error: nobody waits';
  expect(broken(Thrower, '| w')).toEqual({ property: builtIn.throws, detail, events: 4 });
  // What is not looked for ends its branch, and is no hang.
  expect(broken(Thrower, '| w | r', { properties: ['linearizable', builtIn.hangs] })).toBeUndefined();
});

test('a member that throws on entering is found before the first event', () => {
  class Stillborn extends Primary {
    override enter(): void {
      throw new Error('no view');
    }
  }
  expect(broken(Stillborn)).toEqual({
    property: builtIn.throws,
    detail: 'enter at m0: Error: no view',
    events: 0,
  });
});

test('an operation that ends before any was begun is found', () => {
  class Early extends Primary {
    override enter(_view: unknown, _sealed: unknown, host: Host<Message>): void {
      if (this.self === 2) host.complete(1, { kind: 'written', version: 1 });
    }
  }
  const detail = 'm2 ended operation 1, which had ended or was never begun there';
  expect(broken(Early)).toEqual({ property: builtIn.twice, detail, events: 0 });
});

test.each([
  [7, 'RangeError: there is no member 7 to send to'],
  [-1, 'RangeError: there is no member -1 to send to'],
])('a message to member %i is found', (to, detail) => {
  class Lost extends Primary {
    override read(operation: OperationId, key: Key, host: Host<Message>): void {
      host.send(to, { kind: 'mark', operation, key });
    }
  }
  expect(broken(Lost, 'r')).toEqual({ property: builtIn.throws, detail: `read at m0: ${detail}`, events: 1 });
});

test('a timer of a replica that has no timeout() is found', () => {
  class Timeless extends Primary {
    override read(_operation: OperationId, _key: Key, host: Host<Message>): void {
      host.setTimer('late', 5);
    }
  }
  expect(broken(Timeless, 'r')?.detail).toBe('read at m0: TypeError: it sets a timer and has no timeout()');
});

test('a member that talks to itself for ever is found', () => {
  class Mumbler extends Primary {
    override receive(_from: number, message: Message, host: Host<Message>): void {
      host.send(this.self, message);
    }
  }
  expect(broken(Mumbler, 'r')?.detail).toBe('read at m0: RangeError: it sends to itself without end');
});

test('a broadcast reaches the members that it names, and without a name everybody', () => {
  class Broadcasting extends Primary {
    override onRequest(...[from, request, host]: Parameters<Primary['onRequest']>): void {
      const send = (to: number, message: Message) => {
        if (message.kind === 'update') host.broadcast(message, 1 << to);
        else host.send(to, message);
      };
      super.onRequest(from, request, { ...host, send });
    }
  }
  class Proclaiming extends Primary {
    override read(operation: OperationId, key: Key, host: Host<Message>): void {
      host.broadcast({ kind: 'ended', operation, key, ends: 'read' });
    }
  }
  const subject = { protocol: primary(Broadcasting) };
  expect(explore(subject, { script: parseScript('| w') })).toEqual({ states: 8, complete: true });
  // It ends at itself in the same turn; at the two others nobody waits for it.
  expect(broken(Proclaiming, 'r')).toEqual({
    property: builtIn.twice,
    detail: 'm1 ended operation 1, which had ended or was never begun there',
    events: 2,
  });
});

test('an operation that ends twice is found, in one turn and in two', () => {
  class Twice extends Primary {
    override onEnded(...ended: Parameters<Primary['onEnded']>): void {
      super.onEnded(...ended);
      super.onEnded(...ended);
    }
  }
  class Again extends Primary {
    override onRequest(...request: Parameters<Primary['onRequest']>): void {
      super.onRequest(...request);
      super.onRequest(...request);
    }
  }
  const detail = 'm1 ended operation 1, which had ended or was never begun there';
  expect(broken(Twice, '| r')).toEqual({ property: builtIn.twice, detail, events: 3 });
  expect(broken(Again, '| r')).toEqual({ property: builtIn.twice, detail, events: 4 });
});

test('an operation of another member cannot be ended', () => {
  class Meddler extends Primary {
    override onRequest(_from: number, { operation }: { operation: OperationId }, host: Host<Message>): void {
      host.complete(operation, { kind: 'written', version: 1 });
    }
  }
  expect(broken(Meddler, '| w')?.detail).toContain('m0 ended operation 1');
});

test('a read that ends as a write is found', () => {
  class Confused extends Primary {
    override onEnded({ operation }: { operation: OperationId }, host: Host<Message>): void {
      host.complete(operation, { kind: 'written', version: 1 });
    }
  }
  expect(broken(Confused, '| w')).toBeUndefined();
  const detail = "a read ended as 'written'";
  expect(broken(Confused, '| r')).toEqual({ property: builtIn.otherwise, detail, events: 3 });
});

test('a message that is changed after it was sent is found', () => {
  class Reviser extends Primary {
    override write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
      const message = { kind: 'write', operation, key, value } as const;
      host.send(0, message);
      Object.assign(message, { operation: 9 });
    }
  }
  expect(broken(Reviser, '| w')).toMatchObject({ property: builtIn.changed, events: 1 });
});

test('a message that its receiver changes is found', () => {
  class Scribbler extends Primary {
    override onRequest(...[from, request, host]: Parameters<Primary['onRequest']>): void {
      super.onRequest(from, request, host);
      Object.assign(request, { key: 'y' });
    }
  }
  expect(broken(Scribbler, '| w')).toMatchObject({ property: builtIn.changed, events: 2 });
});

test('a replica that depends on more than its state is found', () => {
  let invocations = 0;
  class Global extends Primary {
    override read(operation: OperationId, key: Key, host: Host<Message>): void {
      invocations += 1;
      host.send(0, { kind: 'mark', operation, key: `${key}${invocations}` });
    }
  }
  expect(broken(Global, '| r')).toMatchObject({ property: builtIn.chance, events: 1 });
});

test('replicas that share an object, and change it, are found', () => {
  const shared = { version: 0 };
  class Sharing extends Primary {
    readonly shared = shared;

    override write(...[operation, key, value, host]: Parameters<Primary['write']>): void {
      this.shared.version += 1;
      super.write(operation, key, value, host);
    }
  }
  expect(broken(Sharing, '| w')).toMatchObject({ property: builtIn.shared, events: 1 });
});

test('what a replica keeps of a message is its own, to be changed', () => {
  class Keeper extends Primary {
    override read(...[operation, key, host]: Parameters<Primary['read']>): void {
      const entry = this.copies.get(key);
      if (entry !== undefined) Object.assign(entry, { version: -1 });
      super.read(operation, key, host);
    }
  }
  expect(broken(Keeper, '| w | r r')).toBeUndefined();
});

test('constants of a module stay what they are in every copy', () => {
  const none: number[] = [];
  class Constant extends Primary {
    one = none;
    other = none;

    override read(...[operation, key, host]: Parameters<Primary['read']>): void {
      // Two fields that hold the same constant share nothing of their own.
      if (this.one !== none || this.other !== none) throw new Error('a constant was copied');
      super.read(operation, key, host);
    }
  }
  expect(broken(Constant, '| r r | r')).toBeUndefined();
});

test('what cannot be copied as data is refused', () => {
  class Dated extends Primary {
    readonly born = new Date(0);
  }
  expect(() => broken(Dated)).toThrow('[object Date], which is no plain data');
});

test('a promise that no checker knows is refused', () => {
  const consistency = 'eventual' as Guarantees['consistency'];
  const protocol: Protocol<Guarantees, Message> = primary(Primary, { promises: { consistency } });
  expect(() => explore({ protocol }, { script: parseScript('r') })).toThrow(UnjudgedError);
});

test('a violation of what is promised is none where nothing is promised', () => {
  class Stale extends Primary {
    override onEnded({ operation, ends }: Parameters<Primary['onEnded']>[0], host: Host<Message>): void {
      const entry = { value: null, version: 0 };
      host.complete(operation, ends === 'read' ? { kind: 'read', entry } : { kind: 'written', version: 1 });
    }
  }
  expect(broken(Stale, '| w r')?.property).toBe('linearizable');
  const protocol = primary(Stale, { promises: { consistency: 'none' } });
  expect(explore({ protocol }, { script: parseScript('| w r') }).complete).toBe(true);
});
