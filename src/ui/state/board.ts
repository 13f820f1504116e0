/**
 * All that the page knows of the cluster, from the events that it has seen. Invariant: the counts of a group are those
 * of its instances. `take` says what it has changed, so that only that is drawn again.
 */

import { Picture, type SeenChange, type SeenEvent } from '../../client/picture.js';
import type { Backend, Frontend } from '../../model/catalog.js';
import type { DrainRule } from '../../model/drain-rule.js';
import { daemonApp } from '../../model/daemon.js';
import type { BenderEvent, DaemonIdentity } from '../../model/events.js';
import { isSameJson } from '../../model/json.js';
import type { Registration } from '../../model/registration.js';

/** `web/1.0.0`: one version of an app. Neither part has a slash. */
export type GroupKey = string;

export const groupKey = ({ app, version }: Pick<Registration, 'app' | 'version'>): GroupKey => `${app}/${version}`;

/** The instances of one version of an app. */
export interface Group {
  readonly key: GroupKey;
  readonly app: string;
  readonly version: string;
  /** Those that are online, by id. */
  readonly online: Map<string, Registration>;
  /** Those that are offline only because they are unhealthy, by id. */
  readonly unhealthy: Map<string, Registration>;
  /** How many of those that are online drain. */
  draining: number;
}

/** What has to be drawn again. */
export interface Touched {
  groups: Set<GroupKey>;
  /** Groups have come or gone, or backends or frontends have changed. */
  structure: boolean;
  /** Backends or frontends have changed. */
  catalog: boolean;
  daemons: boolean;
}

export class Board {
  readonly groups = new Map<GroupKey, Group>();
  readonly backends = new Map<string, Backend>();
  readonly frontends = new Map<string, Frontend>();
  readonly drainRules = new Map<string, DrainRule>();
  /** By run id. */
  readonly daemons = new Map<string, DaemonIdentity>();
  readonly #picture = new Picture(true);
  #total = 0;

  /** How many registrations are online, without those of the daemons. */
  get total(): number {
    return this.#total;
  }

  /** The registration with this id, if it is online or unhealthy. */
  find(id: string): { registration: Registration; state: 'online' | 'unhealthy' } | undefined {
    const [app, version] = id.split('/');
    const group = this.groups.get(`${app}/${version}`);
    const online = group?.online.get(id);
    if (online) return { registration: online, state: 'online' };
    const unhealthy = group?.unhealthy.get(id);
    return unhealthy && { registration: unhealthy, state: 'unhealthy' };
  }

  /** How many instances of each version of an app are online and not draining. */
  available(app: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const group of this.groups.values())
      if (group.app === app) counts.set(group.version, group.online.size - group.draining);
    return counts;
  }

  /** How many instances of its version take part if this one drains, or if it does not. An unhealthy one never does. */
  availableIf(id: string, drains: boolean): number {
    const found = this.find(id);
    if (!found) return 0;
    const { app, version, draining } = found.registration;
    const countOf = (isDraining: boolean): number => (found.state === 'online' && !isDraining ? 1 : 0);
    return (this.available(app).get(version) ?? 0) - countOf(draining) + countOf(drains);
  }

  /** Applies an event. Returns the changes that it stands for: a snapshot stands for its differences. */
  take(event: BenderEvent, touched: Touched): SeenEvent[] {
    const seen = this.#picture.apply(event);
    for (const change of seen) this.#apply(change, touched);
    return seen;
  }

  #apply(change: SeenChange, touched: Touched): void {
    if ('registration' in change) return this.#applyToGroup(change, touched);
    if ('daemon' in change) {
      touched.daemons = true;
      if (change.type === 'daemon-online') this.daemons.set(change.daemon.runId, change.daemon);
      else this.daemons.delete(change.daemon.runId);
      return;
    }
    touched.structure = true;
    touched.catalog = true;
    if ('backend' in change) put(this.backends, change.backend, change.type === 'backend-deleted');
    else if ('frontend' in change) put(this.frontends, change.frontend, change.type === 'frontend-deleted');
    else put(this.drainRules, change.drainRule, change.type === 'drain-rule-deleted');
  }

  #applyToGroup(change: SeenChange & { registration: Registration }, touched: Touched): void {
    const { registration } = change;
    const { id } = registration;
    const group = this.#group(registration, touched);
    touched.groups.add(group.key);
    const before = group.online.get(id);
    const counts = group.app === daemonApp ? 0 : 1;
    if (before) this.#total -= counts;
    if (before?.draining) group.draining--;
    group.unhealthy.delete(id);
    if (change.type !== 'offline') {
      this.#total += counts;
      if (registration.draining) group.draining++;
      group.online.set(id, registration);
      return;
    }
    group.online.delete(id);
    if (change.reason === 'unhealthy')
      group.unhealthy.set(id, { ...registration, unhealthy: change.detail ?? 'it does not say why' });
    this.#dropIfEmpty(group, touched);
  }

  /** All unhealthy instances, by id. */
  unhealthy(): Map<string, Registration> {
    const all = new Map<string, Registration>();
    for (const group of this.groups.values()) for (const [id, one] of group.unhealthy) all.set(id, one);
    return all;
  }

  /**
   * Takes a list of the unhealthy instances in. No event says that one of them has ended, and a snapshot has none of
   * them. What an event says of an instance is later than the list, and counts.
   *
   * @param asked  the unhealthy instances when the list was asked for: only those may have ended
   */
  takeUnhealthy(listed: readonly Registration[], asked: ReadonlyMap<string, Registration>, touched: Touched): void {
    const known = this.unhealthy();
    const ids = new Set<string>(listed.map(({ id }) => id));
    for (const [id, one] of known) if (!ids.has(id) && asked.get(id) === one) this.#forgetUnhealthy(id, touched);
    for (const one of listed) {
      const before = known.get(one.id);
      if (before === asked.get(one.id) && !isSameJson(before, one)) this.#putUnhealthy(one, touched);
    }
  }

  #putUnhealthy(registration: Registration, touched: Touched): void {
    const group = this.#group(registration, touched);
    if (group.online.has(registration.id)) return;
    group.unhealthy.set(registration.id, registration);
    touched.groups.add(group.key);
  }

  #forgetUnhealthy(id: string, touched: Touched): void {
    const [app, version] = id.split('/');
    const group = this.groups.get(`${app}/${version}`);
    if (!group?.unhealthy.delete(id)) return;
    touched.groups.add(group.key);
    this.#dropIfEmpty(group, touched);
  }

  #dropIfEmpty({ key, online, unhealthy }: Group, touched: Touched): void {
    if (online.size > 0 || unhealthy.size > 0) return;
    this.groups.delete(key);
    touched.structure = true;
  }

  #group(of: Registration, touched: Touched): Group {
    const key = groupKey(of);
    let group = this.groups.get(key);
    if (group) return group;
    group = { key, app: of.app, version: of.version, online: new Map(), unhealthy: new Map(), draining: 0 };
    this.groups.set(key, group);
    touched.structure = true;
    return group;
  }
}

export const nothingTouched = (): Touched => ({ groups: new Set(), structure: false, catalog: false, daemons: false });

function put<T extends { name: string }>(things: Map<string, T>, thing: T, isGone: boolean): void {
  if (isGone) things.delete(thing.name);
  else things.set(thing.name, thing);
}
