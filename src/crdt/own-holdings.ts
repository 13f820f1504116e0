/**
 * The holdings that this daemon writes. It cuts their history by itself.
 *
 * A write counts here at once, and is pushed with the next commit. Every write stays in an Automerge document for ever.
 * So when the history has grown well beyond what is live, the owner begins a new epoch: a new document with the present
 * state. It is filled in slices, offered to the peers beside the old one once it is complete, and replaces the old one
 * when they have it. Until then both are written, so that a peer that still reads the old one misses nothing.
 */

import type { RegistrationId } from '../model/registration.js';
import type { Document } from './document.js';
import { type Entry, toStored } from './entry.js';
import { type Decided, Holdings, type Owner, type Release } from './holdings.js';
import { type Item, notesOf } from './notes.js';

/**
 * A new epoch begins when this many writes, plus half the number of live entries, have been overwritten, so that the
 * history stays a small multiple of what is live. With a lower value, live entries are written and sent more often.
 */
export const historySlack = 500;

/** How many items are copied into a new epoch at a time: peers merge them in one step. */
const slice = 500;

/** The kind and id of an item of a note. */
type Thing = [kind: string, id: RegistrationId];

/** The next epoch while it is being filled and offered. */
interface Successor {
  document: Document;
  /** The items that are still to be copied, without their values; undefined when all are. */
  rest: Thing[] | undefined;
}

export class OwnHoldings extends Holdings {
  /** How many writes the present document has. */
  #writes = 0;
  #successor: Successor | undefined;
  /** The items that were written since the last commit. */
  #uncommitted: Item[] = [];
  /** Whether the present document was rebuilt since the last commit. */
  #rebuilt = false;

  /** Whether there is something to push with the next commit. */
  get dirty(): boolean {
    return this.#rebuilt || this.#uncommitted.length > 0;
  }

  /** Begins holdings that have only their owner record. */
  static begin(document: Document, owner: Owner): OwnHoldings {
    const own = new OwnHoldings(document);
    own.setOwner(owner);
    own.commit();
    return own;
  }

  setOwner(owner: Owner): void {
    this.#write('daemon', '', owner);
    this.current = owner;
  }

  setEntry(id: RegistrationId, entry: Entry | undefined): void {
    if (entry === undefined) this.byId.delete(id);
    else this.byId.set(id, entry);
    this.#write('entry', id, entry && toStored(entry));
  }

  setReleased(id: RegistrationId, release: Release | undefined): void {
    if (release === undefined) this.releases.delete(id);
    else this.releases.set(id, release);
    this.#write('released', id, release);
  }

  setDecided(id: RegistrationId, decided: Decided | undefined): void {
    if (decided === undefined) this.decisions.delete(id);
    else this.decisions.set(id, decided);
    this.#write('decided', id, decided);
  }

  /** Writes a note with everything since the last one. Returns whether there is anything to push. */
  commit(): boolean {
    if (!this.dirty) return false;
    this.#rebuilt = false;
    for (const note of notesOf(this.#uncommitted)) {
      append(this.document, note);
      if (this.#successor) append(this.#successor.document, note);
    }
    this.#uncommitted = [];
    return true;
  }

  /** The next epoch's document, once it is complete and peers may have it. */
  get offered(): { document: Document; epoch: number } | undefined {
    const next = this.#successor;
    return next && next.rest === undefined ? { document: next.document, epoch: this.epoch + 1 } : undefined;
  }

  /**
   * Fills the next epoch by one slice, or begins one if the history is long enough.
   * @returns whether it has just become complete
   */
  renewHistory(newDocument: () => Document, slack = historySlack): boolean {
    if (!this.#successor) {
      if (this.#writes <= 1.5 * this.#live + slack) return false;
      this.#successor = { document: newDocument(), rest: this.#things() };
    }
    const { document, rest } = this.#successor;
    if (rest === undefined) return false;
    for (const note of notesOf(this.#itemsOf(rest.splice(-slice)))) append(document, note);
    if (rest.length > 0) return false;
    // Last, because it makes the document count.
    const owner: Owner = { ...this.owner!, follows: this.document.appended };
    for (const note of notesOf([['daemon', '', owner]])) append(document, note);
    this.#successor.rest = undefined;
    return true;
  }

  /** The offered document replaces the present one, which is freed. */
  beginEpoch(): void {
    if (!this.offered) return;
    this.present.free();
    this.present = this.offered.document;
    this.number++;
    this.#writes = this.#live;
    this.#successor = undefined;
  }

  /** The present document has failed: begins the next epoch from what is held now. */
  rebuild(newDocument: () => Document): void {
    const owner: Owner = { ...this.owner!, follows: this.document.appended };
    this.#successor = undefined;
    this.present.free();
    this.present = newDocument();
    this.number++;
    this.#uncommitted = [];
    this.#rebuilt = true;
    this.#writes = this.#live;
    for (const note of notesOf([...this.#itemsOf(this.#things()), ['daemon', '', owner]])) append(this.present, note);
  }

  /** The next epoch's document has failed: another one will be begun. */
  dropSuccessor(): void {
    this.#successor?.document.free();
    this.#successor = undefined;
  }

  /** The next epoch's document, offered or not. */
  get successor(): Document | undefined {
    return this.#successor?.document;
  }

  get #live(): number {
    return this.byId.size + this.releases.size + this.decisions.size;
  }

  #things(): Thing[] {
    return [
      ...[...this.byId.keys()].map((id): Thing => ['entry', id]),
      ...[...this.releases.keys()].map((id): Thing => ['released', id]),
      ...[...this.decisions.keys()].map((id): Thing => ['decided', id]),
    ];
  }

  #itemsOf(things: readonly Thing[]): Item[] {
    return things.flatMap(([kind, id]): Item[] => {
      const value = this.#valueOf(kind, id);
      return value === undefined ? [] : [[kind, id, value]];
    });
  }

  #valueOf(kind: string, id: RegistrationId): object | undefined {
    const entry = this.byId.get(id);
    if (kind === 'entry') return entry && toStored(entry);
    return kind === 'released' ? this.releases.get(id) : this.decisions.get(id);
  }

  #write(kind: string, id: string, value: object | undefined): void {
    this.#writes++;
    this.#uncommitted.push(value === undefined ? [kind, id] : [kind, id, value]);
  }
}

/** Appends a note as a change of its own. */
function append(document: Document, note: string): void {
  document.append(note);
  document.commit();
}
