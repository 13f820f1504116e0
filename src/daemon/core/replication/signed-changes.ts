/**
 * Checks that changes of holdings are signed by their owner when they arrive, and attaches signatures to those that are
 * sent. A document is a chain of changes, so the signature of one covers all before it.
 */

import { type Change, hashOf } from '../../../crdt/change-reader.js';
import type { Document } from '../../../crdt/document.js';
import { parseHoldingsName } from '../../../crdt/holdings.js';
import type { DocumentName, RunId } from '../../../crdt/ids.js';
import { InvalidError } from '../../../model/errors.js';
import { changeText, type Identity, isSignedBy, type Proof, type Signatures } from '../identity.js';
import { ChangeProofs } from './change-proofs.js';

export class SignedChanges {
  /** The keys of this daemon, and of its former incarnations whose documents are still here. */
  readonly #identities = new Map<RunId, Identity>();
  /** The last signature: all peers get the same. */
  #signed: { text: string; proof: Proof } | undefined;
  /** The owner's signatures of each document. */
  readonly #proofs = new Map<DocumentName, ChangeProofs>();

  constructor(private readonly signatures: Signatures) {}

  /** This daemon signs as `runId` from now on. */
  signAs(runId: RunId, identity: Identity): void {
    this.#identities.set(runId, identity);
  }

  forget(runId: RunId): void {
    this.#identities.delete(runId);
  }

  /** Keeps the signatures of these documents only. */
  retain(names: ReadonlyMap<DocumentName, unknown>): void {
    for (const name of this.#proofs.keys()) if (!names.has(name)) this.#proofs.delete(name);
  }

  /** Keeps the owner's signature of the last of these changes. */
  keep(name: DocumentName, changes: readonly Change[], proof: Proof): void {
    let proofs = this.#proofs.get(name);
    if (!proofs) this.#proofs.set(name, (proofs = new ChangeProofs()));
    proofs.add(changes, proof);
  }

  /**
   * Throws InvalidError for changes of holdings that their owner has not signed: they must be a chain whose last change
   * is signed.
   * @param document  the replica, if there is one here
   * @param teller  run id of the sender, if it is proven
   */
  check(
    name: DocumentName,
    changes: readonly Change[],
    proof: Proof | undefined,
    document: Document | undefined,
    teller: RunId | undefined,
  ): void {
    const parsed = parseHoldingsName(name);
    const last = changes.at(-1);
    if (!parsed || !last) return;
    const isLine = changes.every(
      ({ deps }, index) => deps.length <= 1 && (index === 0 || deps[0] === changes[index - 1]!.hash),
    );
    // If the last change of a chain is here, all of them are.
    const isKnown = isLine && document?.knows([last.hash]) === true;
    const text = changeText(name, last.hash);
    // If the owner itself sends them, the signature is verified only when it is relayed.
    const isOwners = isLine && proof !== undefined && teller === parsed.runId;
    if (isKnown || isOwners || (isLine && proof && isSignedBy(this.signatures, parsed.runId, text, proof))) return;
    throw new InvalidError(`changes of ${name} that its owner did not sign`);
  }

  /** How many of these changes to send, about `most`, and the owner's signature of them. */
  prove(name: DocumentName, changes: readonly Uint8Array[], most: number): { count: number; proof?: Proof } {
    const parsed = parseHoldingsName(name);
    if (!parsed) return { count: most };
    const identity = this.#identities.get(parsed.runId);
    if (identity) {
      const text = changeText(name, hashOf(changes[most - 1]!));
      if (this.#signed?.text !== text) this.#signed = { text, proof: [identity.key, identity.sign(text)] };
      return { count: most, proof: this.#signed.proof };
    }
    const proofs = this.#proofs.get(name);
    const counts = [...Array(most).keys()].map((before) => most - before);
    for (let count = most + 1; count <= changes.length; count++) counts.push(count);
    for (const count of counts) {
      const hash = hashOf(changes[count - 1]!);
      const proof = proofs?.get(hash);
      if (proof && isSignedBy(this.signatures, parsed.runId, changeText(name, hash), proof)) return { count, proof };
    }
    return { count: 0 };
  }
}
