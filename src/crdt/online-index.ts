/** What is online, by app and version, with a stamp on each that moves whenever its content does. */

import { matchesMeta, type MetaFilter } from '../model/meta-filter.js';
import { matchesVersion } from '../model/version.js';
import type { RegistrationId } from '../model/registration.js';
import type { Entry } from './entry.js';

/** What a look-up asks for; `version` may be a semver range. Nothing: everything. */
export interface Query {
  app?: string;
  version?: string;
  /** Only those whose metadata says so. */
  meta?: MetaFilter;
}

type Entries = Map<RegistrationId, Entry>;

/** A group of registrations, and when (by the index's own count of changes) it last changed. */
interface Group {
  stamp: number;
}

interface Version extends Group {
  entries: Entries;
}

interface App extends Group {
  versions: Map<string, Version>;
}

export class OnlineIndex implements Group {
  readonly #apps = new Map<string, App>();
  #size = 0;
  stamp = 0;

  get size(): number {
    return this.#size;
  }

  /** `id` is online with this entry, or (undefined) offline. */
  put(id: RegistrationId, entry: Entry | undefined): void {
    const [appName, versionName] = id.split('/', 2) as [string, string];
    const app = this.#apps.get(appName) ?? { stamp: 0, versions: new Map<string, Version>() };
    const version = app.versions.get(versionName) ?? { stamp: 0, entries: new Map<RegistrationId, Entry>() };
    this.#size -= version.entries.size;
    if (entry === undefined) version.entries.delete(id);
    else version.entries.set(id, entry);
    this.#size += version.entries.size;

    this.stamp = app.stamp = version.stamp = this.stamp + 1;
    if (version.entries.size === 0) app.versions.delete(versionName);
    else app.versions.set(versionName, version);
    if (app.versions.size === 0) this.#apps.delete(appName);
    else this.#apps.set(appName, app);
  }

  /** What matches, sorted by id. */
  select(query: Query): [RegistrationId, Entry][] {
    const ofVersions = this.#versions(query).flatMap(({ entries }) => [...entries]);
    const { meta } = query;
    const found = meta ? ofVersions.filter(([, entry]) => matchesMeta(entry.meta, meta)) : ofVersions;
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /**
   * A number that is the same for as long as `select(query)` answers the same, and never comes back to an
   * earlier one that meant something else; 0 where nothing matches and nothing ever did.
   */
  stampOf({ app, version }: Query): number {
    if (app === undefined) return this.stamp;
    const found = this.#apps.get(app);
    const exact = version === undefined ? undefined : found?.versions.get(version);
    return exact?.stamp ?? found?.stamp ?? 0;
  }

  #versions({ app, version }: Query): Version[] {
    const apps =
      app === undefined ? [...this.#apps.values()] : [this.#apps.get(app)].filter((one) => one !== undefined);
    return apps.flatMap(({ versions }) => {
      if (version === undefined) return [...versions.values()];
      const exact = versions.get(version);
      if (exact) return [exact];
      return [...versions].filter(([name]) => matchesVersion(version, name)).map(([, group]) => group);
    });
  }
}
