import { expect, it } from '@jest/globals';
import { Deliveries } from '../../../../../src/daemon/core/replication/deliveries.js';
import type { Link } from '../../../../../src/daemon/core/replication/link.js';
import type { Document } from '../../../../../src/crdt/document.js';
import { World } from '../../../../helpers/world.js';
import { asName } from '../../../../helpers/samples.js';

/** Peers that are at some heads of document `d`, which is at `ours` here. */
function bench(theirs: string[][], ours = ['h2']) {
  const world = new World(1);
  const document = { heads: ours, covers: (a: string[], b: string[]) => a.join() === b.join() };
  const documents = new Map([['d', document as unknown as Document]]);
  const links = theirs.map((heads) => ({ sync: { theirs: () => heads } }) as unknown as Link);
  return { world, documents, theirs, deliveries: new Deliveries(world, documents, () => links) };
}

it('waits until all have a document, or any', async () => {
  const { world, theirs, deliveries } = bench([['h1'], ['h1']]);
  let [all, any] = [false, false];
  void deliveries.delivered([asName('d')], 1000).then(() => (all = true));
  void deliveries.delivered([asName('d')], 1000, true).then(() => (any = true));
  await world.advance(10);
  expect([all, any]).toEqual([false, false]);
  theirs[0]![0] = 'h2';
  deliveries.look();
  await world.advance(10);
  expect([all, any]).toEqual([false, true]);
  theirs[1]![0] = 'h2';
  deliveries.look();
  await world.advance(10);
  expect(all).toBe(true);
  expect(deliveries.size).toBe(0);
});

it('forgets a wait that has timed out', async () => {
  const { world, deliveries } = bench([['h1']]);
  const waiting = deliveries.delivered([asName('d')], 200);
  await world.complete(waiting);
  expect(deliveries.size).toBe(0);
});

it('does not wait for a document that is no longer there', async () => {
  const { world, documents, deliveries } = bench([['h1']]);
  let done = false;
  void deliveries.delivered([asName('d')], 60_000).then(() => (done = true));
  documents.delete('d');
  deliveries.look();
  await world.advance(1);
  expect(done).toBe(true);
});
