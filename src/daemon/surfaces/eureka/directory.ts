/** Finds instances by the names that Eureka's clients use: apps in any case, and ids of their own. */

import type { Registration, RegistrationId } from '../../../model/registration.js';
import type { Group, Registry } from '../../core/registry.js';
import { instanceIdOf, upperCase } from './instance.js';

export interface Found {
  id: RegistrationId;
  app: string;
  instance?: string;
}

type Source = Pick<Registry, 'groups' | 'unhealthyGroups' | 'registrationsIn' | 'stamp' | 'unhealthyStamp'>;

export class Directory {
  /** The instances of an app version by their ids, as of its stamp: renewals, which look here, do not change it. */
  readonly #byId = new WeakMap<Group, { stamp: number; found: ReadonlyMap<string, Found> }>();
  /** The apps as they are written, by their names in upper case. */
  #apps: { stamp: string; byName: ReadonlyMap<string, readonly string[]> } = { stamp: '', byName: new Map() };

  constructor(private readonly registry: Source) {}

  /** The names of all apps, sorted, also of those whose instances are all unhealthy. */
  names(): string[] {
    return [...this.#appsNow().keys()].sort();
  }

  /** The online registrations of an app as of now, sorted by id: of all apps that differ only in case. */
  registrationsOf(name: string): Iterable<Registration> {
    const parts = this.#groupsOf(name).map((group) => this.registry.registrationsIn(group));
    return (function* () {
      for (const part of parts) yield* part;
    })();
  }

  /** Whether an instance of the app is online. */
  isOnline(name: string): boolean {
    return this.#groupsOf(name).length > 0;
  }

  /** Also an instance that is unhealthy. */
  find(name: string, instanceId: string): Found | undefined {
    for (const group of [...this.#groupsOf(name), ...this.#unhealthyGroupsOf(name)]) {
      const found = this.#foundIn(group).get(instanceId);
      if (found) return found;
    }
    return undefined;
  }

  #groupsOf(name: string): Group[] {
    return this.#called(name).flatMap((app) => this.registry.groups({ app }));
  }

  #unhealthyGroupsOf(name: string): Group[] {
    return this.#called(name).flatMap((app) => this.registry.unhealthyGroups({ app }));
  }

  #called(name: string): readonly string[] {
    return this.#appsNow().get(upperCase(name)) ?? [];
  }

  #foundIn(group: Group): ReadonlyMap<string, Found> {
    const known = this.#byId.get(group);
    if (known?.stamp === group.stamp) return known.found;
    const found = new Map<string, Found>();
    for (const registration of this.registry.registrationsIn(group)) {
      const { id, app, instance } = registration;
      found.set(instanceIdOf(registration), { id, app, ...(instance !== undefined && { instance }) });
    }
    this.#byId.set(group, { stamp: group.stamp, found });
    return found;
  }

  #appsNow(): ReadonlyMap<string, readonly string[]> {
    const stamp = `${this.registry.stamp({})} ${this.registry.unhealthyStamp({})}`;
    if (this.#apps.stamp !== stamp) {
      const byName = new Map<string, string[]>();
      const groups = [...this.registry.groups({}), ...this.registry.unhealthyGroups({})];
      for (const app of [...new Set(groups.map((group) => group.app))].sort()) {
        const name = upperCase(app);
        byName.set(name, [...(byName.get(name) ?? []), app]);
      }
      this.#apps = { stamp, byName };
    }
    return this.#apps.byName;
  }
}
