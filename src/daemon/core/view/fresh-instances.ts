/**
 * Which instances are not warm, for the backends that have a warm-up.
 *
 * An instance warms from the moment at which this daemon saw it come online, on the lease clock. What was online before
 * this daemon, or before the warm-up was set, is warm. A step is a change of state: the stamp of the app version
 * changes with it, so that answers are made anew. docs/decisions/0041 says why.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { isDraining } from '../../../crdt/entry.js';
import { Transition } from '../../../crdt/transition.js';
import type { View } from '../../../crdt/view.js';
import type { Backend, WeightedTarget } from '../../../model/catalog.js';
import { asId } from '../../../model/registration.js';
import { type Freshness, WarmUps } from '../../../model/warm-up.js';

export interface FreshInstancesContext {
  readonly view: Pick<View, 'winner' | 'online' | 'rules'>;
  readonly backends: () => ReadonlyMap<string, Backend>;
  /** Another object whenever the backends may have changed. */
  readonly heads: () => object;
  readonly now: () => LeaseTime;
}

export class FreshInstances {
  readonly #warmUps = new WarmUps();
  #heads: object | undefined;

  constructor(private readonly context: FreshInstancesContext) {}

  /** Takes changes of the view that happened while this daemon knew what was online before. */
  see(changes: readonly unknown[]): void {
    const { view, heads, backends, now } = this.context;
    // If the same warm-up is set again, what was answered before must not be taken for an answer of then.
    if (heads() !== this.#heads) view.online.touch(this.#warmUps.follow(backends().values()));
    this.#heads = heads();
    const at = now();
    for (const change of changes) if (change instanceof Transition) this.#warmUps.see(change, at);
  }

  /** When the next step is due; Infinity if there is none. */
  next(): LeaseTime {
    return this.#warmUps.next;
  }

  /** Takes the steps that are due. */
  step(): void {
    const { view, now } = this.context;
    const stepped = this.#warmUps.step(now());
    if (stepped.length > 0) view.online.touch(stepped);
  }

  /** The instances of the backend's app that take requests, are not warm, and match. */
  of(pool: Pick<WeightedTarget, 'app' | 'warmupMs'>): Freshness {
    return this.#warmUps.fresh(pool, (id) => {
      const { view } = this.context;
      const entry = view.winner(asId(id))?.entry;
      if (entry === undefined || entry.unhealthy || isDraining(entry)) return false;
      const [app, version] = id.split('/', 2) as [string, string];
      return view.rules.of(app, version) === undefined;
    });
  }
}
