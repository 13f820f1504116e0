/** Where daemons have certificates, an incarnation counts under a name that its certificate has, and under no other. */

import { describe, expect, it } from '@jest/globals';
import { hashOf } from '../../../../src/crdt/change-reader.js';
import { holdingsName, type Owner } from '../../../../src/crdt/holdings.js';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import { type Frame, protocolVersion } from '../../../../src/daemon/core/replication/frame.js';
import { aliveText, callText, changeText, runIdOf } from '../../../../src/daemon/core/identity.js';
import type { Names } from '../../../../src/daemon/core/runtime.js';
import { holdingsOf, ownerOf } from '../../../helpers/samples.js';
import { dice, signatures, World } from '../../../helpers/world.js';

/** A claim that shows what it says, as those with real certificates do. */
class FakeNames implements Names {
  /** Of the certificates: another one after a renewal. */
  serial = 1;
  claim = (name: string, runId: string): string => `${this.serial} ${name} ${runId}`;
  isProven = ({ name, runId, claim }: Pick<Owner, 'name' | 'runId' | 'claim'>): boolean =>
    claim !== undefined && claim.split(' ').slice(1).join(' ') === `${name} ${runId}`;
}

const identity = signatures(dice(7)).newIdentity();
const runId = runIdOf(identity.key);

/** What a member that has the certificate of `x` hands on: an incarnation with a key of its own. */
function bring(to: Daemon, owner: Partial<Owner>): void {
  const url = 'http://x.example:1729';
  const { document } = holdingsOf(ownerOf('x', { runId, url, ...owner }), {});
  const changes = document.changesSince([]);
  const name = holdingsName(runId, 1);
  const proof = identity.sign(callText(to.runId, to.settings.url));
  const signature = identity.sign(changeText(name, hashOf(changes.at(-1)!)));
  const frame = {
    v: protocolVersion,
    cluster: 'test',
    from: { name: 'x', url, runId, generation: 1, synced: true, warm: true, key: identity.key, proof },
    signs: [[runId, 1, 0, -1, identity.key, identity.sign(aliveText(runId, 1))]],
    sync: { changes: [[name, changes, [identity.key, signature]]] },
  } as unknown as Frame;
  void to.receive(frame);
}

async function pair(): Promise<{ world: World; names: FakeNames; a: Daemon; b: Daemon }> {
  const world = new World(1);
  const names = (world.certificates = new FakeNames());
  const a = await world.complete(world.start('a'));
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  await world.advance(5000);
  return { world, names, a, b };
}

const namesAt = (daemon: Daemon): string[] => daemon.daemons().map(({ name }) => name);

describe('an incarnation', () => {
  it('counts under the name in its certificate', async () => {
    const { world, names, a } = await pair();
    bring(a, { claim: names.claim('x', runId) });
    await world.advance(100);
    expect(namesAt(a)).toEqual(['a', 'b', 'x']);
  });

  it.each([
    ['another name than that', { name: 'b', generation: 9 }, 'x'],
    ['a name that is taken from a claim of another run', { name: 'b', generation: 9 }, 'b'],
    ['a name without a claim', {}, undefined],
  ])('does not count under %s', async (_, owner, claimed) => {
    const { world, names, a, b } = await pair();
    const claim = claimed === 'b' ? names.claim('b', b.runId) : names.claim('x', runId);
    bring(a, { ...owner, ...(claimed !== undefined && { claim }) });
    await world.advance(5000);
    expect(namesAt(a)).toEqual(['a', 'b']);
    expect(a.daemons().map(({ state }) => state)).toEqual(['online', 'online']);
    expect([world.host('a').fatal, world.host('b').fatal]).toEqual([undefined, undefined]);
  });
});

it('a certificate that is renewed is told to the others, and the daemon stays the same incarnation', async () => {
  const { world, names, a, b } = await pair();
  names.serial = 2;
  await world.advance(2000);
  const c = await world.complete(world.start('c', { peers: [a.settings.url] }));
  await world.advance(1000);
  expect(namesAt(c)).toEqual(['a', 'b', 'c']);
  const claimsAt = (daemon: Daemon) =>
    [...daemon.membership.all()].map(({ holdings }) => holdings!.owner!.claim!.split(' ')[0]);
  expect([claimsAt(a), claimsAt(b)]).toEqual([
    ['2', '2', '2'],
    ['2', '2', '2'],
  ]);
  expect([a.runId, b.runId].every((id) => c.daemons().some((one) => one.runId === id))).toBe(true);
});
