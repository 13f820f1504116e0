/**
 * Finds registrations by the ids that Eureka's clients use.
 *
 * Invariant: each registration that is known, healthy or not, is listed under its id, alone and within its app.
 */

import type { Registration, RegistrationId } from '../../../model/registration.js';
import type { Registry } from '../../core/registry.js';
import { inSlices } from '../../http/slices.js';
import { instanceIdOf, upperCase } from './instance.js';

type Source = Pick<Registry, 'onChange' | 'known' | 'groups' | 'unhealthyGroups' | 'registrationsIn'>;

/** Registrations that are looked at without a pause. */
const atOnce = 200;

export class InstanceIds {
  readonly #keys = new Map<RegistrationId, readonly string[]>();
  readonly #byKey = new Map<string, Set<RegistrationId>>();
  /** Settled once those are listed that were there before. */
  readonly ready: Promise<void>;

  constructor(private readonly registry: Source) {
    registry.onChange((id) => this.#see(id));
    this.ready = Promise.resolve(inSlices(this.#seeAll()));
  }

  /**
   * Those with this id, the newest first: an instance that registers again at another address takes the place of the
   * one that had its id.
   *
   * @param app  in any case; undefined: any app
   */
  find(instanceId: string, app?: string): Registration[] {
    const ids = this.#byKey.get(keyOf(instanceId, app)) ?? [];
    return [...ids].flatMap((id) => this.registry.known(id) ?? []).sort((a, b) => b.registered - a.registered);
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
    const now = registration ? keysOf(registration) : [];
    const before = this.#keys.get(id) ?? [];
    if (now.join() === before.join()) return;
    for (const key of before) this.#remove(key, id);
    for (const key of now) this.#add(key, id);
    if (registration) this.#keys.set(id, now);
    else this.#keys.delete(id);
  }

  #add(key: string, id: RegistrationId): void {
    const ids = this.#byKey.get(key);
    if (ids) ids.add(id);
    else this.#byKey.set(key, new Set([id]));
  }

  #remove(key: string, id: RegistrationId): void {
    const ids = this.#byKey.get(key);
    ids?.delete(id);
    if (ids?.size === 0) this.#byKey.delete(key);
  }
}

/** No name of an app has a slash. */
const keyOf = (instanceId: string, app?: string): string =>
  app === undefined ? `/${instanceId}` : `${upperCase(app)}/${instanceId}`;

function keysOf(registration: Registration): readonly string[] {
  const instanceId = instanceIdOf(registration);
  return [keyOf(instanceId), keyOf(instanceId, registration.app)];
}
