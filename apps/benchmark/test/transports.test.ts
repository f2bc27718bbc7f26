import { describe, expect, it } from 'vitest';
import { entrantsOf, transportOf, transports } from '../src/transports.js';

describe('entrantsOf', () => {
  it('is every system by its name where nothing is chosen, or what is usual', () => {
    const plain = [{ system: 'causal', label: 'causal' }];
    expect(entrantsOf(['causal'])).toEqual(plain);
    expect(entrantsOf(['causal'], ['zeromq'])).toEqual(plain);
  });

  it('is every protocol over every transport, in turns, and what has none to choose once', () => {
    expect(entrantsOf(['causal', 'redis (ioredis)', 'toString'], ['zeromq', 'tcp'])).toEqual([
      { system: 'causal', transport: 'zeromq', label: 'causal over zeromq' },
      { system: 'causal', transport: 'tcp', label: 'causal over tcp' },
      { system: 'redis (ioredis)', label: 'redis (ioredis)' },
      { system: 'toString', label: 'toString' },
    ]);
    expect(entrantsOf(['causal'], ['tcp'])).toEqual([
      { system: 'causal', transport: 'tcp', label: 'causal over tcp' },
    ]);
  });

  it('knows what each is joined over, told or not', () => {
    const over = (systems: string[], chosen?: Parameters<typeof entrantsOf>[1]) =>
      entrantsOf(systems, chosen).map(transportOf);
    expect(over(['causal', 'single'])).toEqual(['zeromq', undefined]);
    expect(over(['causal', 'single'], ['zeromq', 'tcp'])).toEqual(['zeromq', 'tcp', undefined]);
  });

  it('names transports that are what they are called', () => {
    for (const [name, make] of Object.entries(transports)) expect(make().name).toBe(name);
  });
});
