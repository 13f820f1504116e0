/** C1 to C3 of what was tried on the peer port: changes that block, cut off or end the daemon that merges them. */

import { catalogName } from '../../../../src/crdt/catalog.js';
import { readChange } from '../../../../src/crdt/change-reader.js';
import { protocolVersion } from '../../../../src/daemon/core/replication/frame.js';
import { type Forged, forgedChange } from '../../../helpers/forged-change.js';
import { World } from '../../../helpers/world.js';

/** Two daemons of which one holds something. */
async function pair(): Promise<World> {
  const world = new World(1);
  await world.complete(world.start('a'));
  await world.complete(world.start('b', { peers: [world.host('a').url] }));
  await world.advance(5000);
  world.host('a').daemon!.register({ app: 'web', version: '1', host: '10.0.0.1', port: 80 }, { ttl: 60_000 });
  await world.advance(1000);
  return world;
}

/** What a program that is no member sends to b. */
function send(world: World, changes: unknown): unknown {
  const from = {
    name: 'x',
    runId: 'evilevilevil',
    generation: 1,
    url: 'http://127.9.9.8:9',
    synced: true,
    warm: true,
  };
  return world.host('b').daemon!.receive({ v: protocolVersion, cluster: 'test', from, sync: { changes } });
}

const catalogWith = (forged: Forged) => [[catalogName, [forgedChange(forged)]]];

/** That both are linked, agree, and can still write the catalog. */
async function expectWell(world: World): Promise<void> {
  const [a, b] = [world.host('a').daemon!, world.host('b').daemon!];
  b.catalog.backends.create({ name: `n${world.time}`, app: 'web', version: '1' }, 'test');
  await world.advance(3000);
  for (const daemon of [a, b]) {
    expect(daemon.daemons().map(({ name, state, generation }) => [name, state, generation])).toEqual([
      ['a', 'online', 1],
      ['b', 'online', 1],
    ]);
    expect(daemon.daemons().every(({ self, linked, behind }) => self || (linked && behind === 0))).toBe(true);
    expect(daemon.registrations({ app: 'web' })).toHaveLength(1);
    expect(daemon.status().catalogBytes).toBeGreaterThan(0);
  }
  expect(a.catalog.backends.list()).toEqual(b.catalog.backends.list());
  expect(a.catalog.history({ limit: 10 })).toEqual(b.catalog.history({ limit: 10 }));
}

describe('a change that would block the daemon that merges it', () => {
  it.each<[string, Forged]>([
    ['one key 15,000 times', { count: 15_000 }],
    ['one key 1,000,000 times', { count: 1_000_000 }],
    ['190 MB, deflated', { deflated: true, extra: Buffer.alloc(190e6) }],
    ['40 MB, deflated', { deflated: true, extra: Buffer.alloc(40e6) }],
  ])('is refused at once and goes nowhere: %s', async (_, forged) => {
    const world = await pair();
    const changes = catalogWith(forged);
    const begun = performance.now();
    for (let times = 0; times < 3; times++) expect(() => send(world, changes)).toThrow('does not write');
    expect(performance.now() - begun).toBeLessThan(1000);
    await expectWell(world);
    expect(world.host('b').logged.filter((line) => line.includes('refused what a peer sent'))).toHaveLength(1);
  });
});

describe('a change with a gap in the numbers of its writer', () => {
  it('is left out, and the catalog goes on', async () => {
    const world = await pair();
    send(world, catalogWith({ seq: 30 }));
    await expectWell(world);
    send(world, catalogWith({ seq: 30, deps: world.host('b').daemon!.documents.catalog.document.heads }));
    await expectWell(world);
  });

  it('is left out if the writer is the daemon itself', async () => {
    const world = await pair();
    await expectWell(world);
    const { document } = world.host('b').daemon!.documents.catalog;
    const [last] = document.changesSince([]).slice(-1).map(readChange);
    const actor = Buffer.from(document.actor, 'hex');
    send(world, catalogWith({ actor, seq: last!.seq + 1, startOp: last!.startOp + 1, deps: document.heads }));
    await expectWell(world);
  });
});

describe('a frame with one bad change among good ones', () => {
  it('is refused as a whole', async () => {
    const world = await pair();
    const before = world.host('b').daemon!.documents.digest();
    const good = forgedChange({ key: 'backend/x', value: '{"app":"x","version":"1"}' });
    expect(() =>
      send(world, [
        [catalogName, [good]],
        ['other', [forgedChange({ count: 2 })]],
      ]),
    ).toThrow('twice');
    expect(world.host('b').daemon!.documents.digest()).toBe(before);
    expect(world.host('b').daemon!.catalog.backends.list()).toEqual([]);
  });
});
