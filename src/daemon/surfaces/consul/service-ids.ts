/**
 * Finds registrations by the IDs that Consul's clients gave to their services and checks, at whichever daemon.
 *
 * Invariant: each registration that is known and has such an ID is listed under it. Registrations without one are found
 * by their own id.
 */

import { normalizeHost } from '../../../model/host.js';
import { asId, type Registration, type RegistrationId } from '../../../model/registration.js';
import type { Registry } from '../../core/registry.js';
import { inSlices } from '../../http/slices.js';
import { defaultCheckId } from './instance.js';
import { keptIn } from './kept.js';
import { ConsulError } from './refusal.js';

type Source = Pick<
  Registry,
  'onChange' | 'known' | 'metaOf' | 'groups' | 'unhealthyGroups' | 'registrationsIn' | 'inquire'
>;

/** The names of one registration. */
interface Names {
  service: string;
  check: string;
}

/** Registrations that are looked at without a pause. */
const atOnce = 1000;

export class ServiceIds {
  readonly #names = new Map<RegistrationId, Names>();
  readonly #byService = new Map<string, Set<RegistrationId>>();
  readonly #byCheck = new Map<string, Set<RegistrationId>>();
  /** Settled once those are listed that were there before. */
  readonly ready: Promise<void>;

  constructor(private readonly registry: Source) {
    registry.onChange((id) => this.#see(id));
    const groups = [...registry.groups({}), ...registry.unhealthyGroups({})];
    const see = (id: RegistrationId): void => this.#see(id);
    this.ready = Promise.resolve(
      inSlices(
        (function* () {
          let seen = 0;
          for (const group of groups)
            for (const { id } of registry.registrationsIn(group)) {
              see(id);
              if (++seen % atOnce === 0) yield;
            }
        })(),
      ),
    );
  }

  /**
   * The registration of a service. Several may have this ID, each on a host of its own: then it is the one on the host
   * that asks. Throws {@link ConsulError} if none of them is.
   *
   * @param from  the address of the client
   */
  service(id: string, from: string): Promise<Registration | undefined> {
    return this.#find('service', this.#byService, id, id, from);
  }

  /** The same for the ID of a check. */
  check(id: string, from: string): Promise<Registration | undefined> {
    const own = id.startsWith(defaultCheckId('')) ? id.slice(defaultCheckId('').length) : id;
    return this.#find('check', this.#byCheck, id, own, from);
  }

  /** The registrations of services with this ID on this host. */
  onHost(serviceId: string, host: string): Registration[] {
    return this.#allOf(this.#byService, serviceId).filter((one) => one.host === host);
  }

  async #find(
    what: string,
    names: ReadonlyMap<string, ReadonlySet<RegistrationId>>,
    id: string,
    own: string,
    from: string,
  ): Promise<Registration | undefined> {
    await this.ready;
    // It may have been registered at another daemon a moment ago.
    if (!names.has(id) && !this.registry.known(asId(own))) await this.registry.inquire();
    const found = this.#allOf(names, id);
    if (found.length === 0) return this.registry.known(asId(own));
    if (found.length === 1) return found[0];
    const host = normalizeHost(from);
    const there = found.filter((one) => one.host === host);
    if (there.length === 1) return there[0];
    const places = found.slice(0, 5).map((one) => one.host);
    throw new ConsulError(
      400,
      `the ${what} ID "${id}" is in use on several hosts (${places.join(', ')}), and this request comes from ${host}: give each instance an ID of its own`,
    );
  }

  #allOf(names: ReadonlyMap<string, ReadonlySet<RegistrationId>>, name: string): Registration[] {
    return [...(names.get(name) ?? [])].flatMap((id) => this.registry.known(id) ?? []);
  }

  /** Lists a registration as it is now. */
  #see(id: RegistrationId): void {
    const meta = this.registry.metaOf(id);
    const { id: service, check } = meta ? keptIn(meta) : {};
    const now = service === undefined ? undefined : { service, check: check?.id ?? defaultCheckId(service) };
    const before = this.#names.get(id);
    if (before?.service === now?.service && before?.check === now?.check) return;
    if (before) {
      remove(this.#byService, before.service, id);
      remove(this.#byCheck, before.check, id);
      this.#names.delete(id);
    }
    if (!now) return;
    this.#names.set(id, now);
    add(this.#byService, now.service, id);
    add(this.#byCheck, now.check, id);
  }
}

function add(names: Map<string, Set<RegistrationId>>, name: string, id: RegistrationId): void {
  const ids = names.get(name);
  if (ids) ids.add(id);
  else names.set(name, new Set([id]));
}

function remove(names: Map<string, Set<RegistrationId>>, name: string, id: RegistrationId): void {
  const ids = names.get(name);
  ids?.delete(id);
  if (ids?.size === 0) names.delete(name);
}
