/**
 * Every document that this daemon has a copy of: the catalog, its own holdings, and a replica of each other
 * incarnation's. Peers see them through the `Documents` interface. What a message brings stays here as arrivals until
 * the turn takes it into the view: a message that fails half-way loses none of them.
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

/** What is different in the documents by what a peer has sent. */
export type Arrival = ({ kind: 'holdings' } & ArrivedHoldings) | { kind: 'catalog'; events: CatalogEvent[] };

export class DocumentStore implements Documents {
  readonly #catalog: CatalogReplica;
  #ownRunId: RunId | undefined;
  readonly #replicas: Replicas;
  /** All documents by name, until one comes, goes or takes another's place. */
  #byName: Map<DocumentName, Document> | undefined;
  /** The arrangement of the replicas then. */
  #arrangement = 0;
  readonly #digest = new Digest();
  readonly #signed: SignedChanges;
  #arrivals: Arrival[] = [];
  /** Documents that peers have brought changes of. */
  #merged = new Set<DocumentName>();
  #repairing = false;
  readonly #log: Log;

  constructor(
    private readonly runtime: Pick<Runtime, 'randomId' | 'names' | keyof Signatures>,
    private readonly membership: Membership,
    now: () => LeaseTime,
    logs: Pick<Logs, 'documents' | 'catalog'>,
    /** Runs it as a turn of its own, after the present one. */
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

  /** An empty document with a writer's id that nobody else has. */
  newDocument(): Document {
    const actor = createHash('sha256').update(this.runtime.randomId()).digest('hex').slice(0, 32);
    return new Document(actor, (error) => this.#onDeath(error));
  }

  /** Whatever was being done with it is finished first. */
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

  /** From now on `own` is what this daemon shows as its holdings. */
  publish(self: Incarnation, own: OwnHoldings, identity: Identity): void {
    this.#ownRunId = self.runId;
    this.#signed.signAs(self.runId, identity);
    self.hold(own);
    this.#rearranged();
  }

  /** This daemon has no holdings of its own any more: what it had is a replica like any other. */
  unpublish(): void {
    this.#ownRunId = undefined;
    this.#rearranged();
  }

  /** Something was committed here. */
  committed(): void {
    this.#digest.outdated();
  }

  /** The own holdings have another document than before. */
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

  /** What has arrived since it was asked last, in its order. */
  takeArrivals(): Arrival[] {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    return arrivals;
  }

  /** The documents that peers have brought changes of since it was asked last, news or not. */
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

  /** What a change says that is merged right after arrives at once. Returns whether anything is different by it. */
  preview(name: DocumentName, change: Change): boolean {
    const arrived = this.#replicas.preview(name, change);
    this.#arrive(arrived);
    return arrived !== undefined && arrived.changes.length > 0;
  }

  /**
   * Begins with the catalog of an earlier time, which is merged with those of the peers as any replica is. For a daemon
   * that has not started. Throws what Automerge throws on bytes that are no catalog.
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

  /** Gives back what an incarnation that nobody needs any more took. */
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
        // One that is fetched anew stands for the one of the same name that is still shown.
        if (!byName.has(name)) byName.set(name, document);
      }
    this.#digest.outdated();
    this.#digest.retain(byName);
    this.#signed.retain(byName);
    return (this.#byName = byName);
  }

  /** Documents came, went or took another's place. */
  #rearranged(): void {
    this.#byName = undefined;
    this.#digest.outdated();
  }

  /** The documents that there are of an incarnation: the one that is shown, and one that is to replace it. */
  #documentsOf(runId: RunId): { document: Document; epoch: number }[] {
    const shown = this.membership.get(runId)?.holdings;
    const next = shown instanceof OwnHoldings ? shown.offered : this.#replicas.arriving(runId);
    return [next, shown].filter((one) => one !== undefined);
  }

  #arrive(arrived: ArrivedHoldings | undefined): void {
    if (arrived && arrived.changes.length > 0) this.#arrivals.push({ kind: 'holdings', ...arrived });
  }
}
