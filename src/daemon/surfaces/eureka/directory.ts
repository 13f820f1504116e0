/** The apps as Eureka's clients name them, in any case. */

import type { Registration } from '../../../model/registration.js';
import type { Group, Registry } from '../../core/registry.js';
import { inTurn } from '../every-registration.js';
import { upperCase } from './instance.js';

type Source = Pick<Registry, 'groups' | 'unhealthyGroups' | 'registrationsIn' | 'stamp' | 'unhealthyStamp'>;

export class Directory {
  /** The apps as they are written, by their names in upper case. */
  #apps: { stamp: string; byName: ReadonlyMap<string, readonly string[]> } = { stamp: '', byName: new Map() };

  constructor(private readonly registry: Source) {}

  /** The names of all apps, sorted, also of those whose instances are all unhealthy. */
  names(): string[] {
    return [...this.#appsNow().keys()].sort();
  }

  /** The online registrations of an app as of now, sorted by id: of all apps that differ only in case. */
  registrationsOf(name: string): Iterable<Registration> {
    return inTurn(this.#groupsOf(name).map((group) => this.registry.registrationsIn(group)));
  }

  /** Whether an instance of the app is online. */
  isOnline(name: string): boolean {
    return this.#groupsOf(name).length > 0;
  }

  #groupsOf(name: string): Group[] {
    return (this.#appsNow().get(upperCase(name)) ?? []).flatMap((app) => this.registry.groups({ app }));
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
