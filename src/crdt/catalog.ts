/**
 * Backends and frontends: the one document that every daemon writes.
 *
 * Root keys: `backend/NAME` and `frontend/NAME`, each one atomic value. A deletion writes a tombstone value, because a
 * bare delete that is concurrent with an update would leave no visible conflict. `routing/…` keys hold copies of
 * routing facts (catalog-values.ts). The document keeps its whole history: it changes with deployments, not with
 * traffic.
 */

import type { Backend, BackendFields, Frontend, FrontendFields, Routing } from '../model/catalog.js';
import type { BackendEvent, FrontendEvent } from '../model/events.js';
import type { Edit, HistoryQuery, ConflictingValue } from '../model/history.js';
import { isSameJson } from '../model/json.js';
import { limits } from '../model/limits.js';
import { CatalogHistory, encodeProvenance, type Provenance, type RawEdit, routingBefore } from './catalog-history.js';
import type { Change } from './change-reader.js';
import type { CommitInfo, Document, KeyChange } from './document.js';
import { copyKey, keyOfCopy, readBackend, readCopy, type Reader, readFrontend, toStored } from './catalog-values.js';
import { visible } from '../model/visible.js';
import type { DocumentName } from './ids.js';

/** The catalog's name among the documents that daemons sync. */
export const catalogName = 'catalog' as DocumentName;

export type CatalogEvent = BackendEvent | FrontendEvent;

/** How many edits are read without a pause. */
const editsAtOnce = 50;

export class Catalog {
  readonly #backends = new Map<string, Backend>();
  readonly #frontends = new Map<string, Frontend>();

  /** Whether there are writes that were not pushed to peers. */
  dirty = false;
  readonly #history: CatalogHistory;
  /** The copies of routing facts, by the key of the value; null: there are none any more. */
  readonly #routing = new Map<string, Routing | null>();
  /** Keys that were written since the last commit. */
  readonly #written = new Set<string>();
  #bytes = 0;

  constructor(readonly document: Document) {
    this.#history = new CatalogHistory(document);
  }

  get backends(): ReadonlyMap<string, Backend> {
    return this.#backends;
  }

  get frontends(): ReadonlyMap<string, Frontend> {
    return this.#frontends;
  }

  /**
   * The bytes of all changes that it keeps, as they are sent to peers. They are counted as they come, since saving the
   * document takes time.
   */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes a backend or, without fields, its tombstone. Returns the event; undefined if nothing changed. */
  setBackend(name: string, fields: BackendFields | undefined): CatalogEvent | undefined {
    return this.#write(`backend/${name}`, fields);
  }

  setFrontend(name: string, fields: FrontendFields | undefined): CatalogEvent | undefined {
    return this.#write(`frontend/${name}`, fields);
  }

  /** Commits the writes as one change. */
  commit({ time, ...provenance }: Provenance & Pick<CommitInfo, 'time'> = {}): boolean {
    this.#written.clear();
    const message = encodeProvenance(provenance);
    const isNew = this.document.commit({ message, ...(time !== undefined && { time }) });
    if (isNew) this.#bytes += this.document.lastChange()?.length ?? 0;
    return isNew;
  }

  /**
   * Merges what arrived. Returns the resulting events and, if a change cannot be part of this catalog and was left out,
   * the reason.
   *
   * Reads every key that a merged change writes, since the patches of Automerge 2.2.9 leave some out when values are in
   * conflict.
   */
  merge(changes: readonly (Change | Uint8Array)[]): { events: CatalogEvent[]; misfit?: string } {
    const { changes: merged, ...rest } = this.document.apply(changes);
    this.#count(merged);
    return { events: this.document.valuesOf(merged).flatMap((value) => this.#take(value) ?? []), ...rest };
  }

  /** Loads the history of another document. Returns false if that failed. */
  mergeHistory(history: readonly Uint8Array[]): boolean {
    try {
      this.merge(history);
    } catch {
      return false;
    }
    return !this.document.dead;
  }

  /** Writes everything that differs from `before`, each value in a change of its own. */
  restore(before: Pick<Catalog, 'backends' | 'frontends'>): void {
    const names = (kind: 'backends' | 'frontends') => new Set([...before[kind].keys(), ...this[kind].keys()]);
    for (const name of names('backends')) if (this.setBackend(name, before.backends.get(name))) this.commit();
    for (const name of names('frontends')) if (this.setFrontend(name, before.frontends.get(name))) this.commit();
  }

  /** Loads a saved catalog. For a catalog without writes. Throws what Automerge throws. */
  load(saved: Uint8Array): void {
    this.#count(this.document.load(saved));
    for (const value of this.document.values()) this.#take(value);
  }

  /** The values of a backend that conflict with the present one, and that no later write has replaced. */
  conflictsOfBackend(name: string): ConflictingValue<Backend>[] {
    return this.#conflicts('backend', name, readBackend);
  }

  conflictsOfFrontend(name: string): ConflictingValue<Frontend>[] {
    return this.#conflicts('frontend', name, readFrontend);
  }

  /** The edits, newest first. */
  history(query: HistoryQuery): Edit[] {
    const work = this.historyInSteps(query);
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
    }
  }

  /** The same as a generator: other work may run whenever it yields, since a long history takes seconds. */
  *historyInSteps({ backend, frontend, limit }: HistoryQuery): Generator<void, Edit[]> {
    yield* this.#history.reading();
    const keys = [
      ...(backend === undefined ? [] : [`backend/${backend}`]),
      ...(frontend === undefined ? [] : [`frontend/${frontend}`]),
    ];
    const edits: Edit[] = [];
    for (const raw of this.#history.newestFirst(keys.length > 0 ? new Set(keys) : undefined)) {
      if (edits.length >= limit) break;
      const edit = editOf(raw);
      if (edit && edits.push(edit) % editsAtOnce === 0) yield;
    }
    return edits;
  }

  /** The edit of the request with this idempotency key, if it is known here. */
  editFor(request: string): Edit | undefined {
    const raw = this.#history.of(request);
    return raw && editOf(raw);
  }

  #count(changes: readonly Change[]): void {
    for (const { bytes } of changes) this.#bytes += bytes.length;
  }

