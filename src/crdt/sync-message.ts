/** What two daemons tell each other about their documents, and what a daemon shows its peers of them. */

import type { Change } from './change-reader.js';
import type { Document, Heads } from './document.js';
import type { DocumentName } from './ids.js';

/** The writer's key and its signature of the last of the changes beside it. */
export type ChangeProof = [key: Uint8Array, signature: Uint8Array];

/** Changes of one document, as they are sent or as they were read. */
export type Brought<T = Uint8Array> = [name: DocumentName, changes: T[], proof?: ChangeProof];

/** What two daemons tell each other about their documents. */
export interface SyncMessage<T = Uint8Array> {
  /** One hash over all documents of the sender, after what this message brings. */
  digest?: string;
  /** At which heads the sender has these documents; none: not at all, but it would like to. */
  have?: [name: DocumentName, heads: Heads][];
  /** `have` lists every document that the sender has. */
  all?: boolean;
  changes?: Brought<T>[];
}

/** The documents of a daemon, as its peers may see them. */
export interface Documents {
  names(): Iterable<DocumentName>;
  get(name: DocumentName): Document | undefined;
  /** Whether to take this document in when a peer offers it. */
  wants(name: DocumentName): boolean;
  /** Whether others than one owner write it, so that two replicas may each have what the other lacks. */
  isShared(name: DocumentName): boolean;
  /** Merges changes into it, taking it in if it is new. What cannot be merged costs the replica, not the caller. */
  merge(name: DocumentName, changes: readonly (Change | Uint8Array)[], proof?: ChangeProof): void;
  /** How many of these changes to send, about `most`, and what shows that their owner wrote them. */
  prove(name: DocumentName, changes: readonly Uint8Array[], most: number): { count: number; proof?: ChangeProof };
  /** Drops a replica that leads nowhere, to fetch it anew. */
  discard(name: DocumentName): void;
  /** One hash over the names and heads of all documents. */
  digest(): string;
}
