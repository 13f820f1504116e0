/** Waiting until enough instances of a version have been online for long enough, as `bender deploy` does. */

import { formatTarget, type Target } from '../../model/catalog.js';
import { ruledText } from '../../model/drain-rule.js';
import type { Registration } from '../../model/registration.js';
import { Stability } from '../../model/stability.js';
import { targetMatcher } from '../../model/targets.js';
import { duration } from './remaining.js';

export interface Wanted {
  target: Target;
  /** How many have to be online and not draining. */
  atLeast: number;
  /** ms for which they must have been so without a break. */
  stableForMs: number;
}

export class StableWait {
  #stability: Stability;
  readonly #isMeant: (one: Registration) => boolean;

  /** @param begunAt  ms of any clock, as `now` below */
  constructor(
    private readonly wanted: Wanted,
    private readonly begunAt: number,
  ) {
    this.#stability = new Stability(wanted.stableForMs);
    this.#isMeant = targetMatcher(wanted.target);
  }

  /**
   * Takes in the registrations that are online. Returns what is missing, as a sentence; undefined if nothing is.
   *
   * @param isTrusted  whether the page hears its daemon, and that one can be relied on: otherwise the time begins anew
   */
  look(registrations: readonly Registration[], isTrusted: boolean, now: number): string | undefined {
    const { atLeast, stableForMs, target } = this.wanted;
    const waited = `Waiting for ${duration(Math.floor((now - this.begunAt) / 1000) * 1000)}`;
    if (!isTrusted) {
      this.#stability = new Stability(stableForMs);
      return `${waited}: the daemon cannot be relied on now.`;
    }
    const meant = registrations.filter(this.#isMeant);
    this.#stability.update(meant, now);
    const { online } = this.#stability;
    const found = `${online} of ${formatTarget(target)} online${ruledText(meant)}`;
    if (online < atLeast) return `${waited}: ${found}, ${atLeast - online} missing.`;
    const left = this.#stability.stableAt(atLeast) - now;
    return left <= 0 ? undefined : `${waited}: ${found}, switching if that lasts for ${Math.ceil(left / 1000)} s more.`;
  }
}
