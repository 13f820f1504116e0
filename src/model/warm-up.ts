/**
 * Slow start: the weight of an instance rises in steps from the moment at which it came online. It is a quarter at
 * first, a half and three quarters after each third of the warm-up, and the whole at its end.
 *
 * Instances that come online close together are taken as one cohort, which steps at once: an instance may be up to a
 * sixteenth of the warm-up early. So the number of steps depends on the time, and not on the number of instances.
 */

import type { WeightedTarget } from './catalog.js';

/** From 1 to 4 quarters of the weight. */
export const warmUpSteps = 4;

/** Cohorts that there are at most at a time. */
const mostCohorts = 16;

/** How many quarters of their weight instances have, by id. What is not in it has its whole weight. */
export type Freshness = ReadonlyMap<string, number>;

export const allWarm: Freshness = new Map();

interface Cohort {
  /** When the first of it came online. */
  readonly at: number;
  readonly ids: Set<string>;
  quarters: number;
}

class WarmUp {
  /** The oldest first. */
  #cohorts: Cohort[] = [];
  readonly #of = new Map<string, Cohort>();

  /** @param ms  how long it takes; all times are of one clock that never goes back */
  constructor(readonly ms: number) {}

  /** An instance has come online. */
  begin(id: string, now: number): void {
    this.#of.get(id)?.ids.delete(id);
    const last = this.#cohorts.at(-1);
    const isNew = !last || now - last.at >= this.ms / mostCohorts;
    const cohort = isNew ? { at: now, ids: new Set<string>(), quarters: 1 } : last;
    if (isNew) this.#cohorts.push(cohort);
    cohort.ids.add(id);
    this.#of.set(id, cohort);
  }

  /** When the next step is due; Infinity if all are warm. */
  get next(): number {
    return this.#cohorts.reduce((earliest, cohort) => Math.min(earliest, this.#dueAt(cohort)), Infinity);
  }

  /** Takes the steps that are due. Returns the instances whose weight is another now. */
  step(now: number): string[] {
    const stepped: string[] = [];
    for (const cohort of this.#cohorts) {
      const before = cohort.quarters;
      while (cohort.quarters < warmUpSteps && now >= this.#dueAt(cohort)) cohort.quarters++;
      if (cohort.quarters === before) continue;
      for (const id of cohort.ids) stepped.push(id);
      if (cohort.quarters === warmUpSteps) for (const id of cohort.ids) this.#of.delete(id);
    }
    this.#cohorts = this.#cohorts.filter(({ quarters }) => quarters < warmUpSteps);
    return stepped;
  }

  /** An instance has gone offline. */
  end(id: string): void {
    this.#of.get(id)?.ids.delete(id);
    this.#of.delete(id);
  }

  /** Those that are not warm as of the last step, and that `isMeant` lets through. */
  fresh(isMeant: (id: string) => boolean): Freshness {
    if (this.#of.size === 0) return allWarm;
    const found = new Map<string, number>();
    for (const [id, { quarters }] of this.#of) if (isMeant(id)) found.set(id, quarters);
    return found;
  }

  #dueAt({ at, quarters }: Cohort): number {
    return at + (quarters * this.ms) / (warmUpSteps - 1);
  }
}

/** The warm-ups of all backends that have one. Nothing is kept while there is none. */
export class WarmUps {
  /** By app and duration: backends that agree in both share one. */
  #ofApp = new Map<string, Map<number, WarmUp>>();
  /** Those that have steps to take: at each change of the view, the next step is asked for. */
  readonly #warming = new Set<WarmUp>();

  /**
   * Begins what backends have come to need, and ends what they need no longer. Returns the instances that are warm by
   * that.
   */
  follow(backends: Iterable<WeightedTarget>): string[] {
    const before = this.#ofApp;
    this.#ofApp = new Map();
    for (const { app, warmupMs } of backends) {
      if (warmupMs === undefined) continue;
      const needed = this.#ofApp.get(app) ?? new Map<number, WarmUp>();
      this.#ofApp.set(app, needed);
      if (!needed.has(warmupMs)) needed.set(warmupMs, before.get(app)?.get(warmupMs) ?? new WarmUp(warmupMs));
    }
    const warm: string[] = [];
    for (const [app, known] of before)
      for (const [ms, warmUp] of known) {
        if (this.#ofApp.get(app)?.has(ms)) continue;
        this.#warming.delete(warmUp);
        warm.push(...warmUp.fresh(() => true).keys());
      }
    return warm;
  }

  see(change: { id: string; type: 'online' | 'updated' | 'offline' }, now: number): void {
    if (this.#ofApp.size === 0 || change.type === 'updated') return;
    const app = change.id.slice(0, change.id.indexOf('/'));
    for (const warmUp of this.#ofApp.get(app)?.values() ?? []) {
      if (change.type === 'offline') {
        warmUp.end(change.id);
        continue;
      }
      warmUp.begin(change.id, now);
      this.#warming.add(warmUp);
    }
  }

  /** When the next step is due; Infinity if there is none. */
  get next(): number {
    let next = Infinity;
    for (const warmUp of this.#warming) next = Math.min(next, warmUp.next);
    return next;
  }

  /** Takes the steps that are due. Returns the instances whose weight is another now. */
  step(now: number): string[] {
    const stepped = [...this.#warming].flatMap((warmUp) => warmUp.step(now));
    for (const warmUp of this.#warming) if (warmUp.next === Infinity) this.#warming.delete(warmUp);
    return stepped;
  }

  /** Those of a backend's app that are not warm as of the last step, and that `serves` lets through. */
  fresh(
    { app, warmupMs }: Pick<WeightedTarget, 'app' | 'warmupMs'>,
    serves: (id: string) => boolean = () => true,
  ): Freshness {
    const known = warmupMs === undefined ? undefined : this.#ofApp.get(app)?.get(warmupMs);
    return known?.fresh(serves) ?? allWarm;
  }
}
