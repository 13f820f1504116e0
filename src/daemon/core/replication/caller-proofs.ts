/**
 * Proves which daemon calls: requests carry a signature for their receiver, made and checked once per pair of daemons.
 */

import type { CallTarget, RunId } from '../../../crdt/ids.js';
import type { Sender } from './frame.js';
import { callText, type Identity, isSignedBy, type Signatures } from '../identity.js';

/** How many callers are remembered. */
const callersKept = 1000;

export class CallerProofs {
  /** The verified proof of each caller. */
  readonly #proven = new Map<RunId, { proof: Uint8Array; text: string }>();
  /** This daemon's proofs, by the text that is signed. */
  readonly #own = new Map<string, Uint8Array>();
  #identity: Identity | undefined;

  constructor(private readonly signatures: Signatures) {}

  /** The proof to send to the daemon `runId` at `url`. */
  prove(identity: Identity, runId: RunId, url: CallTarget): Pick<Sender, 'key' | 'proof'> {
    if (identity !== this.#identity) this.#own.clear();
    this.#identity = identity;
    const text = callText(runId, url);
    let proof = this.#own.get(text);
    if (!proof) {
      this.#own.set(text, (proof = identity.sign(text)));
      shorten(this.#own);
    }
    return { key: identity.key, proof };
  }

  /** Whether a frame comes from the incarnation that it names, and is meant for this one. */
  isProven({ runId, key, proof }: Sender, ownRunId: RunId, ownUrl: string): boolean {
    if (!key || !proof) return false;
    const text = callText(ownRunId, ownUrl);
    const known = this.#proven.get(runId);
    if (known?.text === text && Buffer.compare(known.proof, proof) === 0) return true;
    if (!isSignedBy(this.signatures, runId, text, [key, proof])) return false;
    this.#proven.set(runId, { text, proof });
    shorten(this.#proven);
    return true;
  }
}

function shorten(map: Map<string, unknown>): void {
  if (map.size > callersKept) map.delete(map.keys().next().value!);
}
