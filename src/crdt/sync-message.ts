/** The messages with which two daemons synchronize their documents, and the interface to those documents. */

import type { Change } from './change-reader.js';
import type { Document, Heads } from './document.js';
import type { DocumentName } from './ids.js';

/** The writer's key and its signature of the last of the changes beside it. */
export type ChangeProof = [key: Uint8Array, signature: Uint8Array];

/** Changes of one document, as bytes or read. */
export type Brought<T = Uint8Array> = [name: DocumentName, changes: T[], proof?: ChangeProof];

/** One message of a synchronization. */
export interface SyncMessage<T = Uint8Array> {
  /** One hash over all documents of the sender. */
  digest?: string;
  /** The sender's heads of these documents; none: it does not have the document, but requests it. */
  have?: [name: DocumentName, heads: Heads][];
  /** `have` lists every document that the sender has. */
  all?: boolean;
  changes?: Brought<T>[];
}

/** The documents of a daemon, for synchronization. */
export interface Documents {
  names(): Iterable<DocumentName>;
  get(name: DocumentName): Document | undefined;
  /** Whether to accept this document when a peer names it. */
  wants(name: DocumentName): boolean;
  /** Whether it has several writers, so that two replicas may each have what the other lacks. */
  isShared(name: DocumentName): boolean;
  /**
   * Merges changes into a document, which may be new. If that fails, the replica is fetched again; nothing is thrown.
   */
  merge(name: DocumentName, changes: readonly (Change | Uint8Array)[], proof?: ChangeProof): void;
  /** How many of these changes to send, about `most`, and the owner's signature of them. */
  prove(name: DocumentName, changes: readonly Uint8Array[], most: number): { count: number; proof?: ChangeProof };
  /** Drops a replica that cannot be completed, to fetch it again. */
  discard(name: DocumentName): void;
  /** One hash over the names and heads of all documents. */
  digest(): string;
}
