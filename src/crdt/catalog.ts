/**
 * Backends and frontends: the one document that every daemon writes.
 *
 * Root keys: `backend/NAME` and `frontend/NAME`, each one atomic value. A deletion writes a tombstone value,
 * because a bare delete beside an update would leave no conflict for anybody to see. The document keeps its
 * whole history: it changes with deployments, not with traffic.
 */

import * as v from 'valibot';
import type { Backend, BackendFields, Frontend, FrontendFields } from '../model/catalog.js';
import { isSplit } from '../model/catalog.js';
import type { BackendEvent, FrontendEvent } from '../model/events.js';
import type { Edit, HistoryQuery, Losing } from '../model/history.js';
import { limits } from '../model/limits.js';
import { CatalogHistory, encodeProvenance, type Provenance, type RawEdit } from './catalog-history.js';
import type { Change } from './change-reader.js';
import type { CommitInfo, Document, KeyChange } from './document.js';
import { read } from './entry.js';
import { visible } from '../model/visible.js';
import type { DocumentName } from './ids.js';

/** The catalog's name among the documents that daemons sync. */
export const catalogName = 'catalog' as DocumentName;

/** Characters of a value. A split of the most versions with the longest names takes a fifth of it. */
const longestValue = 16 * 1024;

export type CatalogEvent = BackendEvent | FrontendEvent;

/** Edits that are made without a pause. */
const editsAtOnce = 50;

export class Catalog {
  readonly #backends = new Map<string, Backend>();
  readonly #frontends = new Map<string, Frontend>();

  /** Whether something was written here that peers were not told of. */
  dirty = false;
  readonly #history: CatalogHistory;
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
   * Bytes of all changes that it keeps, as they are sent to peers. Counted as they come, since saving takes longer the
   * more there are.
   */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes a backend, or the tombstone of one. Returns the event; undefined if nothing changed. */
  setBackend(name: string, fields: BackendFields | undefined): CatalogEvent | undefined {
    const { name: _, ...value } = fields ?? { name, deleted: true };
    return this.#write(`backend/${name}`, JSON.stringify(value));
  }

  setFrontend(name: string, fields: FrontendFields | undefined): CatalogEvent | undefined {
    const { name: _, ...value } = fields ?? { name, deleted: true };
    return this.#write(`frontend/${name}`, JSON.stringify(value));
  }

  /** Makes one change of what was written. */
  commit({ time, ...provenance }: Provenance & Pick<CommitInfo, 'time'> = {}): boolean {
    this.#written.clear();
    const message = encodeProvenance(provenance);
    const isNew = this.document.commit({ message, ...(time !== undefined && { time }) });
    if (isNew) this.#bytes += this.document.lastChange()?.length ?? 0;
    return isNew;
  }

  /**
   * Merges what arrived. Returns the events that it makes, and why a change was left out that cannot be part of this
   * catalog.
   *
   * Looks at every key that a merged change writes, since the differences that Automerge 2.2.9 tells leave some out
   * when values are in conflict.
   */
  merge(changes: readonly (Change | Uint8Array)[]): { events: CatalogEvent[]; misfit?: string } {
    const { changes: merged, ...rest } = this.document.apply(changes);
    this.#count(merged);
    return { events: this.document.valuesOf(merged).flatMap((value) => this.#take(value) ?? []), ...rest };
  }

  /** Begins with a history that was read from another document. False where that could not be done. */
  mergeHistory(history: readonly Uint8Array[]): boolean {
    try {
      this.merge(history);
    } catch {
      return false;
    }
    return !this.document.dead;
  }

  /** Writes whatever is other than in `before`, each in a change of its own. */
  restore(before: Pick<Catalog, 'backends' | 'frontends'>): void {
    const names = (kind: 'backends' | 'frontends') => new Set([...before[kind].keys(), ...this[kind].keys()]);
    for (const name of names('backends')) if (this.setBackend(name, before.backends.get(name))) this.commit();
    for (const name of names('frontends')) if (this.setFrontend(name, before.frontends.get(name))) this.commit();
  }

  /**
   * Takes in a catalog that was saved. For a catalog in which nothing has been written. Throws what Automerge throws.
   */
  load(saved: Uint8Array): void {
    this.#count(this.document.load(saved));
    for (const value of this.document.values()) this.#take(value);
  }

  /** What was written to a backend beside what it is, and has been seen by no later write. */
  losingBackends(name: string): Losing<Backend>[] {
    return this.#losing('backend', name, readBackend);
  }

  losingFrontends(name: string): Losing<Frontend>[] {
    return this.#losing('frontend', name, readFrontend);
  }

  /** The last edits first. */
  history(query: HistoryQuery): Edit[] {
    const work = this.historyInSteps(query);
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
    }
  }

  /** The same as a generator, which may be interrupted whenever it yields: a long history takes seconds. */
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

  /** The edit that the request with this idempotency key has made, if that is known here. */
  editFor(request: string): Edit | undefined {
    const raw = this.#history.of(request);
    return raw && editOf(raw);
  }

  #count(changes: readonly Change[]): void {
    for (const { bytes } of changes) this.#bytes += bytes.length;
  }

