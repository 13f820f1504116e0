/**
 * The edits of a catalog, read from its document: only what was not read before, each time that somebody asks.
 *
 * Which edits are concurrent stands in the document. A write names the writes that it replaces: those that its writer
 * saw. So for one key the writes are a graph, in which A comes before B exactly if A can be reached from B. An edit
 * that replaces all that is there has seen everything; of another one, those that it cannot reach are concurrent.
 */

import * as v from 'valibot';
import { isIdempotencyKey } from '../model/idempotency.js';
import { limits } from '../model/limits.js';
import { readChange, type Write } from './change-reader.js';
import type { Document, Heads } from './document.js';
import { visible } from '../model/visible.js';

/** Who wrote a change, and where: kept as its message. */
export interface Provenance {
  author?: string | undefined;
  /** Whether a token has proven the author; `claimed` is then who they said they were. */
  proven?: true | undefined;
  claimed?: string | undefined;
  daemon?: string | undefined;
  /** The idempotency key of the request that it comes from. Writes of one key with the same one are one edit. */
  request?: string | undefined;
}

/** One write of one key. */
export interface RawEdit extends Provenance {
  /** Hash of the change. */
  id: string;
  key: string;
  /** Orders the writes of the whole catalog, the same way everywhere; one that has seen another is above it. */
  lamport: number;
  actor: string;
  /** Unix seconds. */
  time: number;
  /** Undefined where the key was removed. */
  to: string | undefined;
  /** Those that it replaces; the one that had won comes first. */
  over: RawEdit[];
  /** Whether there is another one of the same key that it had not seen, and that had not seen it. */
  concurrent: boolean;
}

export const encodeProvenance = (provenance: Provenance): string => JSON.stringify(provenance);

/** Changes that are on their way into the history. */
interface Unread {
  changes: readonly Uint8Array[];
  next: number;
  /** Where the history is when they are read. */
  heads: Heads;
  /** Whether the edits are in order so far. */
  inOrder: boolean;
}

/** Changes that are read without a pause: each takes some 50 µs. */
const changesAtOnce = 20;

export class CatalogHistory {
  #heads: Heads = [];
  #unread: Unread | undefined;
  /** In the order of {@link isBefore}. */
  readonly #edits: RawEdit[] = [];
  readonly #byWrite = new Map<string, RawEdit>();
  /** The first write of each request; others like it were made where that one was not known yet. */
  readonly #byRequest = new Map<string, RawEdit>();
  readonly #ofKey = new Map<string, { all: RawEdit[]; latest: Set<RawEdit> }>();

  constructor(private readonly document: Document) {}

  /** All edits, or those of some keys; the last ones first. */
  *newestFirst(keys?: ReadonlySet<string>): Iterable<RawEdit> {
    this.#read();
    for (let index = this.#edits.length - 1; index >= 0; index--) {
      const edit = this.#edits[index]!;
      if ((!keys || keys.has(edit.key)) && !this.#isRepetition(edit)) yield edit;
    }
  }

  /** The edit that a request has made. */
  of(request: string): RawEdit | undefined {
    this.#read();
    return this.#byRequest.get(request);
  }

  #isRepetition(edit: RawEdit): boolean {
    const first = edit.request === undefined ? undefined : this.#byRequest.get(edit.request);
    return first !== undefined && first !== edit && isOfOneRequest(first, edit);
  }

  /** Reads what was not read yet, and may be interrupted whenever it yields. */
  *reading(): Generator<void, void> {
    while (!this.#readSome(changesAtOnce)) yield;
  }

  #read(): void {
    while (!this.#readSome(Infinity));
  }

  /** Reads at most so many changes. Returns whether all have been read. */
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
    for (const write of writes) {
      const edit = this.#editOf(write, { id: hash, time, actor, ...decodeProvenance(message) });
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
    info: Pick<RawEdit, 'id' | 'time' | 'actor'> & Provenance,
  ): RawEdit {
    const over = replaces.flatMap((id) => this.#byWrite.get(id) ?? []).sort((a, b) => (isBefore(a, b) ? 1 : -1));
    const edit: RawEdit = { ...info, key, lamport, to: value, over, concurrent: false };
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

/** What others wrote may be anything. */
function decodeProvenance(message: string | null): Provenance {
  if (message === null) return {};
  try {
    const result = v.safeParse(provenanceShape, JSON.parse(message));
    return result.success ? result.output : {};
  } catch {
    return {};
  }
}
