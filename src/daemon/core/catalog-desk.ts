/**
 * Where backends and frontends are asked for and changed. Each acknowledged write is one change of the catalog, which
 * says who made it and through which daemon.
 *
 * What always holds: a backend is pointed at something else only while enough is online for it, unless whoever does
 * it says that this does not matter. Creating one is free, since nobody is served by it yet.
 */

import type { Catalog, CatalogEvent } from '../../crdt/catalog.js';
import type { Heads } from '../../crdt/document.js';
import type { Query } from '../../crdt/online-index.js';
import { availabilityOf } from '../../model/availability.js';
import type {
  Backend,
  BackendChange,
  BackendFields,
  Frontend,
  FrontendChange,
  FrontendFields,
  Target,
} from '../../model/catalog.js';
import { formatTarget, retarget } from '../../model/catalog.js';
import { ConflictError, NotFoundError, NotReadyError, TooFewOnlineError } from '../../model/errors.js';
import type { Edit, HistoryQuery, Losing, Shown } from '../../model/history.js';
import type { Registration } from '../../model/registration.js';

/** What the desk needs of the daemon. */
export interface DeskDaemon {
  /** Another one after it had to be fetched anew. */
  readonly documents: { readonly catalog: Catalog; loadCatalog(saved: Uint8Array): void };
  readonly settings: { readonly name: string };
  readonly runtime: { wallNow(): number };
  /** Whether what is not online here may be taken for not online. */
  readonly ready: boolean;
  registrations(query: Query): Registration[];
  /** Told of each write, which is committed then. */
  onCatalogWrite(event: CatalogEvent): void;
}

/** How many must be online for what a backend is pointed at. */
export interface Terms {
  /** Default 1; 0: point it there, whatever is online. */
  atLeast?: number;
}

/** Things of one kind, by their names. Throws NotFoundError for names that are not there. */
export interface Shelf<T, Fields, Change, UpdateTerms> {
  /** Sorted by name. */
  list(): T[];
  get(name: string): T;
  /** With what lost against it, while that is not settled. */
  show(name: string): Shown<T>;
  /** Throws ConflictError where the name is in use. */
  create(fields: Fields, author: string): T;
  /** Throws TooFewOnlineError, and NotReadyError where this daemon cannot know that yet. */
  update(name: string, change: Change, author: string, terms?: UpdateTerms): T;
  delete(name: string, author: string): void;
}

export interface BackendShelf extends Shelf<Backend, BackendFields, BackendChange, Terms> {
  /** What it was before the last edit. Throws like `update`; ConflictError where that edit was one of several at once. */
  rollback(name: string, author: string, terms?: Terms): Backend;
}

export type FrontendShelf = Shelf<Frontend, FrontendFields, FrontendChange, void>;

/** What is different from one kind to the other. */
interface Kind<T, Fields, Change> {
  name: 'backend' | 'frontend';
  things(catalog: Catalog): ReadonlyMap<string, T>;
  losing(catalog: Catalog, name: string): Losing<T>[];
  /** Writes it, or the tombstone of it. */
  set(catalog: Catalog, name: string, fields: Fields | undefined): CatalogEvent | undefined;
  /** What is to be written for a new one, however it was given. */
  created(fields: Fields): Fields;
  updated(before: T, change: Change): Fields;
}

const backendKind: Kind<Backend, BackendFields, BackendChange> = {
  name: 'backend',
  things: ({ backends }) => backends,
  losing: (catalog, name) => catalog.losingBackends(name),
  set: (catalog, name, fields) => catalog.setBackend(name, fields),
  created: (fields) => ({ name: fields.name, ...retarget(fields, {}) }),
  updated: (before, change) => ({ name: before.name, ...retarget(before, change) }),
};

const frontendKind: Kind<Frontend, FrontendFields, FrontendChange> = {
  name: 'frontend',
  things: ({ frontends }) => frontends,
  losing: (catalog, name) => catalog.losingFrontends(name),
  set: (catalog, name, fields) => catalog.setFrontend(name, fields),
  created: (fields) => fields,
  updated: ({ resource: _, ...before }, change) => ({ ...before, ...change, name: before.name }),
};

class CatalogShelf<T extends { name: string }, Fields extends { name: string }, Change> {
  constructor(
    protected readonly daemon: DeskDaemon,
    private readonly kind: Kind<T, Fields, Change>,
  ) {}

