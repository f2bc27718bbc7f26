import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../src/print/advice/advice.js';
import {
  absent,
  advice,
  causal,
  memory,
  ofServer,
  outcome,
  run,
  sequential,
  swapping,
  text,
} from './made-up.js';

const disk = { software: 'log 4.5.6', durability: 'fsync first' };

describe('the choice', () => {
  it('is the fastest of those that are linearizable, with its lead over the next', () => {
    const { choice } = advice(
      run('slow', { throughput: 1_000 }),
      run('fast', { throughput: 3_000 }),
      run('middling', { throughput: 2_000 }),
      run('eventual', { throughput: 9_000, guarantees: causal }),
    );
    expect(choice).toContain('Choose fast for ycsb-b, 3 members, 64 clients.');
    expect(choice).toContain(
      '3 linearizable ones that need no server: 3,000 operations a second, 1.50 × as many as middling',
    );
    expect(choice).toContain('a read asks a majority, a write ends when a majority has stored it');
    expect(choice).toContain(
      'Half of all reads took at most 146 µs and half of all writes took at most 301 µs',
    );
  });

  it('names all whose rounds overlap with those of the fastest', () => {
    const { choice } = advice(
      run('one', {
        throughput: 2_000,
        spread: { throughput: [1_500, 2_500], operationsPerCpuSecond: [1, 1] },
      }),
      run('two', {
        throughput: 1_400,
        spread: { throughput: [1_300, 1_500], operationsPerCpuSecond: [1, 1] },
      }),
      run('three', {
        throughput: 1_300,
        spread: { throughput: [1_200, 1_400], operationsPerCpuSecond: [1, 1] },
      }),
    );
    expect(choice).toContain('Choose one or two for');
    expect(choice).toContain(
      '2,000 and 1,400 operations a second, and which of them is faster cannot be told: their rounds overlap',
    );
  });

  it('names those with the shortest tails where throughput does not decide, as in an open loop', () => {
    const latency = (p99: number) => ({ p50: 10, p99, p999: 9_000 });
    const { choice } = advice(
      run('one', { latencyUs: { read: latency(300), write: latency(200) } }),
      run('two', { latencyUs: { read: latency(100), write: latency(4_000) } }),
      run('slower', { throughput: 10, latencyUs: { read: latency(1), write: latency(1) } }),
    );
    expect(choice).toContain(
      'Among them two has the lowest p99 of reads (100 µs) and one that of writes (200 µs).',
    );
    expect(advice(run('one')).choice).not.toContain('Among them');
  });

  it('after a single round takes a difference of less than a tenth for chance', () => {
    const runs = [
      run('one', { throughput: 1_000 }),
      run('two', { throughput: 950 }),
      run('three', { throughput: 900 }),
    ];
    expect(adviceOn({ ...outcome(...runs), rounds: 1 }).choice).toContain('Choose one or two for');
    expect(adviceOn({ ...outcome(...runs), rounds: 3 }).choice).toContain('Choose one for');
  });

  it('is of the strongest consistency that was found legal', () => {
    const { choice } = advice(
      run('eventual', { throughput: 9_000, guarantees: causal }),
      run('ordered', { guarantees: sequential }),
      run('broken', { verdict: 'illegal' }),
    );
    expect(choice).toContain('Choose ordered');
    expect(choice).toContain('nothing else here is sequential without a server');
  });

  it('explains no choice where there was none', () => {
    expect(advice(run('only')).choice).toContain(
      'only is all that was measured without a server and found legal',
    );
    expect(advice().choice).toBe('Nothing was measured.');
    expect(advice(run('store', { guarantees: ofServer, server: memory })).choice).toContain(
      'No protocol without a server was measured and found legal. Of the servers, store completed most',
    );
  });

  it.each(['illegal', 'unknown', 'unchecked'] as const)('is never what is %s, however fast', (verdict) => {
    const { choice, otherwise } = advice(run('suspect', { verdict, throughput: 1e6 }), run('sound'));
    expect(choice).not.toContain('suspect');
    expect(choice).toContain('sound');
    expect(otherwise.at(-1)).toMatch(
      /^Not recommended, whatever the figures: suspect \((illegal|undecided|not checked)\)\.$/,
    );
    const alone = text(run('suspect', { verdict }));
    expect(alone).toContain('so nothing is recommended');
    expect(alone).not.toMatch(/Choose|take suspect/);
  });

  it('is never what could not be measured', () => {
    const unmeasured = [{ system: 'gone', reason: 'member b: cannot join today' }];
    const named = 'Not recommended, whatever the figures: gone (could not be measured).';
    expect(adviceOn({ ...outcome(run('sound')), unmeasured }).otherwise.at(-1)).toBe(named);
    expect(adviceOn({ ...outcome(), unmeasured }).otherwise).toEqual([named]);
  });

  it('says nothing of writes where there were none', () => {
    const said = text(
      run('one', { latencyUs: { read: { p50: 5, p99: 6, p999: 7 }, write: absent } }),
      run('store', {
        latencyUs: { read: { p50: 50, p99: 60, p999: 70 }, write: absent },
        guarantees: ofServer,
        server: memory,
      }),
    );
    expect(said).toContain('Half of all reads took at most 5 µs; 99 of 100 took at most 6 µs.');
    expect(said).not.toMatch(/half of all writes|of writes|–|NaN|undefined/);
  });

  it('takes no tail for known that too few operations were measured for', () => {
    const latency = (p99: number) => ({ p50: 10, p99, p999: Number.NaN });
    const one = run('one', { latencyUs: { read: latency(300), write: latency(Number.NaN) } });
    const two = run('two', { latencyUs: { read: latency(100), write: latency(4_000) } });
    const { choice } = advice(one, two);
    expect(choice).toContain('Among them two has the lowest p99 of reads (100 µs).');
    expect(choice).toContain('half of all writes took at most 10 µs; 99 of 100 reads took at most 300 µs.');
    const short = run('short', { latencyUs: { read: latency(Number.NaN), write: latency(Number.NaN) } });
    expect(advice(short).choice).toMatch(/half of all writes took at most 10 µs\.$/);
    const store = run('store', { guarantees: ofServer, server: memory, throughput: 9_000 });
    expect(text(short, store, two)).not.toMatch(/–|NaN|p99 of/);
  });

  it('comes with a warning where operations of it failed', () => {
    expect(text(run('one', { failedOperations: 1_234 }))).toContain('1,234 operations of one failed');
  });
});

