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
import { limits } from '../model/limits.js';
import type { Document } from './document.js';
import { type CommitInfo, type KeyChange } from './document.js';
import { decode } from './entry.js';

/** The catalog's name among the documents that daemons sync. */
export const catalogName = 'catalog';

export type CatalogEvent = BackendEvent | FrontendEvent;

export class Catalog {
  readonly #backends = new Map<string, Backend>();
  readonly #frontends = new Map<string, Frontend>();

  constructor(readonly document: Document) {}

  get backends(): ReadonlyMap<string, Backend> {
    return this.#backends;
  }

  get frontends(): ReadonlyMap<string, Frontend> {
    return this.#frontends;
  }

  /** Writes a backend, or the tombstone of one. Answers the event that this is; none where nothing changed. */
  setBackend(name: string, fields: BackendFields | undefined): CatalogEvent | undefined {
    const { name: _, ...value } = fields ?? { name, deleted: true };
    return this.#write(`backend/${name}`, JSON.stringify(value));
  }

  setFrontend(name: string, fields: FrontendFields | undefined): CatalogEvent | undefined {
    const { name: _, ...value } = fields ?? { name, deleted: true };
    return this.#write(`frontend/${name}`, JSON.stringify(value));
  }

  commit(info: CommitInfo): boolean {
    return this.document.commit(info);
  }

  /**
   * Merges what arrived and answers the events that it makes. Throws what Automerge throws.
   *
   * Looks at every value afterwards, since the differences that Automerge 2.2.9 tells leave some out where
   * values are in conflict (a key that one change sets twice). A catalog is small and seldom written.
   */
  merge(changes: readonly Uint8Array[]): CatalogEvent[] {
    this.document.merge(changes);
    return [...this.document.values()].flatMap((value) => this.#take(value) ?? []);
  }

  #write(key: string, value: string): CatalogEvent | undefined {
    const event = this.#take({ key, value });
    if (event) this.document.put(key, value);
    return event;
  }

  #take({ key, value }: KeyChange): CatalogEvent | undefined {
    const slash = key.indexOf('/');
    const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)];
    if (name === '' || name.length > limits.name) return undefined;
    if (kind === 'backend') {
      const fields = value === undefined ? undefined : decode(backendShape, value);
      const [what, backend] = replace(this.#backends, name, fields && backendOf(name, fields));
      return what && { type: `backend-${what}`, backend };
    }
    if (kind === 'frontend') {
      const fields = value === undefined ? undefined : decode(frontendShape, value);
      const [what, frontend] = replace(this.#frontends, name, fields && frontendOf(name, fields.backend));
      return what && { type: `frontend-${what}`, frontend };
    }
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

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.name));
// Anything else, a tombstone among it, is no backend.
const weight = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.splitWeight));
const backendShape = v.union([
  v.object({ app: name, version: name }),
  v.object({ app: name, split: v.pipe(v.record(name, weight), v.check(isSplit)) }),
]);
const frontendShape = v.object({ backend: v.optional(name), deleted: v.optional(v.never()) });
