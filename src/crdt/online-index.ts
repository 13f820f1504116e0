/** What is online, by app and version, with a stamp on each that moves whenever its content does. */

import { matchesMeta, type MetaFilter } from '../model/meta-filter.js';
import { isRange, versionMatcher } from '../model/version.js';
import type { RegistrationId } from '../model/registration.js';
import type { Entry } from './entry.js';

/** What a look-up asks for; `version` may be a semver range. Nothing: everything. */
export interface Query {
  app?: string;
  version?: string;
  /** Only those whose metadata says so. */
  meta?: MetaFilter;
}

/** What is online of one app version. */
export interface Group {
  /** By the index's own count of changes, when it last changed. */
  readonly stamp: number;
  /** Sorted by id. */
  select(): [RegistrationId, Entry][];
}

class Version implements Group {
  readonly entries = new Map<RegistrationId, Entry>();
  /** What its ids begin with. No other group's prefix begins like that, so prefixes sort as their ids do. */
  readonly prefix: string;
  stamp = 0;
  /** Its ids in order, as of the last time that anybody asked, and those that have come since. */
  #sorted: readonly RegistrationId[] = [];
  #added: RegistrationId[] = [];

  constructor(
    app: string,
    readonly name: string,
  ) {
    this.prefix = `${app}/${name}/`;
  }

  put(id: RegistrationId, entry: Entry | undefined): void {
    if (entry === undefined) this.entries.delete(id);
    else {
      if (!this.entries.has(id)) this.#added.push(id);
      this.entries.set(id, entry);
    }
  }

  select(): [RegistrationId, Entry][] {
    this.#sort();
    return this.#sorted.map((id) => [id, this.entries.get(id)!]);
  }

  /** Sorts only what has come: of tens of thousands, that is mostly little. */
  #sort(): void {
    const { entries } = this;
    if (this.#added.length === 0 && this.#sorted.length === entries.size) return;
    const added = this.#added.sort((a, b) => (a < b ? -1 : 1));
    const merged: RegistrationId[] = [];
    let at = 0;
    const take = (id: RegistrationId): void => {
      // One that went and came back is among both.
      if (entries.has(id) && merged.at(-1) !== id) merged.push(id);
    };
    for (const id of this.#sorted) {
      while (at < added.length && added[at]! < id) take(added[at++]!);
      take(id);
    }
    while (at < added.length) take(added[at++]!);
    this.#sorted = merged;
    this.#added = [];
  }
}

interface App {
  stamp: number;
  versions: Map<string, Version>;
}

export class OnlineIndex {
  readonly #apps = new Map<string, App>();
  /** All groups in order, until one comes or goes. */
  #sorted: readonly Version[] | undefined;
  #size = 0;
  stamp = 0;

  get size(): number {
    return this.#size;
  }

  /** `id` is online with this entry, or (undefined) offline. */
  put(id: RegistrationId, entry: Entry | undefined): void {
    const [appName, versionName] = id.split('/', 2) as [string, string];
    const app = this.#apps.get(appName) ?? { stamp: 0, versions: new Map<string, Version>() };
    const version = app.versions.get(versionName) ?? new Version(appName, versionName);
    const before = version.entries.size;
    version.put(id, entry);
    const { size } = version.entries;
    this.#size += size - before;
    this.stamp = app.stamp = version.stamp = this.stamp + 1;
    if ((size === 0) === (before === 0)) return;

    this.#sorted = undefined;
    if (size === 0) app.versions.delete(versionName);
    else app.versions.set(versionName, version);
    if (app.versions.size === 0) this.#apps.delete(appName);
    else this.#apps.set(appName, app);
  }

  /** What matches, sorted by id. */
  select(query: Query): [RegistrationId, Entry][] {
    const found = this.groups(query).flatMap((group) => group.select());
    const { meta } = query;
    return meta ? found.filter(([, entry]) => matchesMeta(entry.meta, meta)) : found;
  }

  /** The groups in which there may be what matches, sorted like their ids. */
  groups({ app, version }: Query): readonly Group[] {
    if (app === undefined && version === undefined)
      return (this.#sorted ??= sorted(
        [...this.#apps.values()].flatMap(({ versions }) => [...versions.values()]),
      ));
    const apps =
      app === undefined ? this.#apps.values() : [this.#apps.get(app)].filter((one) => one !== undefined);
    return sorted([...apps].flatMap(({ versions }) => versionsIn(versions, version)));
  }

  /**
   * A number that is the same for as long as `select(query)` answers the same, and never comes back to an
   * earlier one that meant something else; 0 where nothing matches and nothing ever did.
   */
  stampOf({ app, version }: Query): number {
    if (app === undefined) return this.stamp;
    const found = this.#apps.get(app);
    const exact = version === undefined ? undefined : found?.versions.get(version);
    return (exact && !isRange(version!) ? exact.stamp : found?.stamp) ?? 0;
  }
}

const sorted = (versions: Version[]): Version[] => versions.sort((a, b) => (a.prefix < b.prefix ? -1 : 1));

/** Those that a version, or a range of versions, names; all where none is given. */
function versionsIn(versions: ReadonlyMap<string, Version>, wanted: string | undefined): Version[] {
  if (wanted === undefined) return [...versions.values()];
  const exact = versions.get(wanted);
  if (exact && !isRange(wanted)) return [exact];
  const matches = versionMatcher(wanted);
  return [...versions.values()].filter(({ name }) => matches(name));
}
