/**
 * Changes of documents: real ones, mutated, most of them with a checksum that is right again, and forged ones. What the
 * change reader takes, Automerge must be able to apply at once, and what it says must be what Automerge makes of it.
 */

import { Document } from '../../src/crdt/document.js';
import { type Change, readChange } from '../../src/crdt/change-reader.js';
import { InvalidError } from '../../src/model/errors.js';
import { chunkOf, contentOf, type Forged, forgedChange } from '../helpers/forged-change.js';
import { below, chance, mutateBytes, pick } from './choose.js';
import { readCorpus } from './corpus.js';
import { type Dice, Finding, type Session, type Target } from './target.js';

/** ms that a change may take to be read and applied. */
const limitMs = 250;

export const changeTarget: Target = {
  name: 'change',
  roundSize: 1000,
  open: () => Promise.resolve(new ChangeSession(readCorpus().changes)),
};

class ChangeSession implements Session {
  #longestMs = 0;
  #actors = 0;

  constructor(private readonly recorded: readonly Buffer[]) {}

  run(dice: readonly Dice[]): Promise<string[]> {
    return Promise.resolve(dice.map((one, index) => this.#try(this.#make(one), index)));
  }

  report(): string[] {
    return [`the longest took ${this.#longestMs.toFixed(1)} ms`];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #make(dice: Dice): Uint8Array {
    if (chance(dice, 0.3)) return forgedChange(forge(dice));
    const real = pick(dice, this.recorded);
    if (chance(dice, 0.2)) return mutateBytes(dice, real, this.recorded);
    return chunkOf(mutateBytes(dice, contentOf(real), this.recorded), chance(dice, 0.05));
  }

  #try(bytes: Uint8Array, index: number): string {
    let outcome = '';
    let tookMs = Infinity;
    // A machine that is busy with other things takes long once, an input that costs much takes long each time.
    for (let turn = 0; turn < 5 && tookMs > limitMs; turn++) {
      const begun = performance.now();
      outcome = this.#outcome(bytes, index);
      tookMs = Math.min(tookMs, performance.now() - begun);
    }
    this.#longestMs = Math.max(this.#longestMs, tookMs);
    if (tookMs > limitMs) throw this.#finding(`took ${tookMs.toFixed(0)} ms`, bytes, index);
    return outcome;
  }

  #outcome(bytes: Uint8Array, index: number): string {
    let change: Change;
    try {
      change = readChange(bytes);
    } catch (error) {
      if (error instanceof InvalidError) return 'refused';
      throw this.#finding(`the reader failed with ${String(error)}`, bytes, index);
    }
    const document = new Document((++this.#actors).toString(16).padStart(32, '0'));
    try {
      document.apply([change]);
      if (document.dead) throw new Error('it killed the document');
      const isApplied = document.heads.includes(change.hash);
      document.changesSince([]);
      document.put('ours', 'after it');
      document.commit();
      if (document.dead || document.get('ours') !== 'after it') throw new Error('nothing can be written after it');
      return isApplied ? 'applied' : 'waits for others';
    } catch (error) {
      throw this.#finding(`what was read as a change: ${String(error)}`, bytes, index);
    } finally {
      document.free();
    }
  }

  #finding(what: string, bytes: Uint8Array, index: number): Finding {
    return new Finding(what, index, Buffer.from(bytes).toString('hex').slice(0, 2000));
  }
}

/** A change of an attacker: valid, but for a thing or two. */
function forge(dice: Dice): Forged {
  const odd: Forged = {};
  for (let count = below(dice, 3); count > 0; count--)
    Object.assign(
      odd,
      pick<() => Forged>(dice, [
        () => ({ count: pick(dice, [0, 2, 100, 2000, 2001, 15_000, 2 ** 31, 2 ** 53 - 1]) }),
        () => ({ seq: pick(dice, [0, 2, 30, 2 ** 31, 2 ** 53 - 1]) }),
        () => ({ startOp: pick(dice, [0, 2, 2 ** 31, 2 ** 53 - 1]) }),
        () => ({ action: below(dice, 12) }),
        () => ({ meta: below(dice, 5000) }),
        () => ({ key: pick(dice, ['', '_root', '__proto__', 'a'.repeat(5000), '\0', '\ud800']) }),
        () => ({ value: 'v'.repeat(below(dice, 70_000)) }),
        () => ({ message: 'm'.repeat(below(dice, 6000)) }),
        () => ({ deps: Array.from({ length: below(dice, 4) }, () => 'ab'.repeat(32)) }),
        () => ({ actor: Buffer.alloc(below(dice, 40), 3) }),
        () => ({ columns: [[below(dice, 160), Buffer.from([below(dice, 256), below(dice, 256)])]] }),
        () => ({ extra: Buffer.alloc(below(dice, 100)) }),
        () => ({ deflated: true }),
      ])(),
    );
  return odd;
}
