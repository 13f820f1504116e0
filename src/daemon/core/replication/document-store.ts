/**
 * Every document of this daemon: the catalog, its own holdings, and a replica of each other incarnation's. The exchange
 * with peers uses the `Documents` interface. The changes that a message brings stay here as arrivals until the turn
 * takes them into the view: if a message fails half-way, none is lost.
 */

import { createHash } from 'node:crypto';
import { type Catalog, type CatalogEvent, catalogName } from '../../../crdt/catalog.js';
import { type Change, readChanges } from '../../../crdt/change-reader.js';
import type { LeaseTime } from '../../../crdt/clocks.js';
import { Document } from '../../../crdt/document.js';
import { holdingsName, parseHoldingsName } from '../../../crdt/holdings.js';
import type { DocumentName, RunId } from '../../../crdt/ids.js';
import { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { Documents } from '../../../crdt/sync-message.js';
import { CatalogReplica } from '../catalog/catalog-replica.js';
import type { Identity, Proof, Signatures } from '../identity.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { Log, Logs } from '../log.js';
import type { Runtime } from '../runtime.js';
import { Digest } from './digest.js';
import { type ArrivedHoldings, Replicas } from './replicas.js';
import { SignedChanges } from './signed-changes.js';

/** What a peer's message has changed in the documents. */
export type Arrival = ({ kind: 'holdings' } & ArrivedHoldings) | { kind: 'catalog'; events: CatalogEvent[] };

export class DocumentStore implements Documents {
  readonly #catalog: CatalogReplica;
  #ownRunId: RunId | undefined;
  readonly #replicas: Replicas;
  /** All documents by name, until one is added, removed or replaced. */
  #byName: Map<DocumentName, Document> | undefined;
  /** The arrangement of the replicas at that time. */
  #arrangement = 0;
  readonly #digest = new Digest();
  readonly #signed: SignedChanges;
  #arrivals: Arrival[] = [];
  /** Documents of which peers have sent changes. */
  #merged = new Set<DocumentName>();
  #repairing = false;
  readonly #log: Log;

  constructor(
    private readonly runtime: Pick<Runtime, 'randomId' | 'names' | keyof Signatures>,
    private readonly membership: Membership,
    now: () => LeaseTime,
    logs: Pick<Logs, 'documents' | 'catalog'>,
    /** Runs a function as a turn of its own, after the present one. */
    private readonly later: (run: () => void) => void,
  ) {
    this.#log = logs.documents;
    const newDocument = (): Document => this.newDocument();
    this.#catalog = new CatalogReplica(newDocument, logs.catalog);
    this.#replicas = new Replicas(membership, newDocument, now, logs.documents, runtime.names);
    this.#signed = new SignedChanges(runtime);
  }

  get catalog(): Catalog {
    return this.#catalog.current;
  }

  /** An empty document with a unique actor id. */
  newDocument(): Document {
    const actor = createHash('sha256').update(this.runtime.randomId()).digest('hex').slice(0, 32);
    return new Document(actor, (error) => this.#onDeath(error));
  }

  /** Repairs later, when the present input is finished. */
  #onDeath(error: unknown): void {
    this.#log.error({ error: String(error) }, 'Automerge has failed on a document: replacing it');
    if (this.#repairing) return;
    this.#repairing = true;
    this.later(() => {
      this.#repairing = false;
      try {
        this.#repair();
      } catch (again) {
        this.#log.error({ error: String(again) }, 'cannot replace a document');
      }
    });
  }

  /** From now on `own` are this daemon's holdings. */
  publish(self: Incarnation, own: OwnHoldings, identity: Identity): void {
    this.#ownRunId = self.runId;
    this.#signed.signAs(self.runId, identity);
    self.hold(own);
    this.#rearranged();
  }

  /** This daemon no longer has holdings of its own: its former ones are a replica like any other. */
  unpublish(): void {
    this.#ownRunId = undefined;
    this.#rearranged();
  }

  /** Something was committed here. */
  committed(): void {
    this.#digest.outdated();
  }

  /** The document of the own holdings was replaced. */
  changed(): void {
    this.#rearranged();
  }

  names(): Iterable<DocumentName> {
    return this.#documents().keys();
  }

  get(name: DocumentName): Document | undefined {
    return this.#documents().get(name);
  }

  wants(name: DocumentName): boolean {
    if (name === catalogName) return true;
    const parsed = parseHoldingsName(name);
    if (!parsed || parsed.runId === this.#ownRunId || this.membership.isForgotten(parsed.runId)) return false;
    const least = this.membership.get(parsed.runId)?.holdings ?? this.#replicas.arriving(parsed.runId);
    return least === undefined || parsed.epoch >= least.epoch;
  }

  isShared(name: DocumentName): boolean {
    return name === catalogName;
  }

  merge(name: DocumentName, changes: readonly (Change | Uint8Array)[], proof?: Proof): void {
    const read = readChanges(changes);
    if (proof && read.length > 0) this.#signed.keep(name, read, proof);
    if (name === catalogName) this.#arrivals.push({ kind: 'catalog', events: this.#catalog.merge(read) });
    else this.#arrive(this.#replicas.merge(name, read));
    this.#digest.outdated();
    this.#merged.add(name);
  }

  /** The arrivals since the last call, in order. */
  takeArrivals(): Arrival[] {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    return arrivals;
  }

  /** The documents of which peers have sent changes since the last call, whether or not they were new. */
  takeMerged(): ReadonlySet<DocumentName> {
    const merged = this.#merged;
    this.#merged = new Set();
    return merged;
  }

  /** See {@link SignedChanges.check}. */
  check(name: DocumentName, changes: readonly Change[], proof: Proof | undefined, teller?: RunId): void {
    if (this.wants(name)) this.#signed.check(name, changes, proof, this.get(name), teller);
  }

  prove(name: DocumentName, changes: readonly Uint8Array[], most: number): { count: number; proof?: Proof } {
    return this.#signed.prove(name, changes, most);
  }

  /** Makes the effect of a change arrive at once, before it is merged. Returns whether it has any. */
  preview(name: DocumentName, change: Change): boolean {
    const arrived = this.#replicas.preview(name, change);
    this.#arrive(arrived);
    return arrived !== undefined && arrived.changes.length > 0;
  }

  /**
   * Loads a saved catalog, which is merged with those of the peers like any replica. For a daemon that has not started.
   * Throws what Automerge throws on bytes that are no catalog.
   */
  loadCatalog(saved: Uint8Array): void {
    this.#catalog.load(saved);
    this.#digest.outdated();
  }

  discard(name: DocumentName): void {
    this.#rearranged();
    const reason = 'what a peer says that it has does not arrive';
    if (name === catalogName) {
      this.#log.warn({ document: name, reason }, 'fetching a document again');
      this.#catalog.renew();
    } else if (this.wants(name)) this.#replicas.discard(name, reason);
  }

  /** The one place where documents on which Automerge has failed are replaced. */
  #repair(): void {
    if (this.catalog.document.dead) {
      this.#rearranged();
      this.#catalog.renew();
      this.catalog.dirty = true;
    }
    for (const incarnation of [...this.membership.all()]) {
      this.#replicas.repair(incarnation);
      if (incarnation.holdings instanceof OwnHoldings) this.#repairOwn(incarnation.holdings);
    }
  }

  #repairOwn(own: OwnHoldings): void {
    if (own.successor?.dead) own.dropSuccessor();
    if (own.document.dead && this.#ownRunId !== undefined) own.rebuild(() => this.newDocument());
    this.#rearranged();
  }

  /** Frees the documents of an incarnation that no longer matters. */
  drop(incarnation: Incarnation): void {
    this.#replicas.drop(incarnation);
    this.#signed.forget(incarnation.runId);
    this.#rearranged();
  }

  digest(): string {
    return this.#digest.of(this.#documents());
  }

  #documents(): ReadonlyMap<DocumentName, Document> {
    if (this.#byName && this.#arrangement === this.#replicas.arrangement) return this.#byName;
    this.#arrangement = this.#replicas.arrangement;
    const byName = new Map<DocumentName, Document>([[catalogName, this.catalog.document]]);
    for (const { runId } of this.membership.all())
      for (const { epoch, document } of this.#documentsOf(runId)) {
        const name = holdingsName(runId, epoch);
        // A replica that is being fetched again hides the one of the same name that still counts.
        if (!byName.has(name)) byName.set(name, document);
      }
    this.#digest.outdated();
    this.#digest.retain(byName);
    this.#signed.retain(byName);
    return (this.#byName = byName);
  }

  /** Documents were added, removed or replaced. */
  #rearranged(): void {
    this.#byName = undefined;
    this.#digest.outdated();
  }

  /** The documents of an incarnation: the one that counts, and the one that is about to replace it. */
  #documentsOf(runId: RunId): { document: Document; epoch: number }[] {
    const shown = this.membership.get(runId)?.holdings;
    const next = shown instanceof OwnHoldings ? shown.offered : this.#replicas.arriving(runId);
    return [next, shown].filter((one) => one !== undefined);
  }

  #arrive(arrived: ArrivedHoldings | undefined): void {
    if (arrived && arrived.changes.length > 0) this.#arrivals.push({ kind: 'holdings', ...arrived });
  }
}
