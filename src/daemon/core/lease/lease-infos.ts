/**
 * What is known of the leases on registrations. Leases are not replicated, so the holders are asked for those that this
 * daemon does not hold: only when a client asks, and for a short time. What a holder has not said is left out.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { DaemonUrl } from '../../../crdt/ids.js';
import type { Copy, View } from '../../../crdt/view.js';
import type { LeaseInfo } from '../../../model/lease.js';
import { limits } from '../../../model/limits.js';
import { asId, type RegistrationId } from '../../../model/registration.js';
import type { Watch } from '../checks/watch.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { HeldLease } from '../replication/frame.js';
import { leasesForMs } from '../replication/timing.js';
import { within } from '../replication/within.js';
import type { Runtime } from '../runtime.js';
import type { Self } from '../self.js';
import { lapseTime } from '../view/orphans.js';

/** Requests to holders that are under way at a time. Beyond that, what others hold is not known. */
const mostRequests = 16;

export interface LeaseInfosContext {
  readonly runtime: Pick<Runtime, 'after'>;
  readonly view: Pick<View, 'winner' | 'copies'>;
  readonly membership: Pick<Membership, 'get'>;
  readonly self: () => Self;
  /** What is known of an instance that this daemon probes. */
  readonly watchOn: (id: RegistrationId) => Readonly<Watch> | undefined;
  /** Asks the holder at a URL for leases; undefined if it does not say. */
  readonly ask: (url: DaemonUrl, ids: RegistrationId[]) => Promise<readonly HeldLease[] | undefined>;
  /** Whether this daemon may be cut off: nothing that lost daemons hold lapses then. */
  readonly isStale: () => boolean;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class LeaseInfos {
  #requests = 0;

  constructor(private readonly context: LeaseInfosContext) {}

  /** What this daemon says of the leases that it holds. */
  held(ids: readonly RegistrationId[]): HeldLease[] {
    return ids.map((id) => this.#held(id));
  }

  /** The leases on those of `ids` that are registered, healthy or not. */
  async of(ids: readonly string[]): Promise<LeaseInfo[]> {
    const infos = new Map<RegistrationId, LeaseInfo>();
    const wanted = new Map<DaemonUrl, RegistrationId[]>();
    for (const id of ids.map(asId)) {
      const holder = this.#holderOf(id);
      if (!holder) continue;
      const { winner, incarnation } = holder;
      const { name, url } = incarnation.holdings!.owner!;
      const info = { id, ttl: winner.entry.ttl, holder: name };
      infos.set(id, incarnation.lost ? { ...info, ...this.#orphaned(winner, incarnation) } : info);
      if (incarnation.lost) continue;
      if (incarnation === this.context.self().published?.incarnation) tell(info, this.#held(id));
      else wanted.set(url, [...(wanted.get(url) ?? []), id]);
    }
    const asked = [...wanted].map(([url, some]) => this.#ask(url, some, infos));
    if (asked.length > 0) await within(this.context.runtime, leasesForMs, Promise.all(asked));
    return [...infos.values()];
  }

  /** The copy by which it is registered, and the daemon that holds its life: one that is alive, if there is one. */
  #holderOf(id: RegistrationId): { winner: Copy; incarnation: Incarnation } | undefined {
    const { view, membership } = this.context;
    const winner = view.winner(id);
    if (!winner) return undefined;
    const holders = [winner, ...view.copies(id).filter(({ entry }) => entry.life === winner.entry.life)]
      .map(({ holder }) => membership.get(holder))
      .filter((one) => one?.holdings?.owner !== undefined);
    const incarnation = holders.find((one) => !one!.lost) ?? holders[0];
    return incarnation && { winner, incarnation };
  }

  #held(id: RegistrationId): HeldLease {
    const { self, now, watchOn } = this.context;
    const entries = self().published?.holder.entries;
    const entry = entries?.get(id);
    if (!entries || !entry) return [];
    const remaining = Math.max(0, Math.round(entries.renewedAt(id) + entry.ttl - now()));
    const watch = watchOn(id);
    if (watch?.life !== entry.life) return [remaining];
    const { passedAt, fails, problem } = watch;
    const passedAgo = Math.max(0, Math.round(now() - passedAt));
    return problem === undefined
      ? [remaining, passedAgo, fails]
      : [remaining, passedAgo, fails, problem.slice(0, limits.unhealthy)];
  }

  #orphaned({ entry }: Copy, holder: Incarnation): Pick<LeaseInfo, 'lost' | 'remaining'> {
    const { now, isStale } = this.context;
    if (isStale()) return { lost: true };
    return { lost: true, remaining: Math.max(0, Math.round(lapseTime(holder, entry) - now())) };
  }

  async #ask(url: DaemonUrl, ids: RegistrationId[], infos: ReadonlyMap<RegistrationId, LeaseInfo>): Promise<void> {
    if (this.#requests >= mostRequests) return;
    this.#requests++;
    try {
      const held = await this.context.ask(url, ids);
      held?.forEach((lease, index) => {
        const info = infos.get(ids[index]!);
        if (info) tell(info, lease);
      });
    } catch {
      // A holder that cannot be reached counts as lost soon.
    } finally {
      this.#requests--;
    }
  }
}

function tell(info: LeaseInfo, [remaining, passedAgo, fails, problem]: HeldLease): void {
  if (remaining === undefined) return;
  info.remaining = remaining;
  if (passedAgo !== undefined && fails !== undefined)
    info.probes = { passedAgo, fails, ...(problem !== undefined && { problem }) };
}
