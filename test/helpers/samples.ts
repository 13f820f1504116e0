/** Entries, owners and documents for tests that care about one field of them. */

import { Document } from '../../src/crdt/document.js';
import type { Entry } from '../../src/crdt/entry.js';
import { type HoldingsReplica, type Owner } from '../../src/crdt/holdings.js';
import type { DocumentName, LifeId, RunId } from '../../src/crdt/ids.js';
import { OwnHoldings } from '../../src/crdt/own-holdings.js';
import { asId } from '../../src/model/registration.js';
import type { Incarnation, Membership } from '../../src/daemon/core/membership/membership.js';

/** Texts as ids of a kind. */
export const asRunId = (text: string): RunId => text as RunId;
export const asLife = (text: string): LifeId => text as LifeId;
export const asName = (text: string): DocumentName => text as DocumentName;

export const entryOf = ({
  life = 'life-1',
  ...fields
}: Omit<Partial<Entry>, 'life'> & { life?: string } = {}): Entry => ({
  life: asLife(life),
  rev: 1,
  ttl: 4000,
  meta: {},
  registered: 1_700_000_000_000,
  ...fields,
});

export const ownerOf = (name: string, fields: Partial<Owner> = {}): Owner => ({
  name,
  generation: 1,
  runId: runIdOf(name),
  url: `http://${name}.example:1729`,
  version: '1.0.0',
  started: 1_700_000_000_000,
  ...fields,
});

export const runIdOf = (name: string): RunId => asRunId(`${name}-run-000000000000`.slice(0, 16));

let documents = 0;

/** An empty document whose writer nobody else is. */
export const newDocument = (): Document => new Document((++documents).toString(16).padStart(32, '0'));

/** Holdings as their owner has them. */
export function holdingsOf(owner: Owner, entries: Record<string, Entry> = {}): OwnHoldings {
  const own = new OwnHoldings(newDocument());
  own.setOwner(owner);
  for (const [id, entry] of Object.entries(entries)) own.setEntry(asId(id), entry);
  own.commit();
  return own;
}

/** An incarnation that has published. */
export function meetPublished(membership: Membership, owner: Owner, now = 0): Incarnation {
  const incarnation = membership.meet(owner.runId, now)!;
  incarnation.holdings = holdingsOf(owner);
  return incarnation;
}

/** Hands everything that is in `from` to a replica of it. */
export const copyTo = (replica: HoldingsReplica, from: OwnHoldings) =>
  replica.merge(from.document.changesSince(replica.document.heads)).changes;
