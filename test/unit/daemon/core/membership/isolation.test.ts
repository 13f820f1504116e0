import { Isolation } from '../../../../../src/daemon/core/membership/isolation.js';

const nobody = new Set<string>();

/** An isolation that is looked at every 100 ms, as ticks do. */
class Bench {
  time = 0;
  readonly isolation = new Isolation(600_000);

  /** These are heard for so long. Returns whether it is isolated after that. */
  hear(names: string, ms: number, left: ReadonlySet<string> = nobody): boolean {
    for (const until = this.time + ms; this.time < until;) {
      this.time += 100;
      this.isolation.review(this.time, new Set(names), left);
    }
    return this.isolation.isolated;
  }
}

/** `a` among five that have known each other for long enough. */
function bench(): Bench {
  const five = new Bench();
  expect(five.hear('abcde', 11_000)).toBe(false);
  return five;
}

describe('a daemon', () => {
  it('is isolated when it hears fewer than half of those it knows, itself included, and not at half', () => {
    const five = bench();
    expect(five.hear('abc', 1000)).toBe(false);
    expect(five.hear('ab', 100)).toBe(true);
    const four = new Bench();
    four.hear('abcd', 11_000);
    expect(four.hear('ab', 5000)).toBe(false);
  });

  it('counts only those that were live for 10 s', () => {
    const five = new Bench();
    five.hear('abcde', 9000);
    expect(five.hear('a', 5000)).toBe(false);
  });

  it('does not count daemons that left', () => {
    const five = bench();
    expect(five.hear('ab', 1000, new Set('cde'))).toBe(false);
  });

  it('does not count daemons that have been silent for a minute while it heard the others', () => {
    const five = bench();
    five.hear('abc', 61_000);
    expect(five.hear('ab', 1000)).toBe(false);
  });
});

describe('isolation', () => {
  it('lasts for longer than a minute, in which the others are not forgotten', () => {
    const five = bench();
    expect(five.hear('a', 120_000)).toBe(true);
    expect(five.hear('ab', 10_000)).toBe(true);
  });

  it('ends when half have been heard for a second, and not sooner', () => {
    const five = bench();
    five.hear('a', 5000);
    expect(five.hear('abcd', 1000)).toBe(true);
    expect(five.hear('abcd', 100)).toBe(false);
    five.hear('a', 5000);
    five.hear('abcd', 700);
    five.hear('a', 100);
    expect(five.hear('abcd', 700)).toBe(true);
  });

  it('ends when the others are back under other names, once those have been live for 10 s', () => {
    const five = bench();
    five.hear('a', 5000);
    expect(five.hear('afghi', 10_000)).toBe(true);
    expect(five.hear('afghi', 1200)).toBe(false);
  });

  it('ends when what is left is taken for all there is, or the others are forgotten', () => {
    const five = bench();
    expect(five.hear('a', 599_900)).toBe(true);
    expect(five.hear('a', 200)).toBe(false);
    const other = bench();
    other.hear('a', 5000);
    for (const name of 'bcd') other.isolation.forget(name);
    expect(other.hear('a', 1200)).toBe(false);
  });
});