  #conflicts<T>(kind: string, name: string, read: Reader<T>): ConflictingValue<T>[] {
    const key = `${kind}/${name}`;
    const texts = new Set(this.document.concurrent(key));
    if (texts.size < 2) return [];
    texts.delete(this.document.get(key)!);
    const copy = this.#routing.get(key);
    return [...texts].map((text) => read(name, text, copy) ?? { deleted: true });
  }

  #write(key: string, fields: BackendFields | FrontendFields | undefined): CatalogEvent | undefined {
    const copy = this.#routing.get(key);
    const value = toStored(fields, copy !== undefined);
    const event = this.#take({ key, value });
    if (!event) return undefined;
    const routing = fields?.routing ?? null;
    // The value comes first: an edit is found by the first write of its request.
    const writes = [[key, value] as const];
    if (!isSameJson(copy ?? null, routing)) writes.push([copyKey(key), JSON.stringify(routing)]);
    // A change must not write a key twice: peers would refuse it.
    if (writes.some(([one]) => this.#written.has(one))) this.commit();
    for (const [one, text] of writes) {
      this.#written.add(one);
      this.document.put(one, text);
    }
    if (writes.length > 1) this.#routing.set(key, routing);
    this.dirty = true;
    return event;
  }

  #take({ key, value }: KeyChange): CatalogEvent | undefined {
    const copied = keyOfCopy(key);
    if (copied !== undefined) {
      this.#routing.set(copied, readCopy(value));
      return this.#take({ key: copied, value: this.document.get(copied) });
    }
    const copy = this.#routing.get(key);
    const slash = key.indexOf('/');
    const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)];
    if (name.length > limits.name || !visible.test(name)) return undefined;
    if (kind === 'backend') {
      const [what, backend] = replace(this.#backends, name, readBackend(name, value, copy));
      return what && { type: `backend-${what}`, backend };
    }
    if (kind === 'frontend') {
      const [what, frontend] = replace(this.#frontends, name, readFrontend(name, value, copy));
      return what && { type: `frontend-${what}`, frontend };
    }
    return undefined;
  }
}

/** A raw edit as an edit of a backend or frontend; undefined if it is of neither. */
function editOf({ key, id, time, to, routing, over, concurrent, ...by }: RawEdit): Edit | undefined {
  const slash = key.indexOf('/');
  const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)];
  const info = {
    id,
    at: time * 1000,
    ...(by.author !== undefined && { author: by.author }),
    ...(by.proven && { proven: by.proven }),
    ...(by.claimed !== undefined && { claimedAuthor: by.claimed }),
    ...(by.daemon !== undefined && { daemon: by.daemon }),
    ...(concurrent && { concurrent }),
  };
  const between = <T extends Backend | Frontend>(read: Reader<T>) => {
    const before = read(name, over[0]?.to, routingBefore({ over }));
    const after = read(name, to, routing);
    return { name, ...(before && { from: before }), ...(after && { to: after }), ...info };
  };
  if (kind === 'backend') return { kind, ...between(readBackend) };
  if (kind === 'frontend') return { kind, ...between(readFrontend) };
  return undefined;
}

type Outcome<T> = ['created' | 'updated' | 'deleted', T] | [undefined];

/** Replaces the value in `map` by `next`, and returns the former one. */
function replace<T>(map: Map<string, T>, name: string, next: T | undefined): Outcome<T> {
  const before = map.get(name);
  if (next === undefined) {
    map.delete(name);
    return before === undefined ? [undefined] : ['deleted', before];
  }
  map.set(name, next);
  if (before === undefined) return ['created', next];
  return JSON.stringify(before) === JSON.stringify(next) ? [undefined] : ['updated', next];
}
