/**
 * Signed identities. Each incarnation makes a key at its start, and its run id is derived from that key. It signs what
 * it says of itself: the changes of its holdings, its heartbeats, and its requests to others. Any daemon may relay
 * that, and none can forge it (docs/decisions/0021-signed-identities.md).
 */

import { createHash } from 'node:crypto';
import type { DocumentName, RunId } from '../../crdt/ids.js';

/** A key pair. The private half stays inside. */
export interface Identity {
  /** The public key. */
  readonly key: Uint8Array;
  sign(text: string): Uint8Array;
}

/** Injected: Ed25519 in a real daemon. */
export interface Signatures {
  newIdentity(): Identity;
  verify(key: Uint8Array, text: string, signature: Uint8Array): boolean;
}

/** Shows that the owner of a run id has signed something. */
export type Proof = [key: Uint8Array, signature: Uint8Array];

/** 132 bits of the key's hash, in the characters of a random id. */
export const runIdOf = (key: Uint8Array): RunId =>
  createHash('sha256').update(key).digest('base64url').slice(0, 22) as RunId;

/** The text that is signed for a change of this document, and for all changes before it. */
export const changeText = (name: DocumentName, hash: string): string => `bender change ${name} ${hash}`;

/** The text that is signed with each heartbeat. */
export const aliveText = (runId: RunId, counter: number): string => `bender alive ${runId} ${counter}`;

/**
 * The text that a caller signs to prove its identity. It holds for one receiver at one URL, so that the receiver cannot
 * use it elsewhere.
 */
export const callText = (runId: RunId, url: string): string => `bender call ${runId} ${url}`;

/** Whether the incarnation `runId` has signed `text`. */
export function isSignedBy(signatures: Signatures, runId: RunId, text: string, [key, signature]: Proof): boolean {
  return runIdOf(key) === runId && signatures.verify(key, text, signature);
}
