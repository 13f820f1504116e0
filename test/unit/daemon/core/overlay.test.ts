import { describe, expect, it } from '@jest/globals';
import { meshLimit, neighbours } from '../../../../src/daemon/core/overlay.js';

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `run-${(index * 7919) % 10_007}`);

/** How many exchanges news from `from` take to reach everybody: both sides of an exchange learn. */
function eccentricity(from: string, members: string[]): number {
  const links = new Map(members.map((one) => [one, new Set<string>()]));
  for (const one of members)
    for (const other of neighbours(one, members)) {
      links.get(one)!.add(other);
      links.get(other)!.add(one);
    }
  const distance = new Map([[from, 0]]);
  for (const [one, hops] of distance)
    for (const other of links.get(one)!) if (!distance.has(other)) distance.set(other, hops + 1);
  return distance.size === members.length ? Math.max(...distance.values()) : Infinity;
}

describe('neighbours', () => {
  it('are all the others in a small cluster', () => {
    const members = names(meshLimit);
    for (const one of members)
      expect(neighbours(one, members).sort()).toEqual(members.filter((other) => other !== one).sort());
  });

  it.each([9, 10, 50, 200, 1000])('are few in a cluster of %d, and reach everybody in few hops', (count) => {
    const members = names(count);
    expect(neighbours(members[0]!, members).length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
    expect(eccentricity(members[0]!, members)).toBeLessThanOrEqual(Math.ceil(Math.log2(count) / 2) + 1);
  });

  it('do not depend on the order in which members are known, or on whether self is among them', () => {
    const members = names(20);
    const self = members[3]!;
    expect(neighbours(self, [...members].reverse())).toEqual(neighbours(self, members));
    expect(
      neighbours(
        self,
        members.filter((one) => one !== self),
      ),
    ).toEqual(neighbours(self, members));
  });

  it('still reach everybody when a third of the daemons is gone', () => {
    const left = names(60).filter((_, index) => index % 3 !== 0);
    expect(eccentricity(left[0]!, left)).toBeLessThan(Infinity);
  });
});
