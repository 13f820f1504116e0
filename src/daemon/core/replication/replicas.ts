/**
 * Replicas of the other daemons' holdings. A replica that replaces another one (a later epoch, or one that is fetched
 * again because its changes could not be merged) takes its place in one step, once it has everything that the old one
 * had. The old content counts until then.
 */

import type { Change } from '../../../crdt/change-reader.js';
import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Document } from '../../../crdt/document.js';
import {
  differenceOf,
  type HoldingsChange,
  HoldingsReplica,
  holdingsName,
  parseHoldingsName,
} from '../../../crdt/holdings.js';
import type { DocumentName, RunId } from '../../../crdt/ids.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { Log } from '../log.js';
import type { Names } from '../runtime.js';

/** How often in a row a replica is fetched again before an error is logged. */
const unrepaired = 3;

const failed = 'Automerge has failed on it';

/** What has changed in an incarnation's holdings. */
export interface ArrivedHoldings {
  readonly incarnation: Incarnation;
  readonly changes: readonly HoldingsChange[];
}

export class Replicas {
  /** Replicas that are not complete yet. They do not count before they are. */
  readonly #arriving = new Map<RunId, HoldingsReplica>();
  #arrangement = 0;

  /** @param now  lease-clock ms */
  constructor(
    private readonly membership: Membership,
    private readonly newDocument: () => Document,
    private readonly now: () => LeaseTime,
    private readonly log: Pick<Log, 'warn' | 'error'>,
    private readonly names?: Names,
  ) {}

  /** Changes whenever a replica is added, removed or replaced. */
  get arrangement(): number {
    return this.#arrangement;
  }

  /** The incomplete replica of an incarnation, if there is one. */
  arriving(runId: RunId): HoldingsReplica | undefined {
    return this.#arriving.get(runId);
  }

  /** Merges what arrived. Returns how the replica that counts has changed. */
  merge(name: DocumentName, changes: readonly Change[]): ArrivedHoldings | undefined {
    const { runId, epoch } = parseHoldingsName(name)!;
    const incarnation = this.membership.meet(runId, this.now());
    if (!incarnation) return undefined;
    const current = this.#shown(incarnation, epoch);
    // Even if it is about to be replaced: the replacement is compared with this one.
    if (current) return { incarnation, changes: this.#mergeInto(name, current, changes) };
    const shown = incarnation.holdings;
    const arriving = this.#arriving.get(runId);
    if (arriving && epoch < arriving.epoch) return undefined;
    this.#arrangement++;
    const replica = arriving?.epoch === epoch ? arriving : this.#newReplica(epoch);
    if (arriving !== replica) arriving?.document.free();
    this.#arriving.set(runId, replica);
    this.#mergeInto(name, replica, changes);
    if (this.#arriving.get(runId) !== replica || replica.owner?.runId !== runId) return undefined;
    if (shown?.epoch === epoch && !replica.isAsFarAs(shown)) return undefined;
    if (shown instanceof HoldingsReplica && epoch === shown.epoch + 1 && !replica.hasAllOf(shown)) return undefined;
    this.#arriving.delete(runId);
    incarnation.hold(replica);
    const difference = differenceOf(shown, replica);
    shown?.document.free();
    return { incarnation, changes: difference };
  }

  /** The effect of a change that is merged right after. */
  preview(name: DocumentName, change: Change): ArrivedHoldings | undefined {
    const parsed = parseHoldingsName(name);
    const incarnation = parsed && this.membership.get(parsed.runId);
    const shown = incarnation && this.#shown(incarnation, parsed.epoch);
    return shown && { incarnation, changes: shown.preview(change) };
  }

  /** Fetches a replica again. Its old content counts until the new one is complete. */
  discard(name: DocumentName, reason: string): void {
    this.log.warn({ document: name, reason }, 'fetching a document again');
    const { runId, epoch } = parseHoldingsName(name)!;
    this.#arrangement++;
    this.#arriving.get(runId)?.document.free();
    this.#arriving.set(runId, this.#newReplica(epoch));
    const incarnation = this.membership.get(runId);
    if (!incarnation) return;
    if (incarnation.fetchAgain() === unrepaired)
      this.log.error({ document: name }, 'a document cannot be read, however often it is fetched');
  }

  /** Fetches the replicas again on which Automerge has failed. */
  repair({ runId, holdings }: Incarnation): void {
    const arriving = this.#arriving.get(runId);
    if (arriving?.document.dead) this.discard(holdingsName(runId, arriving.epoch), failed);
    if (holdings instanceof HoldingsReplica && holdings.document.dead && !this.#arriving.has(runId))
      this.discard(holdingsName(runId, holdings.epoch), failed);
  }

  /** Frees the documents of an incarnation that no longer matters. */
  drop(incarnation: Incarnation): void {
    this.#arrangement++;
    this.#arriving.get(incarnation.runId)?.document.free();
    this.#arriving.delete(incarnation.runId);
    incarnation.holdings?.document.free();
    incarnation.hold(undefined);
  }

  /** A new replica. It has no owner, and does not count, while the owner's name is not proven. */
  #newReplica(epoch: number): HoldingsReplica {
    const { names } = this;
    return new HoldingsReplica(this.newDocument(), epoch, names && ((owner) => names.isProven(owner)));
  }

  /** The replica of an incarnation that counts, if it is of this epoch and is not being fetched again. */
  #shown({ runId, holdings }: Incarnation, epoch: number): HoldingsReplica | undefined {
    const isCurrent = holdings?.epoch === epoch && this.#arriving.get(runId)?.epoch !== epoch;
    return isCurrent && holdings instanceof HoldingsReplica ? holdings : undefined;
  }

  /** Returns what has changed. A replica that is not as its owner writes it is fetched again. */
  #mergeInto(name: DocumentName, replica: HoldingsReplica, changes: readonly Change[]): HoldingsChange[] {
    const { changes: different, misfit } = replica.merge(changes);
    if (misfit !== undefined) this.discard(name, misfit);
    return different;
  }
}
