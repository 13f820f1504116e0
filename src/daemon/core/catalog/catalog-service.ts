/**
 * Reads and changes backends, frontends and drain rules. Each acknowledged write is one change of the catalog, with its
 * author and the daemon that made it.
 *
 * What always holds: callers are sent to another target only while enough instances are online there, unless the writer
 * overrides that. A backend can be created freely, since no frontend serves it yet.
 */

import { catalogName } from '../../../crdt/catalog.js';
import type { Heads } from '../../../crdt/document.js';
import type {
  Backend,
  BackendChange,
  BackendFields,
  Frontend,
  FrontendChange,
  FrontendFields,
} from '../../../model/catalog.js';
import { formatTarget, reroute, retarget, rewarm } from '../../../model/catalog.js';
import type { DrainRule, SignedDrainRule } from '../../../model/drain-rule.js';
import { TooFewOnlineError } from '../../../model/errors.js';
import type { Edit, HistoryQuery } from '../../../model/history.js';
import type { Deliveries } from '../replication/deliveries.js';
import type { Inquiry } from '../replication/inquiry.js';
import { commandForMs } from '../replication/timing.js';
import { type DrainRuleResources, DrainRulesOfCatalog } from './drain-rule-resources.js';
import { type GuardContext, override, type Precondition, requireOnline } from './guards.js';
import {
  ResourcesOfKind,
  type ResourceKind,
  type RollbackTo,
  type NamedResources,
  type Writer,
} from './named-resources.js';

export interface CatalogContext extends GuardContext {
  readonly documents: GuardContext['documents'] & { loadCatalog(saved: Uint8Array): void };
  /** Exchanges with every live peer. */
  readonly inquiry: Pick<Inquiry, 'ask'>;
  /** Commits what was written, and pushes it. */
  readonly commit: () => void;
  readonly deliveries: Pick<Deliveries, 'delivered'>;
}

export type { Precondition, RollbackTo, Writer };
export type BackendResources = NamedResources<Backend, BackendFields, BackendChange, Precondition>;
export type FrontendResources = NamedResources<Frontend, FrontendFields, FrontendChange, Precondition>;

const backendKind: ResourceKind<Backend, BackendFields, BackendChange> = {
  name: 'backend',
  label: 'backend',
  query: (backend) => ({ backend }),
  things: ({ backends }) => backends,
  conflicts: (catalog, name) => catalog.conflictsOfBackend(name),
  set: (catalog, name, fields) => catalog.setBackend(name, fields),
  created: (fields) => ({
    name: fields.name,
    ...retarget(fields, {}),
    ...rewarm({}, fields),
    ...reroute(fields, {}),
  }),
  updated: (before, change) => ({
    name: before.name,
    ...retarget(before, change),
    ...rewarm(before, change),
    ...reroute(before, change),
  }),
  fieldsOf: ({ resource: _, ...fields }) => fields,
};

const frontendKind: ResourceKind<Frontend, FrontendFields, FrontendChange> = {
  name: 'frontend',
  label: 'frontend',
  query: (frontend) => ({ frontend }),
  things: ({ frontends }) => frontends,
  conflicts: (catalog, name) => catalog.conflictsOfFrontend(name),
  set: (catalog, name, fields) => catalog.setFrontend(name, fields),
  created: (fields) => fields,
  updated: (before, change) => {
    const backend = change.backend ?? before.backend;
    return { name: before.name, ...(backend !== undefined && { backend }), ...reroute(before, change) };
  },
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

  /** No frontend serves it yet. */
  protected guardCreation({ app }: BackendFields, terms?: Precondition): void {
    terms?.permit?.(app);
  }

  /** A backend that frontends serve is not removed without an override. */
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

  /** A new frontend may serve a backend that does not exist yet, unless the writer requires that it does. */
  protected guardCreation(fields: FrontendFields, terms: Precondition = {}): void {
    this.#permit(fields, terms);
    const { name, backend } = fields;
    if (backend !== undefined && (terms.atLeast ?? 0) > 0) this.#required(backend, name);
  }

  /** Removing a frontend needs no guard: it is meant to leave its callers with nothing. */
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

export class CatalogService {
  readonly backends: BackendResources;
  readonly frontends: FrontendResources;
  readonly drainRules: DrainRuleResources;

  constructor(private readonly context: CatalogContext) {
    this.backends = new Backends(context);
    this.frontends = new Frontends(context);
    this.drainRules = new DrainRulesOfCatalog(context);
  }

  /** The backend that a frontend serves; undefined while it has none. Throws NotFoundError. */
  served(frontend: string): Backend | undefined {
    const { backend } = this.frontends.get(frontend);
    return backend === undefined ? undefined : this.context.documents.catalog.backends.get(backend);
  }

  /** The heads of the catalog: another object whenever anything was written or merged. */
  get heads(): Heads {
    return this.context.documents.catalog.document.heads;
  }

  /** The whole catalog with its history, as {@link load} takes it. */
  save(): Uint8Array {
    return this.context.documents.catalog.document.save();
  }

  /** The bytes of all changes that {@link save} would save: its duration grows with them. */
  get bytes(): number {
    return this.context.documents.catalog.bytes;
  }

  /**
   * The changes since it was at `heads`, to be appended to what was saved then; undefined if it never was at `heads`.
   */
  changesSince(heads: Heads): Uint8Array[] | undefined {
    const { document } = this.context.documents.catalog;
    return document.knows(heads) ? document.changesSince(heads) : undefined;
  }

  /** Loads a saved catalog, for a daemon that has not started. Throws if the bytes are no catalog. */
  load(saved: Uint8Array): void {
    this.context.documents.loadCatalog(saved);
  }

  /**
   * A drain rule with its last edit. Read the history in steps before ({@link historyInSteps}), since that takes time.
   */
  signed<T extends DrainRule>(rule: T): T & SignedDrainRule {
    const { author, at } = this.context.documents.catalog.lastEdit({ drainRule: rule.name }) ?? {};
    return { ...rule, ...(author !== undefined && { author }), ...(at !== undefined && { at }) };
  }

  /** The rule that drains this version of an app, signed; undefined if there is none. */
  rulingOn({ app, version }: { app: string; version: string }): SignedDrainRule | undefined {
    const rule = this.context.documents.catalog.ruling.of(app, version);
    return rule && this.signed(rule);
  }

  /** The edits, newest first. */
  history(query: HistoryQuery): Edit[] {
    return this.context.documents.catalog.history(query);
  }

  /** The same in steps: other work may run whenever it yields. */
  historyInSteps(query: HistoryQuery): Generator<void, Edit[]> {
    return this.context.documents.catalog.historyInSteps(query);
  }

  /** A token of the state of the whole catalog. */
  get stamp(): string {
    return this.context.documents.catalog.document.heads.join();
  }

  /**
   * Resolves when every live peer has the catalog as it is now, or soon after: for a write that is to hold everywhere
   * once it is answered.
   */
  async delivered(): Promise<void> {
    this.context.commit();
    await this.context.deliveries.delivered([catalogName], commandForMs);
  }

  /**
   * Await this before a write with an idempotency key. If this daemon has no edit with the key, it asks the peers,
   * since the same request may have reached one of them a moment ago.
   */
  async lookFor(key: string): Promise<void> {
    if (!this.context.documents.catalog.editFor(key)) await this.context.inquiry.ask();
  }
}