  #losing<T>(kind: string, name: string, read: (name: string, value: string) => T | undefined): Losing<T>[] {
    const key = `${kind}/${name}`;
    const texts = new Set(this.document.concurrent(key));
    if (texts.size < 2) return [];
    texts.delete(this.document.get(key)!);
    return [...texts].map((text) => read(name, text) ?? { deleted: true });
  }

  #write(key: string, value: string): CatalogEvent | undefined {
    const event = this.#take({ key, value });
    if (!event) return undefined;
    // No change writes a key twice: peers would refuse it.
    if (this.#written.has(key)) this.commit();
    this.#written.add(key);
    this.document.put(key, value);
    this.dirty = true;
    return event;
  }

  #take({ key, value }: KeyChange): CatalogEvent | undefined {
    const slash = key.indexOf('/');
    const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)];
    if (name.length > limits.name || !visible.test(name)) return undefined;
    if (kind === 'backend') {
      const [what, backend] = replace(this.#backends, name, readBackend(name, value));
      return what && { type: `backend-${what}`, backend };
    }
    if (kind === 'frontend') {
      const [what, frontend] = replace(this.#frontends, name, readFrontend(name, value));
      return what && { type: `frontend-${what}`, frontend };
    }
    return undefined;
  }
}

/** What a raw edit says of a backend or frontend; undefined where it is about neither. */
function editOf({ key, id, time, to, over, concurrent, ...by }: RawEdit): Edit | undefined {
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
  const between = <T>(read: (name: string, value: string | undefined) => T | undefined) => {
    const [before, after] = [read(name, over[0]?.to), read(name, to)];
    return { name, ...(before && { from: before }), ...(after && { to: after }), ...info };
  };
  if (kind === 'backend') return { kind, ...between(readBackend) };
  if (kind === 'frontend') return { kind, ...between(readFrontend) };
  return undefined;
}

/** Anything that is no backend, a tombstone among it, is none. */
function readBackend(name: string, value: string | undefined): Backend | undefined {
  const fields = parse(backendShape, value);
  return fields && backendOf(name, fields);
}

function readFrontend(name: string, value: string | undefined): Frontend | undefined {
  const fields = parse(frontendShape, value);
  return fields && frontendOf(name, fields.backend);
}

/** Text as JSON of the given shape, or undefined. */
function parse<T extends v.GenericSchema>(shape: T, text: string | undefined): v.InferOutput<T> | undefined {
  if (text === undefined || text.length > longestValue) return undefined;
  try {
    return read(shape, JSON.parse(text));
  } catch {
    return undefined;
  }
}

const backendOf = (name: string, fields: v.InferOutput<typeof backendShape>): Backend => ({
  resource: 'Backend',
  name,
  ...fields,
});

const frontendOf = (name: string, backend: string | undefined): Frontend => ({
  resource: 'Frontend',
  name,
  ...(backend === undefined ? {} : { backend }),
});

type Outcome<T> = ['created' | 'updated' | 'deleted', T] | [undefined];

/** Puts `next` in the place of what `map` has, and says what that was. */
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

const name = v.pipe(v.string(), v.maxLength(limits.name), v.regex(visible));
const weight = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.splitWeight));
const backendShape = v.union([
  v.object({ app: name, version: name }),
  v.object({ app: name, split: v.pipe(v.record(name, weight), v.check(isSplit)) }),
]);
const frontendShape = v.object({ backend: v.optional(name), deleted: v.optional(v.never()) });
