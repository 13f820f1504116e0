/** Which lives are released: a life is, while any holder says so. */

import type { RegistrationId } from '../model/registration.js';
import type { LifeId, RunId } from './ids.js';

/** What a holder says of the released lives of an id. */
interface Ended {
  readonly lives: readonly LifeId[];
  /** Those of them that ended because another version registered at their address. */
  readonly replaced: readonly LifeId[];
}

export class Releases {
  /** Of each released life, how many holdings say so, and how many of them that it was replaced. */
  readonly #counts = new Map<LifeId, { said: number; replaced: number }>();
  /** What each holder has released of an id. */
  readonly #releasedBy = new Map<string, Ended>();

  has(life: LifeId): boolean {
    return this.#counts.has(life);
  }

  /** Whether it was released because another version registered at its address. */
  isReplaced(life: LifeId): boolean {
    return (this.#counts.get(life)?.replaced ?? 0) > 0;
  }

  /** `holder` says this of `id` from now on, and no longer what it said before. */
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
