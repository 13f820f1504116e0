import { Turn } from '../../../../src/daemon/core/turn.js';

class Bench {
  readonly done: string[] = [];
  readonly logged: object[] = [];
  readonly deferred: (() => void)[] = [];
  news = false;
  dirty = false;
  failing: string | undefined;
  readonly turn = new Turn(
    () => ({
      takeIn: () => this.#step('take in'),
      hasNews: () => this.news,
      review: () => this.#step('review'),
      reconcile: () => this.#step('reconcile'),
      publish: () => this.#step('publish'),
      arm: () => this.#step('arm'),
      relay: () => this.#step('relay'),
      isDirty: () => this.dirty,
      commit: () => this.#step('commit'),
    }),
    { defer: (run) => void this.deferred.push(run) },
    { error: (fields) => void this.logged.push(fields) },
  );

  #step(name: string): void {
    this.done.push(name);
    if (name === this.failing) throw new Error('broken');
  }
}

/** What follows from each input. */
const steps = ['take in', 'reconcile', 'publish', 'arm', 'relay'];

describe('a turn', () => {
  it('does what follows from an input after it, in one order', () => {
    const { turn, done, ...bench } = new Bench();
    expect(turn.run(() => done.push('input'))).toBe(1);
    expect(done).toEqual(['input', ...steps]);
    expect(bench.deferred).toEqual([]);
  });

  it('reviews which daemons are alive when asked to, once, or when there is news', () => {
    const bench = new Bench();
    bench.turn.run(() => bench.turn.review());
    expect(bench.done).toEqual(['take in', 'review', ...steps.slice(1)]);
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
    expect(done).toEqual(['inner', 'outer', ...steps]);
  });

  it('does what follows also if the input throws', () => {
    const { turn, done } = new Bench();
    const fail = (): never => {
      done.push('input');
      throw new Error('refused');
    };
    expect(() => turn.run(fail)).toThrow('refused');
    expect(done).toEqual(['input', ...steps]);
    turn.run(() => {});
    expect(done.slice(1 + steps.length)).toEqual(steps);
  });

  it('logs a step that throws, does the others, and does not fail what was applied', () => {
    const bench = new Bench();
    bench.failing = 'publish';
    expect(bench.turn.run(() => 'applied')).toBe('applied');
    expect(bench.done).toEqual(steps);
    expect(bench.logged).toMatchObject([{ step: 'publish' }]);
  });

  it('commits once what is written until the end of the event-loop turn', () => {
    const bench = new Bench();
    const { turn, done, deferred } = bench;
    const write = (): void => void (bench.dirty = true);
    turn.run(() => {});
    expect(deferred).toEqual([]);
    turn.run(write);
    turn.run(write);
    expect(done).not.toContain('commit');
    expect(deferred).toHaveLength(1);
    deferred[0]!();
    expect(done.filter((step) => step === 'commit')).toHaveLength(1);
    turn.run(write);
    expect(deferred).toHaveLength(2);
  });
});
