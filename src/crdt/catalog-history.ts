/**
 * The edits of a catalog, read from its document on demand. Each change is read once.
 *
 * The document tells which edits are concurrent. A write names the writes that it replaces: those that its writer saw.
 * So the writes of one key form a graph, in which A comes before B if, and only if, A can be reached from B. An edit
 * that replaces every present write has seen all of them; for any other edit, the writes that it cannot reach are
 * concurrent.
 */

import * as v from 'valibot';
import { isIdempotencyKey } from '../model/idempotency.js';
import { limits } from '../model/limits.js';
import { copyKey, type Facts, readCopy, statedFacts } from './catalog-values.js';
import { readChange, type Write } from './change-reader.js';
import type { Document, Heads } from './document.js';
import { visible } from '../model/visible.js';

/** The author of a change, and the daemon that made it: kept as the message of the change. */
export interface Provenance {
  author?: string | undefined;
  /** Whether a token has proven the author; `claimed` is then the name that the request gave. */
  proven?: true | undefined;
  claimed?: string | undefined;
  daemon?: string | undefined;
  /** The idempotency key of the request. Writes of one catalog key with the same idempotency key are one edit. */
  request?: string | undefined;
}

/** One write of one key. */
export interface RawEdit extends Provenance {
  /** Hash of the change. */
  id: string;
  key: string;
  /** Orders the writes of the whole catalog equally at all daemons. A write is above those that its writer saw. */
  lamport: number;
  actor: string;
  /** Unix seconds. */
  time: number;
  /** Undefined if the key was removed. */
  to: string | undefined;
  /**
   * The facts that count for a value that says nothing of them, once this write was made: those that it states,
   * or a write that it replaces. Null: none. Undefined if none of them says anything.
   */
  facts: Facts | null | undefined;
  /** The writes that it replaces; the winning one comes first. */
  over: RawEdit[];
  /** Whether it is concurrent with another write of the same key. */
  concurrent: boolean;
}

export const encodeProvenance = (provenance: Provenance): string => JSON.stringify(provenance);

/** Changes that are being read into the history. */
interface Unread {
  changes: readonly Uint8Array[];
  next: number;
  /** The heads of the history when they have been read. */
  heads: Heads;
  /** Whether the edits are sorted so far. */
  inOrder: boolean;
}

/** How many changes are read without a pause: each takes some 50 µs. */
const changesAtOnce = 20;

export class CatalogHistory {
  #heads: Heads = [];
  #unread: Unread | undefined;
  /** In the order of {@link isBefore}. */
  readonly #edits: RawEdit[] = [];
  readonly #byWrite = new Map<string, RawEdit>();
  /** The first write of each request. Further ones were made at daemons that did not know of the first. */
  readonly #byRequest = new Map<string, RawEdit>();
  readonly #ofKey = new Map<string, { all: RawEdit[]; latest: Set<RawEdit> }>();

  constructor(private readonly document: Document) {}

