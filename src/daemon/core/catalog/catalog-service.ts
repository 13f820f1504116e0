/**
 * Where backends and frontends are asked for and changed. Each acknowledged write is one change of the catalog, which
 * says who made it and through which daemon.
 *
 * What always holds: callers are sent to something else only while enough is online there, unless the writer says that
 * this does not matter. Creating a backend is free, since nobody is served by it yet.
 */

import type { Heads } from '../../../crdt/document.js';
import { availabilityOf } from '../../../model/availability.js';
import type {
  Backend,
  BackendChange,
  BackendFields,
  Frontend,
  FrontendChange,
  FrontendFields,
  Target,
} from '../../../model/catalog.js';
import { formatTarget, retarget } from '../../../model/catalog.js';
import { NotReadyError, TooFewOnlineError } from '../../../model/errors.js';
import type { Edit, HistoryQuery } from '../../../model/history.js';
import type { Inquiry } from '../replication/inquiry.js';
import {
  ResourcesOfKind,
  type ResourceKind,
  type RollbackTo,
  type NamedResources,
  type ResourceContext,
  type Writer,
} from './named-resources.js';

export interface CatalogContext extends ResourceContext {
  readonly documents: ResourceContext['documents'] & { loadCatalog(saved: Uint8Array): void };
  /** Whether what is not online here may be taken for not online. */
  readonly isReady: () => boolean;
  /** How many instances of each version of an app are online and not draining. */
  readonly available: (app: string) => ReadonlyMap<string, number>;
  /** Asks every live peer what it knows. */
  readonly inquiry: Pick<Inquiry, 'ask'>;
}

/** How many must be online for what callers are sent to. */
export interface Precondition {
  /** Default 1; 0: send them there, whatever is online. */
  atLeast?: number;
  /**
   * Throws if the writer may not change what belongs to this app; undefined for what belongs to none. Default: it may.
   */
  permit?: (app: string | undefined) => void;
}

export type { RollbackTo, Writer };
export type BackendResources = NamedResources<Backend, BackendFields, BackendChange, Precondition>;
export type FrontendResources = NamedResources<Frontend, FrontendFields, FrontendChange, Precondition>;

const backendKind: ResourceKind<Backend, BackendFields, BackendChange> = {
  name: 'backend',
  things: ({ backends }) => backends,
  losing: (catalog, name) => catalog.losingBackends(name),
  set: (catalog, name, fields) => catalog.setBackend(name, fields),
  created: (fields) => ({ name: fields.name, ...retarget(fields, {}) }),
  updated: (before, change) => ({ name: before.name, ...retarget(before, change) }),
  fieldsOf: ({ resource: _, ...fields }) => fields,
};

const frontendKind: ResourceKind<Frontend, FrontendFields, FrontendChange> = {
  name: 'frontend',
  things: ({ frontends }) => frontends,
  losing: (catalog, name) => catalog.losingFrontends(name),
  set: (catalog, name, fields) => catalog.setFrontend(name, fields),
  created: (fields) => fields,
  updated: ({ resource: _, ...before }, change) => ({ ...before, ...change, name: before.name }),
  fieldsOf: ({ resource: _, ...fields }) => fields,
};

class Backends extends ResourcesOfKind<Backend, BackendFields, BackendChange, Precondition> {
  constructor(private readonly context: CatalogContext) {
    super(context, backendKind);
  }

  protected guardChange(before: Backend | undefined, after: BackendFields, terms?: Precondition): void {
    if (before) terms?.permit?.(before.app);
    terms?.permit?.(after.app);
    if (!before || formatTarget(after) !== formatTarget(before))
      requireOnline(this.context, after, 'point the backend there', terms);
  }

  /** Nobody is served by it yet. */
  protected guardCreation({ app }: BackendFields, terms?: Precondition): void {
    terms?.permit?.(app);
  }

  /** What frontends serve is not taken away from under their callers. */
  protected guardRemoval({ name, app }: Backend, { atLeast = 1, permit }: Precondition = {}): void {
    permit?.(app);
    const served = [...this.context.documents.catalog.frontends.values()]
      .filter(({ backend }) => backend === name)
      .map((frontend) => `'${frontend.name}'`)
      .sort();
    if (atLeast <= 0 || served.length === 0) return;
    const frontends = `frontend${served.length === 1 ? '' : 's'} ${served.join(', ')}`;
    throw new TooFewOnlineError(
      `backend '${name}' is what ${frontends} serve${served.length === 1 ? 's' : ''}: ${override('remove it')}`,
    );
  }
}

class Frontends extends ResourcesOfKind<Frontend, FrontendFields, FrontendChange, Precondition> {
  constructor(private readonly context: CatalogContext) {
    super(context, frontendKind);
  }

