/** Named resources of one kind in the catalog: listed, created, changed, removed and rolled back. */

import type { Catalog, CatalogEvent } from '../../../crdt/catalog.js';
import type { WallTime } from '../../../crdt/clocks.js';
import { ConflictError, NotFoundError, NotReadyError } from '../../../model/errors.js';
import {
  type Edit,
  type HistoryQuery,
  type ConflictingValue,
  shortestId,
  type WithConflicts,
} from '../../../model/history.js';

/** What is needed to write to the catalog. */
export interface ResourceContext {
  /** The catalog may be replaced by another object when it is fetched again. */
  readonly documents: { readonly catalog: Catalog };
  readonly settings: { readonly name: string };
  readonly runtime: { wallNow(): WallTime };
  /** Called after each write has been committed. */
  readonly onWrite: (event: CatalogEvent) => void;
}

/**
 * The author of a write. With the idempotency key of the request, a write that arrives twice is one edit: the second
 * arrival, at any daemon that has the edit, is answered with the result of the first.
 */
export type Writer =
  | string
  | {
      author: string;
      /** Whether a token has proven the author; `claimed` is then the name that the request gave. */
      proven?: true | undefined;
      claimed?: string | undefined;
      key?: string | undefined;
    };

/** Which edits to undo: by default the last one. Ids may be abbreviated to at least {@link shortestId} characters. */
export interface RollbackTo {
  /** The edit to undo. If it is not the last one, ConflictError. */
  of?: string | undefined;
  /** The edit whose result is to be restored. */
  to?: string | undefined;
}

/** Named resources of one kind. Throws NotFoundError for unknown names. */
export interface NamedResources<T, Fields, Change, Precondition> {
  /** Sorted by name. */
  list(): T[];
  get(name: string): T;
  /** Undefined if there is none. */
  find(name: string): T | undefined;
  /** With the conflicting values, while a conflict is not resolved. */
  show(name: string): WithConflicts<T>;
  /** Throws ConflictError if the name is in use. */
  create(fields: Fields, by: Writer, terms?: Precondition): T;
  /** Throws TooFewOnlineError, or NotReadyError if this daemon's view cannot be trusted yet. */
  update(name: string, change: Change, by: Writer, terms?: Precondition): T;
  /** Throws like `update`. */
  delete(name: string, by: Writer, terms?: Precondition): void;
  /**
   * Restores its value before the last edit, or after an earlier one, even if it was removed. Throws like `update`;
   * ConflictError if the last edit was one of several at once.
   */
  rollback(name: string, by: Writer, terms?: Precondition & RollbackTo): T;
}

/** What differs between the kinds. */
export interface ResourceKind<T, Fields, Change> {
  name: Edit['kind'];
  /** What messages call it. */
  label: string;
  /** The query for the edits of the resource with this name. */
  query(name: string): Omit<HistoryQuery, 'limit'>;
  things(catalog: Catalog): ReadonlyMap<string, T>;
  conflicts(catalog: Catalog, name: string): ConflictingValue<T>[];
  /** Writes the fields; undefined writes a tombstone. */
  set(catalog: Catalog, name: string, fields: Fields | undefined): CatalogEvent | undefined;
  /** The fields of a new resource in their written form. */
  created(fields: Fields): Fields;
  updated(before: T, change: Change): Fields;
  /** The fields without the resource's kind. */
  fieldsOf(thing: T): Fields;
}

export abstract class ResourcesOfKind<
  T extends { name: string },
  Fields extends { name: string },
  Change,
  Precondition,
