import { describe, expect, it } from 'vitest';
import { absent, advice, causal, memory, ofServer, run, sequential, swapping, text } from './made-up.js';

describe('the choice at a rate', () => {
  /** A system that kept up with 5,000 operations a second, unless something else is said. */
  const paced = (system: string, read: number, write: number, changes: Parameters<typeof run>[1] = {}) => {
    const of = (p99: number) => ({ p50: 10, p99, p999: 99_000 });
    const latencyUs = { read: of(read), write: of(write) };
    return run(system, { rate: 5_000, throughput: 4_990, seconds: 5, latencyUs, ...changes });
  };

  it('is what keeps up with it and has the lowest p99, of reads and of writes', () => {
    const { choice } = advice(
      paced('one', 100, 3_000, { throughput: 5_001 }),
      paced('two', 500, 1_500),
      paced('three', 90, 200, { throughput: 3_100 }),
      paced('eventual', 10, 10, { guarantees: causal }),
    );
    expect(choice).toContain('Choose two for ycsb-b, 3 members, 64 clients at 5,000 operations a second.');
    expect(choice).toContain(
      'Of the 3 linearizable ones that need no server, it has the lowest p99, the larger one of reads and writes: ' +
        '1.5 ms, 0.50 × that of one, the next.',
    );
    expect(choice).not.toContain('completed most');
  });

  it('names all whose p99 is near the lowest', () => {
    const { choice } = advice(paced('one', 100, 1_050), paced('two', 900, 1_000), paced('late', 1, 9_000));
    expect(choice).toContain('Choose two or one for');
    expect(choice).toContain('reads and writes: 1 ms and 1.05 ms, which differ by less than a tenth.');
    expect(choice).toContain(
      'Among them one has the lowest p99 of reads (100 µs) and two that of writes (1 ms).',
    );
  });

  it('says who did not keep up, and whether nobody did', () => {
    const late = paced('late', 1, 1, { throughput: 3_100 });
    const { choice, otherwise } = advice(late, paced('steady', 900, 900));
    expect(choice).toContain('Of the 2 linearizable ones that need no server, it alone kept up.');
    expect(otherwise).toContain(
      'late did not keep up with what arrived: it completed 3,100 of 5,000 operations a second.',
    );
    const later = paced('later', 1, 1, { throughput: 1_550 });
    const none = advice(later, late).choice;
    expect(none).toContain('Choose late for ycsb-b, 3 members, 64 clients at 5,000 operations a second.');
    expect(none).toContain('Nothing that is linearizable without a server kept up with that.');
    expect(none).toContain('completed most of the 2 linearizable ones that need no server');
    expect(text(paced('steady', 900, 900))).not.toMatch(/keep up|completed/);
    expect(text(paced('steady', 900, 900))).toContain('without a server at 5,000 operations a second');
  });

  it('says that it cannot tell where too little was measured for a p99', () => {
    const few = { latencyUs: { read: absent, write: absent } };
    const said = text(
      paced('one', 1, 1, few),
      paced('two', 1, 1, { ...few, guarantees: swapping }),
      paced('eventual', 1, 1, { ...few, guarantees: causal }),
    );
    expect(said).toContain('they kept up, and too little was measured to say which answers sooner.');
    expect(said).toContain('take two, which kept up, too.');
    expect(said).toContain('A causal memory, eventual, kept up, too, though a read');
    expect(said).not.toMatch(/–|NaN|Infinity|∞/);
  });

  it('blames nobody for the number that chance made of few arrivals', () => {
    expect(text(paced('few', 1, 1, { rate: 20, throughput: 15, seconds: 5 }))).not.toContain('keep up');
    expect(text(paced('few', 1, 1, { rate: 20, throughput: 5, seconds: 5 }))).toContain('keep up');
  });

  it('is told beside others by p99, too', () => {
    const store = { guarantees: ofServer, server: memory };
    const { choice, otherwise } = advice(
      paced('strong', 800, 1_000),
      paced('swaps', 800, 2_000, { guarantees: swapping }),
      paced('eventual', 10, 100, { guarantees: causal }),
      paced('ordered', 10, 100, { guarantees: sequential, throughput: 900 }),
      paced('store', 400, 500, store),
    );
    const said = otherwise.join('\n');
    expect(said).toContain('take swaps, which has 2.00 × the p99 of strong.');
    expect(said).toContain('A causal memory, eventual, has 0.10 × the p99 of strong: a read is answered');
    expect(said).toContain('A sequential memory, ordered, did not keep up with what arrived, though a read');
    expect(choice).toContain(
      'Where a server may be run, better can be had: store has 0.50 × the p99 of strong',
    );
    expect(said).toContain('Against strong it wins in p99 of reads (0.50 ×) and p99 of writes (0.50 ×).');
    expect(said).not.toContain('throughput');
    expect(advice(paced('store', 400, 500, store)).choice).toContain(
      'Of the servers, store has the lowest p99 at 5,000 operations a second: 500 µs.',
    );
  });
});
