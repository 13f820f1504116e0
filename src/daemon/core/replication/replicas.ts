/**
 * Copies of others' holdings. One that replaces another one (a later epoch, or one fetched anew because its bytes could
 * not be merged) is shown in one step, once it has all that the old one had: the old content stays until then.
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

/** How often in a row a replica is fetched anew before it is said that this leads nowhere. */
const unrepaired = 3;

const failed = 'Automerge has failed on it';

/** What is different in somebody's holdings. */
export interface ArrivedHoldings {
  readonly incarnation: Incarnation;
  readonly changes: readonly HoldingsChange[];
}

export class Replicas {
  /** Those on their way: not shown before they are complete. */
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

  /** Another number whenever a replica came, went or took another's place. */
  get arrangement(): number {
    return this.#arrangement;
  }

  /** The replica of an incarnation that is on its way, if one is. */
  arriving(runId: RunId): HoldingsReplica | undefined {
    return this.#arriving.get(runId);
  }

  /** Merges what arrived. Returns what is different by it in what is shown. */
  merge(name: DocumentName, changes: readonly Change[]): ArrivedHoldings | undefined {
    const { runId, epoch } = parseHoldingsName(name)!;
    const incarnation = this.membership.meet(runId, this.now());
    if (!incarnation) return undefined;
    const current = this.#shown(incarnation, epoch);
    // Told in any case: what replaces it tells its difference to this.
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

  /** What a change says that is merged right after. */
  preview(name: DocumentName, change: Change): ArrivedHoldings | undefined {
    const parsed = parseHoldingsName(name);
    const incarnation = parsed && this.membership.get(parsed.runId);
    const shown = incarnation && this.#shown(incarnation, parsed.epoch);
    return shown && { incarnation, changes: shown.preview(change) };
  }

  /** Fetches a replica again; its old content is shown until the new one is complete. */
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

  /** Replaces those on which Automerge has failed. */
  repair({ runId, holdings }: Incarnation): void {
    const arriving = this.#arriving.get(runId);
    if (arriving?.document.dead) this.discard(holdingsName(runId, arriving.epoch), failed);
    if (holdings instanceof HoldingsReplica && holdings.document.dead && !this.#arriving.has(runId))
      this.discard(holdingsName(runId, holdings.epoch), failed);
  }

  /** Gives back what an incarnation that nobody needs any more took. */
  drop(incarnation: Incarnation): void {
    this.#arrangement++;
    this.#arriving.get(incarnation.runId)?.document.free();
    this.#arriving.delete(incarnation.runId);
    incarnation.holdings?.document.free();
    incarnation.hold(undefined);
  }

  /** It has no owner, and is not shown, while its owner says a name that is not proven. */
  #newReplica(epoch: number): HoldingsReplica {
    const { names } = this;
    return new HoldingsReplica(this.newDocument(), epoch, names && ((owner) => names.isProven(owner)));
  }

  /** What is shown of an incarnation, where it is a replica of this epoch and is not being fetched anew. */
  #shown({ runId, holdings }: Incarnation, epoch: number): HoldingsReplica | undefined {
    const isCurrent = holdings?.epoch === epoch && this.#arriving.get(runId)?.epoch !== epoch;
    return isCurrent && holdings instanceof HoldingsReplica ? holdings : undefined;
  }

  /** What is different by it. A replica that is not as its owner writes it is fetched anew. */
  #mergeInto(name: DocumentName, replica: HoldingsReplica, changes: readonly Change[]): HoldingsChange[] {
    const { changes: different, misfit } = replica.merge(changes);
    if (misfit !== undefined) this.discard(name, misfit);
    return different;
  }
}
