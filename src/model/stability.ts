/** For how long instances have been online without a break, as far as this watcher has seen. */

import type { Registration } from './registration.js';

export class Stability {
  /** By id: which life of it, and since when (ms of any clock) it is online and not draining. */
  readonly #since = new Map<string, { life: string; since: number }>();

  constructor(private readonly stableForMs: number) {}

  /** How many are online and not draining. */
  get online(): number {
    return this.#since.size;
  }

  /** Takes in the registrations that are online. Call it for each change: an instance that comes back starts again. */
  update(registrations: readonly Registration[], now: number): void {
    const counted = registrations.filter(({ draining }) => !draining);
    const ids = new Set<string>(counted.map(({ id }) => id));
    for (const id of this.#since.keys()) if (!ids.has(id)) this.#since.delete(id);
    for (const registration of counted) {
      const life = lifeOf(registration);
      if (this.#since.get(registration.id)?.life !== life) this.#since.set(registration.id, { life, since: now });
    }
  }

  /** When so many will have been online for long enough, if nothing changes; Infinity if there are not so many. */
  stableAt(count: number): number {
    const earliest = [...this.#since.values()].map(({ since }) => since).sort((a, b) => a - b);
    return (earliest[count - 1] ?? Infinity) + this.stableForMs;
  }
}

/** Tells two starts at one address apart, also if the end of the first was missed. */
const lifeOf = ({ instance, registered }: Registration): string => `${instance} ${registered}`;