describe('what the choice lacks', () => {
  it('narrows it to what has compare-and-swap, if that is needed', () => {
    const { otherwise } = advice(
      run('fast', { throughput: 4_000 }),
      run('swaps', { throughput: 2_000, guarantees: swapping }),
      run('swaps too', { throughput: 1_000, guarantees: { ...swapping, ...sequential } }),
      run('broken', { throughput: 3_000, guarantees: swapping, verdict: 'illegal' }),
    );
    expect(otherwise[0]).toBe(
      'Where compare-and-swap is needed, take swaps, which completed 0.50 × as many operations as fast; ' +
        'swaps too (sequential) has it too.',
    );
    expect(text(run('fast'))).toContain(
      'Where compare-and-swap is needed, fast will not do, nor will anything else',
    );
    expect(text(run('fast', { guarantees: swapping }))).toContain('fast has compare-and-swap.');
  });

  it('narrows it to what a crash does not make forget', () => {
    const { otherwise } = advice(
      run('fast', { throughput: 4_000, guarantees: { survives: 'none' } }),
      run('safe', { throughput: 1_000 }),
    );
    expect(otherwise[1]).toBe(
      'Where a crash must lose nothing that was acknowledged, only one is left: ' +
        'take safe, which completed 0.25 × as many operations as fast.',
    );
    expect(text(run('one'))).toContain('loses nothing that was acknowledged when a minority crashes');
    expect(text(run('one', { guarantees: { survives: { crashes: 2 } } }))).toContain('when 2 members crash.');
    expect(text(run('one', { guarantees: { survives: { crashes: 1 } } }))).toContain(
      'when 1 member crashes.',
    );
    expect(text(run('one', { guarantees: { survives: 'any' } }))).toContain(
      'when any number of members crash.',
    );
  });
});

