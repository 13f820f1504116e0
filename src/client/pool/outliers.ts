/**
 * Instances that have just failed a caller: left out for a while, which doubles with each failure in a row. The TTL
 * tells later whether they are gone.
 */

import type { Timers } from '../timers.js';

export interface LeaveOut {
  /** Milliseconds after the first failure; default 1000. */
  firstMs?: number | undefined;
  /** Milliseconds at most; default 30000. */
  mostMs?: number | undefined;
}

interface Failing {
  /** Monotonic ms. */
  until: number;
  forMs: number;
}

export class Outliers {
  readonly #failing = new Map<string, Failing>();
  readonly #firstMs: number;
  readonly #mostMs: number;

  constructor(
    private readonly timers: Pick<Timers, 'now'>,
    { firstMs = 1000, mostMs = 30_000 }: LeaveOut = {},
  ) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  /** Failures while it is left out are of requests that were sent before, and do not count again. */
  failed(id: string): void {
    const now = this.timers.now();
    const before = this.#failing.get(id);
    if (before && now < before.until) return;
    const forMs = before ? Math.min(this.#mostMs, 2 * before.forMs) : this.#firstMs;
    this.#failing.set(id, { until: now + forMs, forMs });
  }

  succeeded(id: string): void {
    if (this.#failing.size > 0) this.#failing.delete(id);
  }

  /** Forgets all but those with these ids: an instance that comes back is a new one. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#failing.keys()) if (!ids.has(id)) this.#failing.delete(id);
  }

  isOut(id: string): boolean {
    const failing = this.#failing.get(id);
    return failing !== undefined && this.timers.now() < failing.until;
  }

  /** Those of the first group of which some are not left out. If all are, the first group that is not empty. */
  remaining<T extends { id: string }>(...groups: (readonly T[])[]): readonly T[] {
    for (const group of groups) {
      const remaining = this.#failing.size === 0 ? group : group.filter(({ id }) => !this.isOut(id));
      if (remaining.length > 0) return remaining;
    }
    return groups.find(({ length }) => length > 0) ?? [];
  }
}
