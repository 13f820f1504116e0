/** The entries that are online, by app and version. Each version has a stamp that changes with its content. */

import { matchesMeta, type MetaFilter } from '../model/meta-filter.js';
import { isRange, versionMatcher } from '../model/version.js';
import type { RegistrationId } from '../model/registration.js';
import { DrainRules, sameRule } from './drain-rules.js';
import { type Entry, isDraining } from './entry.js';
import { SortedList } from './sorted-list.js';

/** A query of a look-up; `version` may be a semver range. An empty query selects everything. */
export interface Query {
  app?: string;
  version?: string;
  /** Only entries with these metadata. */
  meta?: MetaFilter;
}

/** The entries of one app version that are online. */
export interface Group {
  readonly app: string;
  readonly version: string;
  /** How many entries there are. */
  readonly size: number;
  /** The index's count of changes when it last changed. */
  readonly stamp: number;
  /** Sorted by id. */
  select(): [RegistrationId, Entry][];
}

/** A sorted part of the index. */
const itself = (id: RegistrationId): string => id;

class Version implements Group {
  readonly entries = new Map<RegistrationId, Entry>();
  /** The prefix of its ids. No other group's prefix begins with it, so prefixes sort as ids do. */
  readonly prefix: string;
  stamp = 0;
  /** Whether its name is also a range, such as `1.2`. Cached, since finding out takes longer than a look-up. */
  readonly isRange: boolean;
  readonly #ids = new SortedList(itself);

  constructor(
    readonly app: string,
    readonly version: string,
  ) {
    this.prefix = `${app}/${version}/`;
    this.isRange = isRange(version);
  }

  get size(): number {
    return this.entries.size;
  }

  put(id: RegistrationId, entry: Entry | undefined): void {
    if (entry === undefined) {
      if (this.entries.delete(id)) this.#ids.delete(id);
      return;
    }
    if (!this.entries.has(id)) this.#ids.add(id);
    this.entries.set(id, entry);
  }

  select(): [RegistrationId, Entry][] {
    return this.#ids.toArray().map((id) => [id, this.entries.get(id)!]);
  }
}

class App {
  /** The prefix of its ids, as for {@link Version}. */
  readonly prefix: string;
  stamp = 0;
  readonly versions = new Map<string, Version>();
  readonly sorted = new SortedList<Version>(({ prefix }) => prefix);

  constructor(readonly name: string) {
    this.prefix = `${name}/`;
  }

  add(version: Version): void {
    this.versions.set(version.version, version);
    this.sorted.add(version);
  }

  delete({ version, prefix }: Version): void {
    this.versions.delete(version);
    this.sorted.delete(prefix);
  }

  /** The versions that a version or range matches, in order; all if none is given. */
  select(wanted: string | undefined): Version[] {
    if (wanted === undefined) return this.sorted.toArray();
    const exact = this.versions.get(wanted);
    if (exact && !exact.isRange) return [exact];
    const matches = versionMatcher(wanted);
    return this.sorted.toArray().filter(({ version }) => matches(version));
  }
}

export class OnlineIndex {
  readonly #apps = new Map<string, App>();
  readonly #sorted = new SortedList<App>(({ prefix }) => prefix);
  #size = 0;
  #rules = DrainRules.none;
  stamp = 0;

  get size(): number {
    return this.#size;
  }

  /** `id` is online with this entry, or (undefined) offline. */
  put(id: RegistrationId, entry: Entry | undefined): void {
    const [appName, versionName] = id.split('/', 2) as [string, string];
    const app = this.#apps.get(appName) ?? new App(appName);
    const version = app.versions.get(versionName) ?? new Version(appName, versionName);
    const before = version.entries.size;
    version.put(id, entry);
    const { size } = version.entries;
    this.#size += size - before;
    this.stamp = app.stamp = version.stamp = this.stamp + 1;
    if ((size === 0) === (before === 0)) return;

    if (size === 0) app.delete(version);
    else app.add(version);
    if (app.versions.size === 0) {
      this.#apps.delete(appName);
      this.#sorted.delete(app.prefix);
    } else if (!this.#apps.has(appName)) {
      this.#apps.set(appName, app);
      this.#sorted.add(app);
    }
  }

  /** What is said of these ids has changed, though their entries have not: their stamps change. */
  touch(ids: Iterable<string>): void {
    const versions = new Map<Version, App>();
    for (const id of ids) {
      const [appName, versionName] = id.split('/', 2) as [string, string];
      const app = this.#apps.get(appName);
      const version = app?.versions.get(versionName);
      if (version) versions.set(version, app!);
    }
    for (const [version, app] of versions) this.stamp = app.stamp = version.stamp = this.stamp + 1;
  }

  /** The matching entries, sorted by id. */
  select(query: Query): [RegistrationId, Entry][] {
    const found = this.groups(query).flatMap((group) => group.select());
    const { meta } = query;
    return meta ? found.filter(([, entry]) => matchesMeta(entry.meta, meta)) : found;
  }

  /** The groups that may have matching entries, sorted like their ids. */
  groups({ app, version }: Query): readonly Group[] {
    if (app !== undefined) return this.#apps.get(app)?.select(version) ?? [];
    return this.#sorted.toArray().flatMap((one) => one.select(version));
  }

  /** From now on these rules drain. Returns the ids of the entries that this changes, whatever else drains them. */
  drainBy(rules: DrainRules): RegistrationId[] {
    const before = this.#rules;
    this.#rules = rules;
    const changed: RegistrationId[] = [];
    for (const name of new Set([...before.apps, ...rules.apps])) {
      const app = this.#apps.get(name);
      for (const version of app?.versions.values() ?? []) {
        if (sameRule(before.of(name, version.version), rules.of(name, version.version))) continue;
        this.stamp = app!.stamp = version.stamp = this.stamp + 1;
        for (const id of version.entries.keys()) changed.push(id);
      }
    }
    return changed;
  }

  /**
   * How many instances of each version of an app are online and not draining.
   *
   * @param rules  the drain rules to assume
   */
  available(app: string, rules = this.#rules): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { version, entries } of this.#apps.get(app)?.versions.values() ?? []) {
      let count = 0;
      if (!rules.of(app, version)) for (const entry of entries.values()) if (!isDraining(entry)) count++;
      counts.set(version, count);
    }
    return counts;
  }

  /**
   * A number that stays the same while the result of `select(query)` does, and never returns to a value that it had for
   * another result; 0 if nothing matches and nothing ever did.
   */
  stampOf({ app, version }: Query): number {
    if (app === undefined) return this.stamp;
    const found = this.#apps.get(app);
    const exact = version === undefined ? undefined : found?.versions.get(version);
    return (exact && !exact.isRange ? exact.stamp : found?.stamp) ?? 0;
  }
}
