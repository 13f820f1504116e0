/** Which versions of each app are known, so that the other versions at an address are found without a search. */

import type { RegistrationId } from '../model/registration.js';

export class KnownVersions {
  /** How many ids there are of each version, by app. */
  readonly #counts = new Map<string, Map<string, number>>();

  add(id: RegistrationId): void {
    const { app, version } = partsOf(id);
    let versions = this.#counts.get(app);
    if (!versions) this.#counts.set(app, (versions = new Map<string, number>()));
    versions.set(version, (versions.get(version) ?? 0) + 1);
  }

  delete(id: RegistrationId): void {
    const { app, version } = partsOf(id);
    const versions = this.#counts.get(app);
    const count = versions?.get(version);
    if (!versions || count === undefined) return;
    if (count > 1) versions.set(version, count - 1);
    else versions.delete(version);
    if (versions.size === 0) this.#counts.delete(app);
  }

  /** The ids that the other known versions of the app would have at the same address. */
  siblings(id: RegistrationId): RegistrationId[] {
    const { app, version: own, rest } = partsOf(id);
    const versions = this.#counts.get(app);
    if (!versions || (versions.size === 1 && versions.has(own))) return [];
    return [...versions.keys()]
      .filter((version) => version !== own)
      .map((version) => `${app}/${version}${rest}` as RegistrationId);
  }
}

/** Sliced by hand: `split` would make an array and four strings of each id. */
function partsOf(id: RegistrationId): { app: string; version: string; rest: string } {
  const first = id.indexOf('/');
  const second = id.indexOf('/', first + 1);
  return { app: id.slice(0, first), version: id.slice(first + 1, second), rest: id.slice(second) };
}
