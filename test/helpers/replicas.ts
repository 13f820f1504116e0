/**
 * Replicas of a few documents, and what passes between two of them, without a daemon and without a network:
 * messages lie on a table until the test delivers, repeats or loses them.
 */

import type { Document } from '../../src/crdt/document.js';
import type { DocumentName } from '../../src/crdt/ids.js';
import { PeerSync } from '../../src/crdt/peer-sync.js';
import type { Documents, SyncMessage } from '../../src/crdt/sync-message.js';
import { asName, newDocument } from './samples.js';

export const shared = 'catalog';

/** One side: it writes the shared document and one of its own, and has replicas of the others'. */
export class Replica implements Documents {
  readonly documents = new Map<string, Document>();
  readonly discarded: string[] = [];
  /** Documents that it will not have. */
  readonly unwanted = new Set<string>();
  readonly syncs = new Map<Replica, PeerSync>();
  /** Called for each document that is other than it was. */
  onMerged: (name: string) => void = () => {};

  constructor(readonly own: string) {
    this.documents.set(shared, newDocument());
    this.documents.set(own, newDocument());
    this.write(own, 'daemon', own);
  }

  names(): DocumentName[] {
    return [...this.documents.keys()].map(asName);
  }

  get(name: string): Document | undefined {
    return this.documents.get(name);
  }

  wants(name: string): boolean {
    return name !== this.own && !this.unwanted.has(name);
  }

  isShared(name: string): boolean {
    return name === shared;
  }

  merge(name: string, changes: Uint8Array[]): void {
    const document = this.documents.get(name) ?? newDocument();
    this.documents.set(name, document);
    try {
      document.merge(changes);
    } catch {
      this.discard(name);
    }
    this.onMerged(name);
  }

  prove(_name: string, _changes: readonly Uint8Array[], most: number): { count: number } {
    return { count: most };
  }

  discard(name: string): void {
    if (name === this.own) return;
    this.discarded.push(name);
    this.documents.set(name, newDocument());
  }

  digest(): string {
    return [...this.documents]
      .map(([name, { heads }]) => `${name}=${heads.join()}`)
      .sort()
      .join(';');
  }

  write(name: string, key: string, value: string | undefined): void {
    const document = this.documents.get(name)!;
    document.put(key, value);
    if (document.commit()) for (const sync of this.syncs.values()) sync.changed(asName(name));
  }

  syncWith(peer: Replica): PeerSync {
    let sync = this.syncs.get(peer);
    if (!sync) this.syncs.set(peer, (sync = new PeerSync(this)));
    return sync;
  }
}

/** One whole exchange that `from` begins. */
export function exchange(from: Replica, to: Replica, digest = true): [SyncMessage, SyncMessage] {
  const request = from.syncWith(to).request(digest);
  const answer = to.syncWith(from).answer(request);
  from.syncWith(to).accept(answer);
  return [request, answer];
}

/**
 * Exchanges of these pairs, both ways in turn, until all have the same. Answers how many rounds that took, and fails
 * loudly when it takes more than `limit`.
 */
export function settle(pairs: readonly (readonly [Replica, Replica])[], limit = 20, what = ''): number {
  const all = [...new Set(pairs.flat())];
  for (let round = 0; round <= limit; round++) {
    if (new Set(all.map((one) => one.digest())).size === 1) return round;
    for (const [a, b] of pairs) {
      exchange(a, b);
      exchange(b, a);
    }
  }
  throw new Error(`${what} not equal after ${limit} rounds: ${all.map((one) => one.digest()).join('\n')}`);
}

/** Bytes of changes in a message. */
export const bytesOf = ({ changes = [] }: SyncMessage): number =>
  changes.flatMap(([, each]) => each).reduce((sum, { length }) => sum + length, 0);