  protected guardChange(before: Frontend | undefined, after: FrontendFields, terms: Precondition = {}): void {
    if (before) this.#permit(before, terms);
    this.#permit(after, terms);
    if (after.backend === undefined || after.backend === before?.backend || terms.atLeast === 0) return;
    requireOnline(this.context, this.#required(after.backend, after.name), 'send callers there', terms);
  }

  /** A new one may serve a backend that is not there yet, unless the writer asks for one that is. */
  protected guardCreation(fields: FrontendFields, terms: Precondition = {}): void {
    this.#permit(fields, terms);
    const { name, backend } = fields;
    if (backend !== undefined && (terms.atLeast ?? 0) > 0) this.#required(backend, name);
  }

  /** A writer that removes a frontend means its callers to have nothing. */
  protected guardRemoval(frontend: Frontend, terms: Precondition = {}): void {
    this.#permit(frontend, terms);
  }

  /** A frontend belongs to the app of its backend. */
  #permit({ backend }: Pick<Frontend, 'backend'>, { permit }: Precondition): void {
    permit?.(backend === undefined ? undefined : this.context.documents.catalog.backends.get(backend)?.app);
  }

  #required(backend: string, frontend: string): Backend {
    const found = this.context.documents.catalog.backends.get(backend);
    if (found) return found;
    throw new TooFewOnlineError(
      `backend '${backend}' does not exist: ${override(`have frontend '${frontend}' serve it`)}`,
    );
  }
}

/** Throws TooFewOnlineError if there is nobody to take the callers of a backend. */
function requireOnline(
  context: CatalogContext,
  target: Target,
  deed: string,
  { atLeast = 1 }: Precondition = {},
): void {
  if (atLeast <= 0) return;
  const { what, online } = availabilityOf(target, context.available(target.app));
  if (online >= atLeast) return;
  const found = online === 0 ? 'nothing' : `only ${online}, not ${atLeast},`;
  const why = `${found} of ${what} is online and not draining`;
  if (!context.isReady()) throw new NotReadyError(`${why}, as far as this daemon can know yet`);
  throw new TooFewOnlineError(`${why}: ${override(deed)}`);
}

/** The flag of the command line; over HTTP it is `?force=true`. */
const override = (deed: string): string => `to ${deed} all the same, use --force`;

export class CatalogService {
  readonly backends: BackendResources;
  readonly frontends: FrontendResources;

  constructor(private readonly context: CatalogContext) {
    this.backends = new Backends(context);
    this.frontends = new Frontends(context);
  }

  /** The backend that a frontend serves; undefined while it has none. Throws NotFoundError. */
  served(frontend: string): Backend | undefined {
    const { backend } = this.frontends.get(frontend);
    return backend === undefined ? undefined : this.context.documents.catalog.backends.get(backend);
  }

  /** Names the state of the catalog: another value, by identity, whenever anything was written or merged. */
  get heads(): Heads {
    return this.context.documents.catalog.document.heads;
  }

  /** The whole catalog with its history, as {@link load} takes it. */
  save(): Uint8Array {
    return this.context.documents.catalog.document.save();
  }

  /** Bytes of all changes that {@link save} would save: how long it takes grows with them. */
  get bytes(): number {
    return this.context.documents.catalog.bytes;
  }

  /**
   * What has come since it was at `heads`, to be put behind what was saved then; undefined if that state is none of its
   * past.
   */
  changesSince(heads: Heads): Uint8Array[] | undefined {
    const { document } = this.context.documents.catalog;
    return document.knows(heads) ? document.changesSince(heads) : undefined;
  }

  /** Begins with a saved catalog: for a daemon that has not started. Throws if it is none. */
  load(saved: Uint8Array): void {
    this.context.documents.loadCatalog(saved);
  }

  /** The last edits first. */
  history(query: HistoryQuery): Edit[] {
    return this.context.documents.catalog.history(query);
  }

  /** The same in steps, which may be interrupted whenever it yields. */
  historyInSteps(query: HistoryQuery): Generator<void, Edit[]> {
    return this.context.documents.catalog.historyInSteps(query);
  }

  /** Names the state of the whole catalog. */
  get stamp(): string {
    return this.context.documents.catalog.document.heads.join();
  }

  /**
   * To be awaited before a write with an idempotency key: if this daemon has no edit with it, the peers are asked,
   * since the same request may have arrived at one of them a moment ago.
   */
  async lookFor(key: string): Promise<void> {
    if (!this.context.documents.catalog.editFor(key)) await this.context.inquiry.ask();
  }
}