  list(): T[] {
    return [...this.#things()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, thing]) => thing);
  }

  get(name: string): T {
    const thing = this.#things().get(name);
    if (thing === undefined) throw new NotFoundError(`${this.kind.name} '${name}' does not exist`);
    return thing;
  }

  show(name: string): Shown<T> {
    const conflict = this.kind.losing(this.daemon.documents.catalog, name);
    return { ...this.get(name), ...(conflict.length > 0 && { conflict }) };
  }

  create(fields: Fields, author: string): T {
    if (this.#things().has(fields.name))
      throw new ConflictError(`${this.kind.name} '${fields.name}' exists already`);
    return this.#write(this.kind.created(fields), author);
  }

  update(name: string, change: Change, author: string): T {
    return this.#write(this.kind.updated(this.get(name), change), author);
  }

  delete(name: string, author: string): void {
    this.get(name);
    this.#set(name, undefined, author);
  }

  #things(): ReadonlyMap<string, T> {
    return this.kind.things(this.daemon.documents.catalog);
  }

  #write(fields: Fields, author: string): T {
    this.#set(fields.name, fields, author);
    return this.get(fields.name);
  }

  #set(name: string, fields: Fields | undefined, author: string): void {
    const { documents, settings, runtime } = this.daemon;
    const event = this.kind.set(documents.catalog, name, fields);
    if (!event) return;
    // Committed now, since a merge before the end of the turn would do it without saying who and when.
    const time = Math.round(runtime.wallNow() / 1000);
    documents.catalog.commit({ author, daemon: settings.name, time });
    this.daemon.onCatalogWrite(event);
  }
}

class Backends extends CatalogShelf<Backend, BackendFields, BackendChange> implements BackendShelf {
  constructor(daemon: DeskDaemon) {
    super(daemon, backendKind);
  }

  override update(name: string, change: BackendChange, author: string, { atLeast = 1 }: Terms = {}): Backend {
    const before = this.get(name);
    const after = retarget(before, change);
    if (formatTarget(after) !== formatTarget(before)) this.#require(after, atLeast);
    return super.update(name, change, author);
  }

  rollback(name: string, author: string, terms?: Terms): Backend {
    const { conflict } = this.show(name);
    if (conflict)
      throw new ConflictError(
        `backend '${name}' was changed at several daemons at once: update it to what it is to be`,
      );
    const [last] = this.daemon.documents.catalog.history({ backend: name, limit: 1 });
    if (last?.kind !== 'backend' || !last.from)
      throw new NotFoundError(`backend '${name}' has not been anything else before`);
    const { app, version, split } = last.from;
    return this.update(name, split ? { app, split } : { app, version }, author, terms);
  }

  #require(target: Target, atLeast: number): void {
    if (atLeast <= 0) return;
    const { what, online } = availabilityOf(target, this.#candidates(target));
    if (online >= atLeast) return;
    const found = online === 0 ? 'nothing' : `only ${online}, not ${atLeast},`;
    const why = `${found} of ${what} is online and not draining`;
    if (!this.daemon.ready) throw new NotReadyError(`${why}, as far as this daemon can know yet`);
    throw new TooFewOnlineError(`${why}: to point the backend there all the same, use force`);
  }

  /** What `target` may stand for, without looking at the other versions of its app: there may be thousands. */
  #candidates({ app, version, split }: Target): Registration[] {
    if (split === undefined) return this.daemon.registrations({ app, version });
    return Object.keys(split).flatMap((exact) =>
      this.daemon.registrations({ app, version: exact }).filter((one) => one.version === exact),
    );
  }
}

export class CatalogDesk {
  readonly backends: BackendShelf;
  readonly frontends: FrontendShelf;

  constructor(private readonly daemon: DeskDaemon) {
    this.backends = new Backends(daemon);
    this.frontends = new CatalogShelf(daemon, frontendKind);
  }

  /** The backend that a frontend serves; undefined while it has none. Throws NotFoundError. */
  served(frontend: string): Backend | undefined {
    const { backend } = this.frontends.get(frontend);
    return backend === undefined ? undefined : this.daemon.documents.catalog.backends.get(backend);
  }

  /** Names the state of the catalog: another value, by identity, whenever anything was written or merged. */
  get heads(): Heads {
    return this.daemon.documents.catalog.document.heads;
  }

  /** The whole catalog with its history, as {@link load} takes it. */
  save(): Uint8Array {
    return this.daemon.documents.catalog.document.save();
  }

  /** Begins with a saved catalog: for a daemon that has not started. Throws if it is none. */
  load(saved: Uint8Array): void {
    this.daemon.documents.loadCatalog(saved);
  }

  /** The last edits first. */
  history(query: HistoryQuery): Edit[] {
    return this.daemon.documents.catalog.history(query);
  }
}
