import { describe, expect, it } from '@jest/globals';
import type { RunId } from '../../../../../src/crdt/ids.js';
import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import { meshLimit, neighbours } from '../../../../../src/daemon/core/replication/overlay.js';
import { World } from '../../../../helpers/world.js';
import { asRunId } from '../../../../helpers/samples.js';

const names = (count: number): RunId[] =>
  Array.from({ length: count }, (_, index) => asRunId(`run-${(index * 7919) % 10_007}`));

/** How many exchanges news from `from` take to reach everybody: both sides of an exchange learn. */
function eccentricity(from: RunId, members: RunId[]): number {
  const links = new Map(members.map((one) => [one, new Set<RunId>()]));
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

describe('ten daemons', () => {
  it('pass on at once what one of them tells its neighbours', async () => {
    const world = new World(1);
    const daemons: Daemon[] = [];
    for (let index = 0; index < 10; index++)
      daemons.push(
        await world.complete(
          world.start(`d${index}`, { peers: daemons.slice(0, 1).map(({ settings: { url } }) => url) }),
        ),
      );
    await world.until(() => daemons.every((one) => one.membership.live().length === 10), 5000);
    await world.advance(5000);
    for (let turn = 0; turn < 5; turn++) {
      daemons[turn]!.register({ app: 'web', version: '1.0.0', host: '10.0.0.1', port: 1 + turn }, {});
      // Well below the 400 ms after which heartbeats compare what everyone has.
      const took = await world.until(() =>
        daemons.every((one) => one.registrations({ app: 'web' }).length === 1 + turn),
      );
      expect(took).toBeLessThan(60);
      await world.advance(317);
    }
  });
});
