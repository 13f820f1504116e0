/** Which lives are released: a life is released while the holdings of any daemon have a release of it. */

import type { RegistrationId } from '../model/registration.js';
import type { LifeId, RunId } from './ids.js';

/** The releases of an id in the holdings of one daemon. */
interface Ended {
  readonly lives: readonly LifeId[];
  /** Those that ended because another version or instance was registered at their address. */
  readonly replaced: readonly LifeId[];
}

export class Releases {
  /** For each released life, how many holdings have a release of it, and how many of these say that it was replaced. */
  readonly #counts = new Map<LifeId, { said: number; replaced: number }>();
  /** The releases of each holder, by holder and id. */
  readonly #releasedBy = new Map<string, Ended>();

  has(life: LifeId): boolean {
    return this.#counts.has(life);
  }

  /** Whether it was released because another version or instance was registered at its address. */
  isReplaced(life: LifeId): boolean {
    return (this.#counts.get(life)?.replaced ?? 0) > 0;
  }

  /** Replaces what `holder` has released of `id`. */
  set(holder: RunId, id: RegistrationId, now: Ended): void {
    const key = `${holder} ${id}`;
    const before = this.#releasedBy.get(key);
    if (before) this.#count(before, -1);
    this.#count(now, 1);
    if (now.lives.length > 0) this.#releasedBy.set(key, now);
    else this.#releasedBy.delete(key);
  }

  #count({ lives, replaced }: Ended, by: 1 | -1): void {
    for (const life of lives) {
      const count = this.#counts.get(life) ?? { said: 0, replaced: 0 };
      count.said += by;
      if (replaced.includes(life)) count.replaced += by;
      if (count.said > 0) this.#counts.set(life, count);
      else this.#counts.delete(life);
    }
  }
}
