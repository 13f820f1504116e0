/**
 * Which daemon probes an instance: the one that holds it. The daemons that see an orphan try in the order of a
 * rendezvous hash, one after the other, so that one that cannot reach the instance does not decide alone, and daemons
 * agree without asking each other. A pass takes the orphan over, and the others see that and stop.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Entry } from '../../../crdt/entry.js';
import { type Copy, outranks, type View } from '../../../crdt/view.js';
import { isLoopback } from '../../../model/loopback.js';
import { addressOf, type RegistrationId } from '../../../model/registration.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { Probes } from '../runtime.js';
import type { Published, Self } from '../self.js';
import { hash } from './hash.js';

/** ms beyond the timeout of a probe that its daemon has to tell the next one. */
const tellMs = 500;

export interface DutyContext {
  readonly view: View;
  readonly membership: Pick<Membership, 'get' | 'live'>;
  readonly probes: Probes | undefined;
  readonly self: () => Self;
}

export class Duty {
  constructor(private readonly context: DutyContext) {}

  /** When (lease-clock ms) this daemon is to begin to probe; undefined if it is not, because another daemon does. */
  beginsAt(id: RegistrationId, winner: Copy): LeaseTime | undefined {
    const { self, probes } = this.context;
    const { runId, published } = self();
    const { check } = winner.entry;
    if (!published || !check || probes?.refusal(addressOf(id)) !== undefined) return undefined;
    const held = this.#bestHeld(id, winner);
    // Spread over the interval, so that what was registered together is not probed together.
    if (held?.holder === runId) return published.holder.entries.renewedAt(id) + (hash(id) % check.interval);
    if (held && !isLess(held, winner)) return undefined;
    const lost = this.context.membership.get(winner.holder);
    const rank = lost && this.#rank(id, lost, published);
    return rank === undefined ? undefined : lost!.lostAt + rank * (check.timeout + tellMs);
  }

  /** Whether another live daemon holds a healthy copy of that life. */
  isHeldElsewhere(id: RegistrationId, { life }: Entry): boolean {
    const { view, membership, self } = this.context;
    const { runId } = self();
    return view.copies(id).some(({ holder, entry }) => {
      const isHealthy = entry.life === life && !entry.unhealthy;
      return isHealthy && holder !== runId && membership.get(holder)?.lost === false;
    });
  }

  /** The best copy of that life that a live daemon holds. */
  #bestHeld(id: RegistrationId, { entry: { life } }: Copy): Copy | undefined {
    const { view, membership } = this.context;
    let best: Copy | undefined;
    for (const copy of view.copies(id)) {
      if (copy.entry.life !== life || membership.get(copy.holder)?.lost !== false) continue;
      if (best === undefined || outranks(copy, best)) best = copy;
    }
    return best;
  }

  /** How many daemons try before this one; undefined if this one must not. */
  #rank(id: RegistrationId, lost: Incarnation, { incarnation }: Published): number | undefined {
    const isNear = isLoopback(addressOf(id).host)
      ? (one: Incarnation) => machineOf(one) === machineOf(lost)
      : () => true;
    if (!isNear(incarnation)) return undefined;
    const score = ({ runId }: Incarnation): number => hash(`${id} ${runId}`);
    const own = score(incarnation);
    return this.context.membership.live().filter((one) => one !== incarnation && isNear(one) && score(one) > own)
      .length;
  }
}

/** Whether a daemon that was lost has a later value, or could reach what the holder of this copy cannot. */
const isLess = ({ entry: one }: Copy, { entry: other }: Copy): boolean =>
  one.rev < other.rev || (one.rev === other.rev && !!one.unhealthy && !other.unhealthy);

/** A loopback address means something on one machine only. */
const machineOf = ({ holdings }: Incarnation): string => new URL(holdings!.owner!.url).hostname;