  /** All edits, or those of some keys, newest first. */
  *newestFirst(keys?: ReadonlySet<string>): Iterable<RawEdit> {
    this.#read();
    for (let index = this.#edits.length - 1; index >= 0; index--) {
      const edit = this.#edits[index]!;
      if ((!keys || keys.has(edit.key)) && !this.#isRepetition(edit)) yield edit;
    }
  }

  /** The edit that has the last word on a key. */
  last(key: string): RawEdit | undefined {
    this.#read();
    const latest = [...(this.#ofKey.get(key)?.latest ?? [])];
    return latest.sort((a, b) => (isBefore(a, b) ? -1 : 1)).at(-1);
  }

  /** The edit of a request. */
  of(request: string): RawEdit | undefined {
    this.#read();
    return this.#byRequest.get(request);
  }

  #isRepetition(edit: RawEdit): boolean {
    const first = edit.request === undefined ? undefined : this.#byRequest.get(edit.request);
    return first !== undefined && first !== edit && isOfOneRequest(first, edit);
  }

  /** Reads the new changes. Other work may run whenever it yields. */
  *reading(): Generator<void, void> {
    while (!this.#readSome(changesAtOnce)) yield;
  }

  #read(): void {
    while (!this.#readSome(Infinity));
  }

  /** Reads at most `most` changes. Returns whether all have been read. */
  #readSome(most: number): boolean {
    const { document } = this;
    if (!this.#unread) {
      if (document.heads === this.#heads) return true;
      const changes = document.changesSince(this.#heads);
      this.#unread = { changes, next: 0, heads: document.heads, inOrder: true };
    }
    const { changes, heads } = this.#unread;
    for (let count = 0; count < most && this.#unread.next < changes.length; count++)
      this.#readChange(changes[this.#unread.next++]!, this.#unread);
    if (this.#unread.next < changes.length) return false;
    if (!this.#unread.inOrder) this.#edits.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#heads = heads;
    this.#unread = undefined;
    return document.heads === heads;
  }

  #readChange(bytes: Uint8Array, unread: Unread): void {
    const { hash, message, time, actor, writes } = readChange(bytes);
    const written = new Map(writes.map(({ key, value }) => [key, value]));
    for (const write of writes) {
      const copy = copyKey(write.key);
      const facts = written.has(copy) ? readCopy(written.get(copy)) : statedFacts(write.value);
      const edit = this.#editOf(write, facts, { id: hash, time, actor, ...decodeProvenance(message) });
      const last = this.#edits.at(-1);
      unread.inOrder &&= !last || isBefore(last, edit);
      this.#edits.push(edit);
      this.#byWrite.set(write.id, edit);
      this.#note(edit);
    }
  }

  #note(edit: RawEdit): void {
    if (edit.request === undefined) return;
    const first = this.#byRequest.get(edit.request);
    if (!first || isBefore(edit, first)) this.#byRequest.set(edit.request, edit);
  }

  #editOf(
    { key, value, lamport, replaces }: Write,
    stated: RawEdit['facts'],
    info: Pick<RawEdit, 'id' | 'time' | 'actor'> & Provenance,
  ): RawEdit {
    const over = replaces.flatMap((id) => this.#byWrite.get(id) ?? []).sort((a, b) => (isBefore(a, b) ? 1 : -1));
    const facts = stated === undefined ? factsBefore({ over }) : stated;
    const edit: RawEdit = { ...info, key, lamport, to: value, facts, over, concurrent: false };
    const known = this.#ofKey.get(key) ?? { all: [], latest: new Set() };
    this.#ofKey.set(key, known);
    if (known.latest.size !== over.length || over.some((one) => !known.latest.has(one))) {
      const seen = reachable(over);
      for (const other of known.all)
        if (!seen.has(other) && !isOfOneRequest(other, edit)) edit.concurrent = other.concurrent = true;
    }
    for (const one of over) known.latest.delete(one);
    known.latest.add(edit);
    known.all.push(edit);
    return edit;
  }
}

/** The facts that count for a value that says nothing of them, before an edit. */
export const factsBefore = ({ over }: Pick<RawEdit, 'over'>): RawEdit['facts'] =>
  over.find(({ facts }) => facts !== undefined)?.facts;

const isOfOneRequest = (a: RawEdit, b: RawEdit): boolean =>
  a.request !== undefined && a.request === b.request && a.key === b.key;

/** By Automerge's own order, in which the later of two concurrent writes wins. */
const isBefore = (a: RawEdit, b: RawEdit): boolean =>
  a.lamport < b.lamport || (a.lamport === b.lamport && a.actor < b.actor);

function reachable(from: readonly RawEdit[]): Set<RawEdit> {
  const found = new Set(from);
  for (const edit of found) for (const one of edit.over) found.add(one);
  return found;
}

const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(limits.author), v.regex(visible))), undefined);
const request = v.fallback(v.optional(v.pipe(v.string(), v.check(isIdempotencyKey))), undefined);
const proven = v.fallback(v.optional(v.literal(true)), undefined);
const provenanceShape = v.object({ author: text, proven, claimed: text, daemon: text, request });

/** Parses the message of a change, which other daemons may have written in any form. */
function decodeProvenance(message: string | null): Provenance {
  if (message === null) return {};
  try {
    const result = v.safeParse(provenanceShape, JSON.parse(message));
    return result.success ? result.output : {};
  } catch {
    return {};
  }
}
