/**
 * The state of a watcher, built from the events that it has seen. From a snapshot it derives what has changed
 * meanwhile, so that no change is missed.
 */

import type { Backend, Frontend } from '../model/catalog.js';
import type { DrainRule } from '../model/drain-rule.js';
import type { BenderEvent, Change, DaemonIdentity, Snapshot } from '../model/events.js';
import { previousOf } from '../model/events.js';
import { isSameJson } from '../model/json.js';
import type { Registration } from '../model/registration.js';

/** A change that was sent, or one that was derived from a snapshot: then the reason of an offline event is unknown. */
export type SeenChange = Change | { type: 'offline'; registration: Registration; reason: 'missed' };

/** `initial`: part of the state when the watch began. */
export type SeenEvent = SeenChange & { at: number; initial?: true };

/** Items by key, with the changes that their differences stand for. */
class Shelf<T> {
  readonly things = new Map<string, T>();

  constructor(
    readonly key: (thing: T) => string,
    private readonly say: Record<'came' | 'changed' | 'went', (thing: T, before: T) => SeenChange>,
  ) {}

  /** Replaces all items by `things`, and returns the differences. */
  replace(things: T[]): SeenChange[] {
    const before = new Map(this.things);
    this.things.clear();
    for (const thing of things) this.things.set(this.key(thing), thing);

    const went = [...before].filter(([key]) => !this.things.has(key)).map(([, thing]) => this.say.went(thing, thing));
    const cameOrChanged = things.flatMap((thing) => {
      const old = before.get(this.key(thing));
      if (old === undefined) return [this.say.came(thing, thing)];
      return isSameJson(old, thing) ? [] : [this.say.changed(thing, old)];
    });
    return [...went, ...cameOrChanged];
  }
}

export class Picture {
  readonly #registrations = new Shelf<Registration>(({ id }) => id, {
    came: (registration) => ({ type: 'online', registration }),
    changed: (registration, before) => ({
      type: 'updated',
      registration,
      previous: previousOf(before, registration),
    }),
    went: (registration) => ({ type: 'offline', registration, reason: 'missed' }),
  });
  readonly #backends = new Shelf<Backend>(({ name }) => name, {
    came: (backend) => ({ type: 'backend-created', backend }),
    changed: (backend) => ({ type: 'backend-updated', backend }),
    went: (backend) => ({ type: 'backend-deleted', backend }),
  });
  readonly #frontends = new Shelf<Frontend>(({ name }) => name, {
    came: (frontend) => ({ type: 'frontend-created', frontend }),
    changed: (frontend) => ({ type: 'frontend-updated', frontend }),
    went: (frontend) => ({ type: 'frontend-deleted', frontend }),
  });
  readonly #drainRules = new Shelf<DrainRule>(({ name }) => name, {
    came: (drainRule) => ({ type: 'drain-rule-created', drainRule }),
    changed: (drainRule) => ({ type: 'drain-rule-updated', drainRule }),
    went: (drainRule) => ({ type: 'drain-rule-deleted', drainRule }),
  });
  /** By run id: a restarted daemon is another one. */
  readonly #daemons = new Shelf<DaemonIdentity>(({ runId }) => runId, {
    came: (daemon) => ({ type: 'daemon-online', daemon }),
    changed: (daemon) => ({ type: 'daemon-online', daemon }),
    went: (daemon) => ({ type: 'daemon-offline', daemon }),
  });
  #hasSnapshot = false;

  /** @param tellsInitial  whether the first snapshot counts as changes, too */
  constructor(private readonly tellsInitial = false) {}

  get registrations(): Registration[] {
    return [...this.#registrations.things.values()];
  }

  get backends(): Backend[] {
    return [...this.#backends.things.values()];
  }

  get frontends(): Frontend[] {
    return [...this.#frontends.things.values()];
  }

  get drainRules(): DrainRule[] {
    return [...this.#drainRules.things.values()];
  }

  get daemons(): DaemonIdentity[] {
    return [...this.#daemons.things.values()];
  }

  /**
   * Applies an event and returns the changes that it stands for: a change stands for itself, a snapshot for its
   * differences to the picture so far. The first snapshot (unless `tellsInitial`) and a condition stand for none.
   */
  apply(event: BenderEvent): SeenEvent[] {
    if (event.type === 'condition') return [];
    if (event.type !== 'snapshot') {
      this.#take(event);
      return [event];
    }
    const changes = this.#replace(event);
    const isFirst = !this.#hasSnapshot;
    this.#hasSnapshot = true;
    if (isFirst && !this.tellsInitial) return [];
    return changes.map((change) => ({ ...change, at: event.at, ...(isFirst && { initial: true as const }) }));
  }

  #replace({ daemons, backends, frontends, drainRules = [], registrations }: Snapshot): SeenChange[] {
    return [
      ...this.#daemons.replace(daemons),
      ...this.#backends.replace(backends),
      ...this.#frontends.replace(frontends),
      ...this.#drainRules.replace(drainRules),
      ...this.#registrations.replace(registrations),
    ];
  }

  #take(change: Change): void {
    switch (change.type) {
      case 'online':
      case 'updated':
        return put(this.#registrations, change.registration);
      case 'offline':
        return drop(this.#registrations, change.registration);
      case 'backend-created':
      case 'backend-updated':
        return put(this.#backends, change.backend);
      case 'backend-deleted':
        return drop(this.#backends, change.backend);
      case 'frontend-created':
      case 'frontend-updated':
        return put(this.#frontends, change.frontend);
      case 'frontend-deleted':
        return drop(this.#frontends, change.frontend);
      case 'drain-rule-created':
      case 'drain-rule-updated':
        return put(this.#drainRules, change.drainRule);
      case 'drain-rule-deleted':
        return drop(this.#drainRules, change.drainRule);
      case 'daemon-online':
        return put(this.#daemons, change.daemon);
      case 'daemon-offline':
        return drop(this.#daemons, change.daemon);
    }
  }
}

const put = <T>(shelf: Shelf<T>, thing: T): void => {
  shelf.things.set(shelf.key(thing), thing);
};
const drop = <T>(shelf: Shelf<T>, thing: T): void => {
  shelf.things.delete(shelf.key(thing));
};
