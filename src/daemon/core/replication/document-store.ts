/**
 * Every document that this daemon has a copy of: the catalog, its own holdings, and a replica of each other
 * incarnation's. Peers see them through the `Documents` interface; what arrives is handed on as changes.
 *
 * A replica that replaces another one (a later epoch, or one fetched anew because its bytes could not be
 * merged) is shown in one step, once it has all that the old one had: the old content stays until then.
 */

import { createHash } from 'node:crypto';
import { Catalog, type CatalogEvent, catalogName } from '../../../crdt/catalog.js';
import { type Change, hashOf, readChanges } from '../../../crdt/change-reader.js';
import { Document, type Heads } from '../../../crdt/document.js';
import { sameEntry } from '../../../crdt/entry.js';
import {
  type Holdings,
  type HoldingsChange,
  HoldingsReplica,
  holdingsName,
  parseHoldingsName,
} from '../../../crdt/holdings.js';
import { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { Documents } from '../../../crdt/peer-sync.js';
import { InvalidError } from '../../../model/errors.js';
import { ChangeProofs } from './change-proofs.js';
import { changeText, type Identity, isSignedBy, type Proof, type Signatures } from '../identity.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { Log, Runtime } from '../runtime.js';

/** Who wants to know of what arrives. */
export interface DocumentListener {
  onHoldings(incarnation: Incarnation, changes: HoldingsChange[]): void;
  onCatalog(events: CatalogEvent[]): void;
  /** A document is other than it was: peers may have to be told. */
  onMerged(name: string): void;
  /** A document that this daemon writes was made anew: peers are to be told. */
  onRebuilt(name: string): void;
}

/** How often in a row a replica is fetched anew before it is said that this leads nowhere. */
const unrepaired = 3;

export class DocumentStore implements Documents {
  catalog: Catalog;
  #ownRunId: string | undefined;
  /** Replicas on their way: not shown before they are complete. */
  readonly #arriving = new Map<string, HoldingsReplica>();
  /** All documents by name, until one comes, goes or takes another's place. */
  #byName: Map<string, Document> | undefined;
  /** What the document of a name adds to the digest at its heads. */
  readonly #hashes = new Map<string, { heads: Heads; words: Uint32Array }>();
  #digest: string | undefined;
  /** This daemon's, and those of its former incarnations whose documents are still here. */
  readonly #identities = new Map<string, Identity>();
  /** What was signed last: all peers get the same. */
  #signed: { text: string; proof: Proof } | undefined;
  /** What shows that the owner of a replica wrote it. */
  readonly #proofs = new Map<string, ChangeProofs>();
  /** Why a change was left out of the catalog last, so that the log says it once. */
  #misfit: string | undefined;
  #repairing = false;

  constructor(
    private readonly runtime: Pick<Runtime, 'randomId' | 'defer' | keyof Signatures>,
    private readonly membership: Membership,
    private readonly now: () => number,
    private readonly log: Log,
    private readonly listener: DocumentListener,
  ) {
    this.catalog = new Catalog(this.newDocument());
  }

  /** An empty document with a writer's id that nobody else has. */
  newDocument(): Document {
    const actor = createHash('sha256').update(this.runtime.randomId()).digest('hex').slice(0, 32);
    return new Document(actor, (error) => this.#onDeath(error));
  }

  /** Whatever was being done with it is finished first. */
  #onDeath(error: unknown): void {
    this.log.error({ error: String(error) }, 'Automerge has failed on a document, which is made anew');
    if (this.#repairing) return;
    this.#repairing = true;
    this.runtime.defer(() => {
      this.#repairing = false;
      try {
        this.#repair();
      } catch (again) {
        this.log.error({ error: String(again) }, 'a document cannot be made anew');
      }
    });
  }

  /** From now on `own` is what this daemon shows as its holdings. */
  publish(self: Incarnation, own: OwnHoldings, identity: Identity): void {
    this.#ownRunId = self.runId;
    this.#identities.set(self.runId, identity);
    self.holdings = own;
    this.#rearranged();
  }

  /** This daemon has no holdings of its own any more: what it had is a replica like any other. */
  unpublish(): void {
    this.#ownRunId = undefined;
    this.#rearranged();
  }

  /** Something was committed here. */
  committed(): void {
    this.#digest = undefined;
  }

  /** The own holdings have another document than before. */
  changed(): void {
    this.#rearranged();
  }

  names(): Iterable<string> {
    return this.#documents().keys();
  }

  get(name: string): Document | undefined {
    return this.#documents().get(name);
  }

  wants(name: string): boolean {
    if (name === catalogName) return true;
    const parsed = parseHoldingsName(name);
    if (!parsed || parsed.runId === this.#ownRunId || this.membership.isForgotten(parsed.runId)) return false;
    const least = this.membership.get(parsed.runId)?.holdings ?? this.#arriving.get(parsed.runId);
    return least === undefined || parsed.epoch >= least.epoch;
  }

  isShared(name: string): boolean {
    return name === catalogName;
  }

  merge(name: string, changes: readonly (Change | Uint8Array)[], proof?: Proof): void {
    const read = readChanges(changes);
    if (proof && read.length > 0) this.#proofsOf(name).add(read, proof);
    if (name === catalogName) this.#mergeCatalog(read);
    else this.#mergeHoldings(name, read);
    this.#digest = undefined;
    this.listener.onMerged(name);
  }

  /**
   * Throws InvalidError for changes of somebody's holdings that their owner has not signed: they must be a line, of which the last one
   * is signed.
   * @param teller  who sent them, if that is certain
   */
  check(name: string, changes: readonly Change[], proof: Proof | undefined, teller?: string): void {
    const parsed = parseHoldingsName(name);
    const last = changes.at(-1);
    if (!parsed || !last || !this.wants(name)) return;
    const isLine = changes.every(
      ({ deps }, index) => deps.length <= 1 && (index === 0 || deps[0] === changes[index - 1]!.hash),
    );
    // Of a line of which the last one is here, all are.
    const isKnown = isLine && this.get(name)?.knows([last.hash]) === true;
    const text = changeText(name, last.hash);
    // Of the owner itself the signature is verified when it is handed on.
    const isOwners = isLine && proof !== undefined && teller === parsed.runId;
    if (isKnown || isOwners || (isLine && proof && isSignedBy(this.runtime, parsed.runId, text, proof)))
      return;
    throw new InvalidError(`changes of ${name} that its owner did not sign`);
  }

  prove(name: string, changes: readonly Uint8Array[], most: number): { count: number; proof?: Proof } {
    const parsed = parseHoldingsName(name);
    if (!parsed) return { count: most };
    const identity = this.#identities.get(parsed.runId);
    if (identity) {
      const text = changeText(name, hashOf(changes[most - 1]!));
      if (this.#signed?.text !== text) this.#signed = { text, proof: [identity.key, identity.sign(text)] };
      return { count: most, proof: this.#signed.proof };
    }
    const proofs = this.#proofs.get(name);
    const counts = [...Array(most).keys()].map((before) => most - before);
    for (let count = most + 1; count <= changes.length; count++) counts.push(count);
    for (const count of counts) {
      const hash = hashOf(changes[count - 1]!);
      const proof = proofs?.get(hash);
      if (proof && isSignedBy(this.runtime, parsed.runId, changeText(name, hash), proof))
        return { count, proof };
    }
    return { count: 0 };
  }

  /** Shows what a change says that is merged right after. Returns whether anything is different by it. */
  takeAhead(name: string, change: Change): boolean {
    const parsed = parseHoldingsName(name);
    const incarnation = parsed && this.membership.get(parsed.runId);
    const shown = incarnation && this.#shownReplica(incarnation, parsed.epoch);
    if (!shown) return false;
    const changes = shown.takeAhead(change);
    this.#handOn(incarnation, changes);
    return changes.length > 0;
  }

  /**
   * Begins with the catalog of an earlier time, which is merged with those of the peers as any replica is. For a daemon
   * that has not started. Throws what Automerge throws on bytes that are no catalog.
   */
  loadCatalog(saved: Uint8Array): void {
    this.catalog.load(saved);
    this.#digest = undefined;
  }

  discard(name: string): void {
    this.#rearranged();
    if (name === catalogName) return this.#renewCatalog();
    const parsed = parseHoldingsName(name);
    if (!parsed || !this.wants(name)) return;
    this.#arriving.get(parsed.runId)?.document.free();
    this.#arriving.set(parsed.runId, new HoldingsReplica(this.newDocument(), parsed.epoch));
    const incarnation = this.membership.get(parsed.runId);
    if (!incarnation) return;
    if (++incarnation.fetchedAnew === unrepaired)
      this.log.error({ document: name }, 'what this daemon holds cannot be read: it is fetched anew in vain');
  }

  /** The one place where documents on which Automerge has failed are replaced. */
  #repair(): void {
    if (this.catalog.document.dead) {
      this.#rearranged();
      this.#renewCatalog();
      this.listener.onRebuilt(catalogName);
    }
    for (const { runId, holdings } of [...this.membership.all()]) {
      const arriving = this.#arriving.get(runId);
      if (arriving?.document.dead) this.discard(holdingsName(runId, arriving.epoch));
      if (holdings instanceof OwnHoldings) this.#repairOwn(holdings);
      else if (holdings?.document.dead && !this.#arriving.has(runId))
        this.discard(holdingsName(runId, holdings.epoch));
    }
  }

  #repairOwn(own: OwnHoldings): void {
    if (own.successor?.dead) own.dropSuccessor();
    if (own.document.dead && this.#ownRunId !== undefined) {
      own.rebuild(() => this.newDocument());
      this.listener.onRebuilt(holdingsName(this.#ownRunId, own.epoch));
    }
    this.#rearranged();
  }

  /** The catalog is everybody's own: what this daemon has of it goes on in a document that nothing has happened to. */
  #renewCatalog(): void {
    const before = this.catalog;
    const history = before.document.salvage();
    before.document.free();
    this.catalog = new Catalog(this.newDocument());
    const isRead = history !== undefined && this.catalog.mergeHistory(history);
    if (!isRead) {
      this.log.warn({}, "the catalog's history is lost here, and fetched from peers");
      this.catalog = new Catalog(this.newDocument());
    }
    // Also what was written when the document had failed already.
    this.catalog.restore(before);
  }

  /** Gives back what an incarnation that nobody needs any more took. */
  drop(incarnation: Incarnation): void {
    this.#arriving.get(incarnation.runId)?.document.free();
    this.#arriving.delete(incarnation.runId);
    incarnation.holdings?.document.free();
    incarnation.holdings = undefined;
    this.#identities.delete(incarnation.runId);
    this.#rearranged();
  }

  /** The exclusive or of a hash for each document, so that a change costs one hash and not one for each document. */
  digest(): string {
    if (this.#digest !== undefined) return this.#digest;
    const digest = new Uint32Array(4);
    for (const [name, { heads }] of this.#documents()) {
      let hash = this.#hashes.get(name);
      if (hash?.heads !== heads) this.#hashes.set(name, (hash = { heads, words: stateHash(name, heads) }));
      for (let word = 0; word < digest.length; word++) digest[word]! ^= hash.words[word]!;
    }
    return (this.#digest = Buffer.from(digest.buffer).toString('base64url'));
  }

  #documents(): ReadonlyMap<string, Document> {
    if (this.#byName) return this.#byName;
    const byName = new Map([[catalogName, this.catalog.document]]);
    for (const { runId } of this.membership.all())
      for (const { epoch, document } of this.#documentsOf(runId)) {
        const name = holdingsName(runId, epoch);
        // One that is fetched anew stands for the one of the same name that is still shown.
        if (!byName.has(name)) byName.set(name, document);
      }
    for (const names of [this.#hashes, this.#proofs])
      for (const name of names.keys()) if (!byName.has(name)) names.delete(name);
    return (this.#byName = byName);
  }

  /** Documents came, went or took another's place. */
  #rearranged(): void {
    this.#byName = this.#digest = undefined;
  }

  /** The documents that there are of an incarnation: the one that is shown, and one that is to replace it. */
  #documentsOf(runId: string): { document: Document; epoch: number }[] {
    const shown = this.membership.get(runId)?.holdings;
    const next = shown instanceof OwnHoldings ? shown.offered : this.#arriving.get(runId);
    return [next, shown].filter((one) => one !== undefined);
  }

  /** What is shown of an incarnation, where it is a replica of this epoch and is not being fetched anew. */
  #shownReplica({ runId, holdings }: Incarnation, epoch: number): HoldingsReplica | undefined {
    const isCurrent = holdings?.epoch === epoch && this.#arriving.get(runId)?.epoch !== epoch;
    return isCurrent && holdings instanceof HoldingsReplica ? holdings : undefined;
  }

  #mergeCatalog(changes: readonly Change[]): void {
    const { events, misfit } = this.catalog.merge(changes);
    if (misfit !== undefined && misfit !== this.#misfit)
      this.log.warn({ document: catalogName, why: misfit }, 'left out a change that does not fit');
    this.#misfit = misfit ?? this.#misfit;
    this.listener.onCatalog(events);
  }

  #mergeHoldings(name: string, changes: readonly Change[]): void {
    const { runId, epoch } = parseHoldingsName(name)!;
    const incarnation = this.membership.meet(runId, this.now());
    if (!incarnation) return;
    const current = this.#shownReplica(incarnation, epoch);
    if (current) {
      // Told in any case: what replaces it tells its difference to this.
      this.#handOn(incarnation, this.#mergeInto(incarnation, name, current, changes));
      return;
    }
    const shown = incarnation.holdings;
    const arriving = this.#arriving.get(runId);
    if (arriving && epoch < arriving.epoch) return;
    this.#rearranged();
    const replica = arriving?.epoch === epoch ? arriving : new HoldingsReplica(this.newDocument(), epoch);
    if (arriving !== replica) arriving?.document.free();
    this.#arriving.set(runId, replica);
    this.#mergeInto(incarnation, name, replica, changes);
    if (this.#arriving.get(runId) !== replica || replica.owner?.runId !== runId) return;
    if (shown?.epoch === epoch && !replica.isAsFarAs(shown)) return;
    if (shown instanceof HoldingsReplica && epoch === shown.epoch + 1 && !replica.hasAllOf(shown)) return;
    this.#arriving.delete(runId);
    incarnation.holdings = replica;
    incarnation.fetchedAnew = 0;
    this.#handOn(incarnation, difference(shown, replica));
    shown?.document.free();
  }

  /** What is different by it. A replica that is not as its owner writes it is fetched anew. */
  #mergeInto(
    incarnation: Incarnation,
    name: string,
    replica: HoldingsReplica,
    changes: readonly Change[],
  ): HoldingsChange[] {
    const { changes: different, misfit } = replica.merge(changes);
    if (misfit !== undefined) {
      if (incarnation.fetchedAnew < unrepaired)
        this.log.warn({ document: name, why: misfit }, 'what a peer sent cannot be merged: fetching it anew');
      this.discard(name);
    }
    return different;
  }

  #proofsOf(name: string): ChangeProofs {
    let proofs = this.#proofs.get(name);
    if (!proofs) this.#proofs.set(name, (proofs = new ChangeProofs()));
    return proofs;
  }

  #handOn(incarnation: Incarnation, changes: HoldingsChange[]): void {
    if (changes.length > 0) this.listener.onHoldings(incarnation, changes);
  }
}

/** 128 bits for a document at these heads. */
function stateHash(name: string, heads: Heads): Uint32Array {
  const hash = createHash('sha256').update(`${name}=${heads.join()}`).digest();
  return Uint32Array.from([0, 4, 8, 12], (offset) => hash.readUInt32LE(offset));
}

/** What is different in `to`, as the changes that lead there. */
function difference(from: Holdings | undefined, to: Holdings): HoldingsChange[] {
  const changes: HoldingsChange[] = [{ kind: 'owner', owner: to.owner! }];
  for (const id of from?.entries.keys() ?? []) {
    if (!to.entries.has(id)) changes.push({ kind: 'entry', id, entry: undefined });
  }
  for (const id of from?.released.keys() ?? []) {
    if (!to.released.has(id)) changes.push({ kind: 'released', id, release: undefined });
  }
  for (const id of from?.decided.keys() ?? []) {
    if (!to.decided.has(id)) changes.push({ kind: 'decided', id, decided: undefined });
  }
  for (const [id, entry] of to.entries) {
    const before = from?.entries.get(id);
    if (!before || !sameEntry(before, entry)) changes.push({ kind: 'entry', id, entry });
  }
  for (const [id, release] of to.released) changes.push({ kind: 'released', id, release });
  for (const [id, decided] of to.decided) changes.push({ kind: 'decided', id, decided });
  return changes;
}
