import { Turn } from '../../../../src/daemon/core/turn.js';

class Bench {
  readonly done: string[] = [];
  readonly logged: object[] = [];
  readonly deferred: (() => void)[] = [];
  news = false;
  failing: string | undefined;
  readonly turn = new Turn(
    {
      hasNews: () => this.news,
      review: () => this.#step('review'),
      publish: () => this.#step('publish'),
      arm: () => this.#step('arm'),
      relay: () => this.#step('relay'),
      commit: () => this.#step('commit'),
    },
    { defer: (run) => void this.deferred.push(run) },
    { error: (fields) => void this.logged.push(fields) },
  );

  #step(name: string): void {
    this.done.push(name);
    if (name === this.failing) throw new Error('broken');
  }
}

describe('a turn', () => {
  it('does what follows from an input after it, in one order', () => {
    const { turn, done, ...bench } = new Bench();
    expect(turn.run(() => done.push('input'))).toBe(1);
    expect(done).toEqual(['input', 'publish', 'arm', 'relay']);
    expect(bench.deferred).toEqual([]);
  });

  it('reviews who is alive when asked to, once, or when there is news', () => {
    const bench = new Bench();
    bench.turn.run(() => bench.turn.review());
    expect(bench.done).toEqual(['review', 'publish', 'arm', 'relay']);
    bench.turn.run(() => {});
    expect(bench.done.filter((step) => step === 'review')).toHaveLength(1);
    bench.news = true;
    bench.turn.run(() => {});
    expect(bench.done.filter((step) => step === 'review')).toHaveLength(2);
  });

  it('is joined by inputs that are taken inside of it', () => {
    const { turn, done } = new Bench();
    turn.run(() => {
      turn.run(() => done.push('inner'));
      done.push('outer');
    });
    expect(done).toEqual(['inner', 'outer', 'publish', 'arm', 'relay']);
  });

  it('does what follows also if the input throws', () => {
    const { turn, done } = new Bench();
    const fail = (): never => {
      done.push('input');
      throw new Error('refused');
    };
    expect(() => turn.run(fail)).toThrow('refused');
    expect(done).toEqual(['input', 'publish', 'arm', 'relay']);
    turn.run(() => {});
    expect(done.slice(4)).toEqual(['publish', 'arm', 'relay']);
  });

  it('logs a step that throws, does the others, and does not fail what was applied', () => {
    const bench = new Bench();
    bench.failing = 'publish';
    expect(bench.turn.run(() => 'applied')).toBe('applied');
    expect(bench.done).toEqual(['publish', 'arm', 'relay']);
    expect(bench.logged).toMatchObject([{ step: 'publish' }]);
  });

  it('commits once what is written until the end of the event-loop turn', () => {
    const { turn, done, deferred } = new Bench();
    turn.run(() => turn.written());
    turn.run(() => turn.written());
    expect(done).not.toContain('commit');
    expect(deferred).toHaveLength(1);
    deferred[0]!();
    expect(done.filter((step) => step === 'commit')).toHaveLength(1);
    turn.run(() => turn.written());
    expect(deferred).toHaveLength(2);
  });
});
