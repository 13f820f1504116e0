/**
 * The holdings that this daemon writes, with a history that it cuts by itself.
 *
 * What is written counts here at once and leaves with the next commit. Every write stays in an Automerge
 * document for ever, so when the history has grown well past what is live, the owner begins a new epoch: a
 * fresh document with the present state. It is filled in slices, offered to the peers beside the old one once
 * it is whole, and takes the old one's place when they have it. Until then both are written, so that nobody
 * who still reads the old one misses anything.
 */

import type { Document } from './document.js';
import { encodeEntry, type Entry } from './entry.js';
import { type Decided, Holdings, type Owner, type Release } from './holdings.js';

/**
 * A new epoch begins when this many writes and half as many as are live have been overwritten, so that the history stays a small
 * multiple of what is live. A lower one is paid for by writing and sending what is live more often.
 */
export const historySlack = 500;

/** Keys in one change of a new epoch: peers merge it in one step. */
const slice = 500;

/** The next epoch while it comes about. */
interface Successor {
  document: Document;
  /** Keys that are still to be copied; undefined when all are. */
  rest: string[] | undefined;
}

export class OwnHoldings extends Holdings {
  /** How many writes the present document has seen. */
  #writes = 0;
  #successor: Successor | undefined;

  setOwner(owner: Owner): void {
    this.#write('daemon', JSON.stringify(owner));
    this.current = owner;
  }

  setEntry(id: string, entry: Entry | undefined): void {
    if (entry === undefined) this.byId.delete(id);
    else this.byId.set(id, entry);
    this.#write(`entry/${id}`, entry && encodeEntry(entry));
  }

  setReleased(id: string, release: Release | undefined): void {
    if (release === undefined) this.releases.delete(id);
    else this.releases.set(id, release);
    this.#write(`released/${id}`, release && JSON.stringify(release));
  }

  setDecided(id: string, decided: Decided | undefined): void {
    if (decided === undefined) this.decisions.delete(id);
    else this.decisions.set(id, decided);
    this.#write(`decided/${id}`, decided && JSON.stringify(decided));
  }

  /** Makes one change of everything written since the last one. Answers whether there was anything. */
  commit(): boolean {
    this.#successor?.document.commit();
    return this.document.commit();
  }

  /** The next epoch's document, once it is whole and peers may have it. */
  get offered(): { document: Document; epoch: number } | undefined {
    const next = this.#successor;
    return next && next.rest === undefined ? { document: next.document, epoch: this.epoch + 1 } : undefined;
  }

  /**
   * Goes on with the next epoch by one slice, beginning one where the history asks for it.
   * @returns whether it has just become whole
   */
  renewHistory(newDocument: () => Document, slack = historySlack): boolean {
    if (!this.#successor) {
      if (this.#writes <= 1.5 * this.#live + slack) return false;
      const rest = [
        ...[...this.byId.keys()].map((id) => `entry/${id}`),
        ...[...this.releases.keys()].map((id) => `released/${id}`),
        ...[...this.decisions.keys()].map((id) => `decided/${id}`),
      ];
      this.#successor = { document: newDocument(), rest };
    }
    const { document, rest } = this.#successor;
    if (rest === undefined) return false;
    for (const key of rest.splice(-slice)) {
      const value = this.#valueOf(key);
      if (value !== undefined) document.put(key, value);
    }
    document.commit();
    if (rest.length > 0) return false;
    // Last, because it is what makes the document count.
    document.put('daemon', JSON.stringify(this.owner));
    document.commit();
    this.#successor.rest = undefined;
    return true;
  }

  /** The offered document takes the place of the present one, whose memory is given back. */
  beginEpoch(): void {
    if (!this.offered) return;
    this.present.free();
    this.present = this.offered.document;
    this.number++;
    this.#writes = this.#live;
    this.#successor = undefined;
  }

  get #live(): number {
    return this.byId.size + this.releases.size + this.decisions.size;
  }

  #valueOf(key: string): string | undefined {
    const slash = key.indexOf('/');
    const [kind, id] = [key.slice(0, slash), key.slice(slash + 1)];
    const entry = this.byId.get(id);
    if (kind === 'entry') return entry && encodeEntry(entry);
    const note = kind === 'released' ? this.releases.get(id) : this.decisions.get(id);
    return note && JSON.stringify(note);
  }

  #write(key: string, value: string | undefined): void {
    this.#writes++;
    this.document.put(key, value);
    this.#successor?.document.put(key, value);
  }
}
