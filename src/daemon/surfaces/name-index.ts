/**
 * Finds registrations by the names that the clients of a surface use for them.
 *
 * Invariant: each registration that is known, healthy or not, is listed under each of its names.
 */

import type { Registration, RegistrationId } from '../../model/registration.js';
import type { Registry } from '../core/registry.js';
import { inSlices } from '../http/slices.js';

export type NameSource = Pick<Registry, 'onChange' | 'known' | 'groups' | 'unhealthyGroups' | 'registrationsIn'>;

/** Registrations that are looked at without a pause. */
const atOnce = 200;

export class NameIndex {
  readonly #names = new Map<RegistrationId, readonly string[]>();
  readonly #byName = new Map<string, Set<RegistrationId>>();
  /** Settled once those are listed that were there before. */
  readonly ready: Promise<void>;

  /** @param namesOf  the names of a registration, which may have none */
  constructor(
    private readonly registry: NameSource,
    private readonly namesOf: (registration: Registration) => readonly string[],
  ) {
    registry.onChange((id) => this.#see(id));
    this.ready = Promise.resolve(inSlices(this.#seeAll()));
  }

  /** The registrations with this name. */
  find(name: string): Registration[] {
    return [...(this.#byName.get(name) ?? [])].flatMap((id) => this.registry.known(id) ?? []);
  }

  *#seeAll(): Generator<void, void> {
    const groups = [...this.registry.groups({}), ...this.registry.unhealthyGroups({})];
    let looked = 0;
    for (const group of groups)
      for (const { id } of this.registry.registrationsIn(group)) {
        this.#see(id);
        if (++looked % atOnce === 0) yield;
      }
  }

  /** Lists a registration as it is now. */
  #see(id: RegistrationId): void {
    const registration = this.registry.known(id);
    const now = registration ? this.namesOf(registration) : [];
    const before = this.#names.get(id) ?? [];
    if (now.length === before.length && now.every((name, index) => name === before[index])) return;
    for (const name of before) this.#remove(name, id);
    for (const name of now) this.#add(name, id);
    if (now.length > 0) this.#names.set(id, now);
    else this.#names.delete(id);
  }

  #add(name: string, id: RegistrationId): void {
    const ids = this.#byName.get(name);
    if (ids) ids.add(id);
    else this.#byName.set(name, new Set([id]));
  }

  #remove(name: string, id: RegistrationId): void {
    const ids = this.#byName.get(name);
    ids?.delete(id);
    if (ids?.size === 0) this.#byName.delete(name);
  }
}