describe('a weaker consistency', () => {
  it('is said to gain what it gains and to give up what it gives up', () => {
    const said = text(
      run('strong', { guarantees: swapping }),
      run('ordered', { throughput: 2_000, guarantees: { ...sequential, ...swapping } }),
      run('eventual', { throughput: 5_000, guarantees: causal }),
    );
    expect(said).toMatch(
      /A sequential memory, ordered, completed 2\.00 × as many operations: .*gives up that a read sees every write/,
    );
    expect(said).toMatch(
      /A causal memory, eventual, completed 5\.00 × as many .*gives up one order of writes.*; and compare-and-swap\./,
    );
    expect(said).toContain('In a network that is cut, all parts of it go on.');
    expect(said.match(/; and compare-and-swap/g)).toHaveLength(1);
  });

  it('is said to give up what a crash makes forget, where the choice forgets nothing', () => {
    const forgetful = { ...sequential, survives: 'none' } as const;
    const loss = '; and that a crash loses nothing which was acknowledged.';
    expect(text(run('strong'), run('ordered', { guarantees: forgetful }))).toContain(loss);
    const both = text(
      run('strong', { guarantees: { survives: 'none' } }),
      run('ordered', { guarantees: forgetful }),
    );
    expect(both).not.toContain(loss);
  });

  it('is said to gain nothing where it gains nothing', () => {
    expect(text(run('strong'), run('ordered', { guarantees: sequential }))).toContain(
      'ordered, gains no throughput here (1.00 ×)',
    );
    expect(text(run('strong'), run('ordered', { throughput: 500, guarantees: sequential }))).toContain(
      'ordered, completed fewer operations here (0.50 ×)',
    );
  });

  it('is one that is weaker than the choice', () => {
    const said = text(run('ordered', { guarantees: sequential }), run('eventual', { guarantees: causal }));
    expect(said).toContain('A causal memory, eventual,');
    expect(said).not.toContain('A sequential memory');
  });

  it('is not mentioned where it was not found legal', () => {
    expect(
      text(run('strong'), run('ordered', { guarantees: sequential, verdict: 'unchecked' })),
    ).not.toContain('sequential memory');
  });
});

describe('a server', () => {
  const us = { read: { p50: 100, p99: 1_000, p999: 1 }, write: { p50: 100, p99: 1_000, p999: 1 } };
  const store = { guarantees: ofServer, server: memory };

  it('is told where it wins and where it loses, beside its durability', () => {
    const { choice, otherwise } = advice(
      run('strong', { latencyUs: us }),
      run('store', {
        ...store,
        throughput: 2_000,
        latencyUs: { read: { p50: 50, p99: 2_000, p999: 1 }, write: { p50: 105, p99: 1_000, p999: 1 } },
      }),
    );
    expect(choice).toContain('Where a server may be run, more can be had: store 2.00 ×, see below.');
    expect(otherwise.at(-1)).toBe(
      'store is a server, store 1.2.3 (durability: none). Against strong it wins in throughput (2.00 ×) ' +
        'and p50 of reads (0.50 ×); it loses in p99 of reads (2.00 ×). ' +
        'Its crash stops everybody and may lose what it acknowledged.',
    );
  });

  it('is told once for each kind of durability, the fastest of it', () => {
    const { choice, otherwise } = advice(
      run('strong', { latencyUs: us }),
      run('store a', { ...store, throughput: 300, latencyUs: us }),
      run('store b', { ...store, throughput: 900, latencyUs: us }),
      run('disk', {
        guarantees: { ...ofServer, survives: 'minority' },
        server: disk,
        throughput: 10,
        latencyUs: us,
      }),
    );
    const told = otherwise.filter((sentence) => sentence.includes('is a server'));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('store b is a server');
    expect(told[1]).toBe(
      'disk is a server, log 4.5.6 (durability: fsync first). Against strong it loses in throughput (0.01 ×). ' +
        'It goes on after a crash only as a cluster of three servers or more.',
    );
    expect(choice).not.toContain('more can be had');
  });

  it('is told its throughput in the median where that is far off, though the rounds overlap', () => {
    const wide = (throughput: number, least: number, most: number) => ({
      throughput,
      spread: { throughput: [least, most] as const, operationsPerCpuSecond: [1, 1] as const },
      latencyUs: us,
    });
    const strong = run('strong', wide(1_000, 800, 3_000));
    const { choice, otherwise } = advice(strong, run('store', { ...store, ...wide(4_410, 2_900, 5_000) }));
    expect(choice).toContain(
      'Where a server may be run, more may be had: store 4.41 × in the median, though the rounds overlap; see below.',
    );
    expect(otherwise.at(-1)).toContain(
      'Against strong it has throughput 4.41 × in the median, though the rounds overlap.',
    );
    const near = advice(strong, run('store', { ...store, ...wide(1_050, 900, 3_000) }));
    expect(near.choice).not.toContain('Where a server may be run');
    expect(near.otherwise.at(-1)).toContain('there is no difference of a tenth in throughput or latency');
  });

  it('is never what is chosen while a protocol is legal, and never told while it is not', () => {
    expect(
      advice(run('slow', { throughput: 1 }), run('store', { ...store, throughput: 1e6 })).choice,
    ).toContain('slow is all');
    expect(text(run('slow'), run('store', { ...store, verdict: 'illegal' }))).not.toContain('is a server');
  });
});