> implements NamedResources<T, Fields, Change, Precondition> {
  constructor(
    private readonly resources: ResourceContext,
    private readonly kind: ResourceKind<T, Fields, Change>,
  ) {}

  list(): T[] {
    return [...this.#things()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, thing]) => thing);
  }

  find(name: string): T | undefined {
    return this.#things().get(name);
  }

  get(name: string): T {
    const thing = this.find(name);
    if (thing === undefined) throw new NotFoundError(`${this.kind.label} '${name}' does not exist`);
    return thing;
  }

  show(name: string): WithConflicts<T> {
    const conflict = this.kind.conflicts(this.#catalog, name);
    return { ...this.get(name), ...(conflict.length > 0 && { conflict }) };
  }

  create(fields: Fields, by: Writer, terms?: Precondition): T {
    const done = this.#arrived(fields.name, by);
    if (done) return done.to!;
    if (this.#things().has(fields.name)) throw new ConflictError(`${this.kind.label} '${fields.name}' exists already`);
    this.guardCreation(fields, terms);
    return this.#write(this.kind.created(fields), by);
  }

  update(name: string, change: Change, by: Writer, terms?: Precondition): T {
    const done = this.#arrived(name, by);
    if (done) return done.to!;
    const before = this.get(name);
    const after = this.kind.updated(before, change);
    this.guardChange(before, after, terms);
    return this.#write(after, by);
  }

  delete(name: string, by: Writer, terms?: Precondition): void {
    if (this.#arrived(name, by, true)) return;
    this.guardRemoval(this.get(name), terms);
    this.#set(name, undefined, by);
  }

  rollback(name: string, by: Writer, terms?: Precondition & RollbackTo): T {
    const done = this.#arrived(name, by);
    if (done) return done.to!;
    const fields = this.#before(name, terms ?? {});
    this.guardChange(this.#things().get(name), fields, terms);
    return this.#write(fields, by);
  }

  /**
   * Throws if callers would be sent to nothing. `before` is undefined for a resource that was removed and comes back.
   */
  protected abstract guardChange(before: T | undefined, after: Fields, terms: Precondition | undefined): void;
  protected abstract guardCreation(fields: Fields, terms: Precondition | undefined): void;
  protected abstract guardRemoval(thing: T, terms: Precondition | undefined): void;

  get #catalog(): Catalog {
    return this.resources.documents.catalog;
  }

  #things(): ReadonlyMap<string, T> {
    return this.kind.things(this.#catalog);
  }

  /** The fields before the edit that is undone, or after the edit that is restored. */
  #before(name: string, { of, to }: RollbackTo): Fields {
    const { label: kind } = this.kind;
    if (to === undefined && this.kind.conflicts(this.#catalog, name).length > 0)
      throw new ConflictError(
        `${kind} '${name}' was changed at several daemons at once: update it to what it is to be`,
      );
    const edits = this.#edits(name, to === undefined ? 1 : Infinity);
    const [last] = edits;
    if (!last) throw new NotFoundError(`${kind} '${name}' does not exist`);
    if (of !== undefined && !isId(last.id, of)) {
      if (!this.#edits(name, Infinity).some(({ id }) => isId(id, of)))
        throw new NotReadyError(`this daemon does not know of the edit ${of} of ${kind} '${name}' yet`);
      throw new ConflictError(`${kind} '${name}' was changed again after the edit ${of}`);
    }
    const target = to === undefined ? last.from : this.#after(edits, name, to);
    if (!target)
      throw new NotFoundError(
        to === undefined
          ? `${kind} '${name}' has not been anything else before`
          : `${kind} '${name}' did not exist after the edit ${to}`,
      );
    return this.kind.fieldsOf(target);
  }

  #after(edits: readonly EditOf<T>[], name: string, to: string): T | undefined {
    const found = edits.filter(({ id }) => isId(id, to));
    if (found.length === 1) return found[0]!.to;
    throw found.length === 0
      ? new NotFoundError(`${this.kind.label} '${name}' has no edit ${to}`)
      : new ConflictError(`several edits of ${this.kind.label} '${name}' begin with ${to}`);
  }

  #edits(name: string, limit: number): EditOf<T>[] {
    return this.#catalog.history({ ...this.kind.query(name), limit }) as unknown as EditOf<T>[];
  }

  /** The edit of an earlier arrival of the same request. Throws ConflictError if the key belongs to another write. */
  #arrived(name: string, by: Writer, removes = false): EditOf<T> | undefined {
    if (typeof by === 'string' || by.key === undefined) return undefined;
    const edit = this.#catalog.editFor(by.key);
    if (!edit) return undefined;
    const isSame = edit.kind === this.kind.name && edit.name === name && (edit.to === undefined) === removes;
    if (!isSame) throw new ConflictError(`the idempotency key '${by.key}' was used for another write`);
    return edit as unknown as EditOf<T>;
  }

  #write(fields: Fields, by: Writer): T {
    this.#set(fields.name, fields, by);
    return this.get(fields.name);
  }

  #set(name: string, fields: Fields | undefined, by: Writer): void {
    const { settings, runtime } = this.resources;
    const event = this.kind.set(this.#catalog, name, fields);
    if (!event) return;
    // Committed now, since a merge before the end of the turn would commit it without author and time.
    const time = Math.round(runtime.wallNow() / 1000);
    const { key, ...who } = typeof by === 'string' ? { author: by, key: undefined } : by;
    this.#catalog.commit({ ...who, daemon: settings.name, request: key, time });
    this.resources.onWrite(event);
  }
}

/** An edit of a resource of one kind. */
type EditOf<T> = Pick<Edit, 'id'> & { from?: T; to?: T };

const isId = (id: string, given: string): boolean =>
  id === given || (given.length >= shortestId && id.startsWith(given));
