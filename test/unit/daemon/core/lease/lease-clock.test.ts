import * as fc from 'fast-check';
import { type Gap, LeaseClock } from '../../../../../src/daemon/core/lease/lease-clock.js';
import type { ProcessUsage, Timer } from '../../../../../src/daemon/core/runtime.js';

/** A clock whose timer the test rings when it likes. */
class Bench {
  time = 1_000_000;
  activeMs = 5000;
  asleepMs = 0;
  due: { at: number; run: () => void } | undefined;
  readonly ticks: number[] = [];
  gap: Gap | undefined;
  readonly clock = new LeaseClock(
    {
      now: () => this.time,
      usage: () => ({ activeMs: this.activeMs, asleepMs: this.asleepMs }),
      after: (delayMs, run): Timer => {
        const due = (this.due = { at: this.time + delayMs, run });
        return { cancel: () => void (this.due === due && (this.due = undefined)) };
      },
    },
    (gap) => {
      this.gap = gap;
      this.ticks.push(gap.ms);
    },
  );

  /** The loop gets to run its timers after `ms`. */
  pass(ms: number): void {
    this.time += ms;
    const { due } = this;
    if (due && due.at <= this.time) due.run();
  }
}

describe('the lease clock', () => {
  it('follows time where nothing stalls', () => {
    const bench = new Bench();
    bench.clock.start();
    const begun = bench.clock.now();
    for (let turn = 0; turn < 50; turn++) bench.pass(100);
    expect(bench.clock.now() - begun).toBe(5000);
    expect(bench.ticks).toHaveLength(50);
  });

  it('goes on between ticks', () => {
    const bench = new Bench();
    bench.clock.start();
    const begun = bench.clock.now();
    bench.pass(40);
    expect(bench.clock.now() - begun).toBe(40);
    bench.pass(30);
    expect(bench.clock.now() - begun).toBe(70);
    expect(bench.ticks).toEqual([]);
  });

  it('ages by 200 ms in a stall, however long it was, and says how long', () => {
    const bench = new Bench();
    bench.clock.start();
    const begun = bench.clock.now();
    bench.time += 60_000;
    expect(bench.clock.now() - begun).toBe(200);
    expect(bench.clock.sinceTick()).toBe(60_000);
    bench.pass(0);
    expect(bench.clock.now() - begun).toBe(200);
    expect(bench.ticks).toEqual([60_000]);
    bench.pass(100);
    expect(bench.clock.now() - begun).toBe(300);
  });

  it.each<[string, Partial<ProcessUsage>, Gap]>([
    ['ran all the time', { activeMs: 10_000 }, { ms: 10_000, awayMs: 0 }],
    ['was stopped all the time', {}, { ms: 10_000, awayMs: 9900 }],
    ['ran for a part and was stopped for the rest', { activeMs: 6000 }, { ms: 10_000, awayMs: 3900 }],
    ['ran on several threads at once', { activeMs: 25_000 }, { ms: 10_000, awayMs: 0 }],
    ['slept with its machine', { activeMs: 10_000, asleepMs: 60_000 }, { ms: 70_000, awayMs: 60_000 }],
  ])('says how much of a gap the process was away for that %s', (_, { activeMs = 0, asleepMs = 0 }, gap) => {
    const bench = new Bench();
    bench.clock.start();
    bench.activeMs += activeMs;
    bench.asleepMs += asleepMs;
    bench.pass(10_000);
    expect(bench.gap).toEqual(gap);
    bench.pass(100);
    expect(bench.gap).toEqual({ ms: 100, awayMs: 0 });
  });

  it('does not tick once it is stopped', () => {
    const bench = new Bench();
    bench.clock.start();
    bench.clock.stop();
    bench.pass(1000);
    expect(bench.ticks).toEqual([]);
  });

  it('never goes back, never overtakes time, and never makes more than 200 ms of one step', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 }), (steps) => {
        const bench = new Bench();
        bench.clock.start();
        const [begun, realBegun] = [bench.clock.now(), bench.time];
        let [atTick, last] = [begun, begun];
        for (const step of steps) {
          bench.time += step;
          for (const settle of [false, true]) {
            const ticked = bench.ticks.length;
            if (settle) bench.pass(0);
            const now = bench.clock.now();
            expect(now).toBeGreaterThanOrEqual(last);
            expect(now - atTick).toBeLessThanOrEqual(200);
            expect(now - begun).toBeLessThanOrEqual(bench.time - realBegun);
            last = now;
            if (bench.ticks.length > ticked) atTick = now;
          }
        }
      }),
    );
  });
});
