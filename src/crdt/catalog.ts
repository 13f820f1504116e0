/**
 * Backends, frontends and drain rules: the one document that every daemon writes.
 *
 * Root keys: `backend/NAME`, `frontend/NAME` and `drain-rule/NAME`, each one atomic value. A deletion writes a
 * tombstone value, because a bare delete that is concurrent with an update would leave no visible conflict. `routing/…`
 * keys hold copies of what older daemons do not know (catalog-values.ts). Keys of other kinds stay as they are: later
 * daemons may use them. The document keeps its whole history: it changes with deployments, not with traffic.
 */

import type { Backend, BackendFields, Frontend, FrontendFields } from '../model/catalog.js';
import type { DrainRule, DrainRuleFields } from '../model/drain-rule.js';
import type { BackendEvent, DrainRuleEvent, FrontendEvent } from '../model/events.js';
import type { Edit, HistoryQuery, ConflictingValue } from '../model/history.js';
import { limits } from '../model/limits.js';
import { editOf, keysOf } from './catalog-edits.js';
import { CatalogHistory, encodeProvenance, type Provenance } from './catalog-history.js';
import type { Change } from './change-reader.js';
import type { CommitInfo, Document, KeyChange } from './document.js';
import {
  copyKey,
  type Facts,
  type Fields,
  keyOfCopy,
  readBackend,
  readCopy,
  readDrainRule,
  type Reader,
  readFrontend,
  toStored,
} from './catalog-values.js';
import { DrainRules } from './drain-rules.js';
import { visible } from '../model/visible.js';
import type { DocumentName } from './ids.js';

/** The catalog's name among the documents that daemons sync. */
export const catalogName = 'catalog' as DocumentName;

export type CatalogEvent = BackendEvent | FrontendEvent | DrainRuleEvent;

/** How many edits are read without a pause. */
const editsAtOnce = 50;

export class Catalog {
  readonly #backends = new Map<string, Backend>();
  readonly #frontends = new Map<string, Frontend>();
  readonly #drainRules = new Map<string, DrainRule>();
  #ruling: DrainRules | undefined;

  /** Whether there are writes that were not pushed to peers. */
  dirty = false;
  readonly #history: CatalogHistory;
  /** The copies of facts that older daemons do not know, by the key of the value; null: there are none now. */
  readonly #facts = new Map<string, Facts | null>();
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

  get drainRules(): ReadonlyMap<string, DrainRule> {
    return this.#drainRules;
  }

  /** The drain rules by what they drain: another object whenever one of them has changed. */
  get ruling(): DrainRules {
    return (this.#ruling ??= this.#drainRules.size > 0 ? new DrainRules(this.#drainRules.values()) : DrainRules.none);
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

  setDrainRule(name: string, fields: DrainRuleFields | undefined): CatalogEvent | undefined {
    return this.#write(`drain-rule/${name}`, fields);
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
  restore(before: Pick<Catalog, 'backends' | 'frontends' | 'drainRules'>): void {
    const names = (kind: keyof typeof before) => new Set([...before[kind].keys(), ...this[kind].keys()]);
    for (const name of names('backends')) if (this.setBackend(name, before.backends.get(name))) this.commit();
    for (const name of names('frontends')) if (this.setFrontend(name, before.frontends.get(name))) this.commit();
    for (const name of names('drainRules')) if (this.setDrainRule(name, before.drainRules.get(name))) this.commit();
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

  conflictsOfDrainRule(name: string): ConflictingValue<DrainRule>[] {
    return this.#conflicts('drain-rule', name, readDrainRule);
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
  *historyInSteps({ limit, ...named }: HistoryQuery): Generator<void, Edit[]> {
    yield* this.#history.reading();
    const keys = keysOf(named);
    const edits: Edit[] = [];
    for (const raw of this.#history.newestFirst(keys.length > 0 ? new Set(keys) : undefined)) {
      if (edits.length >= limit) break;
      const edit = editOf(raw);
      if (edit && edits.push(edit) % editsAtOnce === 0) yield;
    }
    return edits;
  }

  /** The last edit of the resource that is named. */
  lastEdit(named: Omit<HistoryQuery, 'limit'>): Edit | undefined {
    const [raw] = keysOf(named).map((key) => this.#history.last(key));
    return raw && editOf(raw);
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
    const copy = this.#facts.get(key);
    return [...texts].map((text) => read(name, text, copy) ?? { deleted: true });
  }

  #write(key: string, fields: Fields | undefined): CatalogEvent | undefined {
    const copy = this.#facts.get(key);
    const { value, facts, copied } = toStored(fields, copy);
    const event = this.#take({ key, value });
    if (!event) return undefined;
    // The value comes first: an edit is found by the first write of its request.
    const writes = [[key, value] as const, ...(copied === undefined ? [] : [[copyKey(key), copied] as const])];
    // A change must not write a key twice: peers would refuse it.
    if (writes.some(([one]) => this.#written.has(one))) this.commit();
    for (const [one, text] of writes) {
      this.#written.add(one);
      this.document.put(one, text);
    }
    if (writes.length > 1) this.#facts.set(key, facts);
    this.dirty = true;
    return event;
  }

  #take({ key, value }: KeyChange): CatalogEvent | undefined {
    const copied = keyOfCopy(key);
    if (copied !== undefined) {
      this.#facts.set(copied, readCopy(value));
      return this.#take({ key: copied, value: this.document.get(copied) });
    }
    const copy = this.#facts.get(key);
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
    if (kind === 'drain-rule') {
      const [what, drainRule] = replace(this.#drainRules, name, readDrainRule(name, value));
      if (what) this.#ruling = undefined;
      return what && { type: `drain-rule-${what}`, drainRule };
    }
    return undefined;
  }
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
