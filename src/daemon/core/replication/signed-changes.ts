/**
 * Which changes of holdings are their owner's: those of others are checked when they arrive, and all are handed on with
 * what shows it. A document is a line of changes, so the signature of one vouches for all before it.
 */

import { type Change, hashOf } from '../../../crdt/change-reader.js';
import type { Document } from '../../../crdt/document.js';
import { parseHoldingsName } from '../../../crdt/holdings.js';
import type { DocumentName, RunId } from '../../../crdt/ids.js';
import { InvalidError } from '../../../model/errors.js';
import { changeText, type Identity, isSignedBy, type Proof, type Signatures } from '../identity.js';
import { ChangeProofs } from './change-proofs.js';

export class SignedChanges {
  /** By run id: this daemon's, and those of its former incarnations whose documents are still here. */
  readonly #identities = new Map<RunId, Identity>();
  /** What was signed last: all peers get the same. */
  #signed: { text: string; proof: Proof } | undefined;
  /** By document, what shows that its owner wrote it. */
  readonly #proofs = new Map<DocumentName, ChangeProofs>();

  constructor(private readonly signatures: Signatures) {}

  /** This daemon signs as `runId` from now on. */
  signAs(runId: RunId, identity: Identity): void {
    this.#identities.set(runId, identity);
  }

  forget(runId: RunId): void {
    this.#identities.delete(runId);
  }

  /** Keeps the proofs of these documents only. */
  retain(names: ReadonlyMap<DocumentName, unknown>): void {
    for (const name of this.#proofs.keys()) if (!names.has(name)) this.#proofs.delete(name);
  }

  /** The last of these changes was signed by the owner. */
  keep(name: DocumentName, changes: readonly Change[], proof: Proof): void {
    let proofs = this.#proofs.get(name);
    if (!proofs) this.#proofs.set(name, (proofs = new ChangeProofs()));
    proofs.add(changes, proof);
  }

  /**
   * Throws InvalidError for changes of somebody's holdings that their owner has not signed: they must be a line, of
   * which the last one is signed.
   * @param document  the replica, if there is one here
   * @param teller  run id of the sender, if that is certain
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
    // Of a line of which the last one is here, all are.
    const isKnown = isLine && document?.knows([last.hash]) === true;
    const text = changeText(name, last.hash);
    // Of the owner itself the signature is verified when it is handed on.
    const isOwners = isLine && proof !== undefined && teller === parsed.runId;
    if (isKnown || isOwners || (isLine && proof && isSignedBy(this.signatures, parsed.runId, text, proof))) return;
    throw new InvalidError(`changes of ${name} that its owner did not sign`);
  }

  /** How many of these changes to send, about `most`, and what shows that their owner wrote them. */
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
