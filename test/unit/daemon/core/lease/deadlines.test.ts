import * as fc from 'fast-check';
import { Deadlines } from '../../../../../src/daemon/core/lease/deadlines.js';

describe('deadlines', () => {
  it('come due in their order, those of the same moment too', () => {
    const deadlines = new Deadlines();
    deadlines.set('c', 30);
    deadlines.set('a', 10);
    deadlines.set('b', 20);
    expect(deadlines.takeDue(9)).toEqual([]);
    expect(deadlines.takeDue(20)).toEqual(['a', 'b']);
    expect(deadlines.size).toBe(1);
    expect(deadlines.takeDue(30)).toEqual(['c']);
    expect(deadlines.next()).toBeUndefined();
  });

  it('take 0 for a time like any other', () => {
    const deadlines = new Deadlines();
    deadlines.set('a', 0);
    expect(deadlines.get('a')).toBe(0);
    expect(deadlines.next()).toBe(0);
    expect(deadlines.takeDue(0)).toEqual(['a']);
  });

  it('hold for a key that was moved only at its new time, further or nearer', () => {
    const deadlines = new Deadlines();
    deadlines.set('a', 10);
    deadlines.set('a', 50);
    deadlines.set('b', 50);
    deadlines.set('b', 10);
    expect(deadlines.takeDue(49)).toEqual(['b']);
    expect(deadlines.takeDue(50)).toEqual(['a']);
  });

  it('come due in the order in which they are, not in which they were', () => {
    const deadlines = new Deadlines();
    deadlines.set('moved', 10);
    deadlines.set('other', 30);
    deadlines.set('moved', 50);
    expect(deadlines.takeDue(100)).toEqual(['other', 'moved']);
  });

  it('hold for a key that was deleted and set again at the later time only', () => {
    const deadlines = new Deadlines();
    deadlines.set('a', 10);
    deadlines.delete('a');
    deadlines.set('a', 20);
    expect(deadlines.takeDue(19)).toEqual([]);
    expect(deadlines.takeDue(20)).toEqual(['a']);
    expect(deadlines.takeDue(100)).toEqual([]);
  });

  it('are what a plain map says, whatever is set, moved, deleted and taken', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant('set' as const), key, fc.nat(100)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), key, fc.constant(0)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('take' as const), fc.constant(''), fc.nat(20)) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const deadlines = new Deadlines();
        const plain = new Map<string, number>();
        let now = 0;
        for (const [what, name, number] of steps) {
          if (what === 'set') {
            deadlines.set(name, now + number);
            plain.set(name, now + number);
          } else if (what === 'delete') {
            deadlines.delete(name);
            plain.delete(name);
          } else {
            now += number;
            const due = [...plain].filter(([, at]) => at <= now);
            const taken = deadlines.takeDue(now);
            expect([...taken].sort()).toEqual(due.map(([one]) => one).sort());
            const times = taken.map((one) => plain.get(one)!);
            expect(times).toEqual([...times].sort((a, b) => a - b));
            for (const [one] of due) plain.delete(one);
          }
          expect(deadlines.size).toBe(plain.size);
          for (const [one, at] of plain) expect(deadlines.get(one)).toBe(at);
          const next = deadlines.next();
          if (plain.size > 0) expect(next).toBeLessThanOrEqual(Math.min(...plain.values()));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('hold for thousands of keys that were moved nearer again and again', () => {
    const deadlines = new Deadlines();
    for (let at = 5000; at > 0; at--) for (const key of ['a', 'b']) deadlines.set(key, at);
    deadlines.delete('b');
    expect(deadlines.takeDue(1)).toEqual(['a']);
    expect(deadlines.takeDue(10_000)).toEqual([]);
  });
});
