/**
 * Finds registrations by the IDs that Consul's clients gave to their services and checks, at whichever daemon.
 *
 * Anyone may give any ID to an instance of an app of its own. So an ID means something only among the apps that the
 * client may change.
 *
 * Invariant: each registration that is known and has such an ID is listed under it. Registrations without one are found
 * by their own id.
 */

import { normalizeHost } from '../../../model/host.js';
import { asId, type Registration, type RegistrationId } from '../../../model/registration.js';
import type { Registry } from '../../core/registry.js';
import type { ApiRequest } from '../../http/route.js';
import { inSlices } from '../../http/slices.js';
import { defaultCheckId } from './instance.js';
import { keptIn } from './kept.js';
import { ConsulError } from './refusal.js';

type Source = Pick<
  Registry,
  'onChange' | 'known' | 'metaOf' | 'groups' | 'unhealthyGroups' | 'registrationsIn' | 'inquire' | 'heldAt'
>;

/** The client that asks. */
export interface Asker {
  address: string;
  mayChange: (app: string) => boolean;
}

export const askerOf = ({ address, caller }: Pick<ApiRequest, 'address' | 'caller'>): Asker => ({
  address,
  mayChange: (app) => caller?.isFor(app) ?? true,
});

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
  /** The addresses of the clients that registered here. */
  readonly #from = new Map<RegistrationId, string>();
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

  /** Notes that a client has registered this at this daemon. */
  registered(id: RegistrationId, { address }: Pick<Asker, 'address'>): void {
    this.#from.set(id, address);
  }

  /**
   * The registration of a service. Hosts have IDs of their own, so several may have this one: then it is the one that
   * the client can mean, by what tells them apart. If the client may change none, it is one of the others. Throws
   * {@link ConsulError} if several are left.
   */
  service(id: string, asker: Asker): Promise<Registration | undefined> {
    return this.#find('service', this.#byService, id, id, asker);
  }

  /** The same for the ID of a check. */
  check(id: string, asker: Asker): Promise<Registration | undefined> {
    const own = id.startsWith(defaultCheckId('')) ? id.slice(defaultCheckId('').length) : id;
    return this.#find('check', this.#byCheck, id, own, asker);
  }

  /** The registrations of services with this ID on this host, as far as the client may change them. */
  onHost(serviceId: string, host: string, { mayChange }: Asker): Registration[] {
    return this.#allOf(this.#byService, serviceId).filter((one) => one.host === host && mayChange(one.app));
  }

  async #find(
    what: string,
    names: ReadonlyMap<string, ReadonlySet<RegistrationId>>,
    id: string,
    own: string,
    asker: Asker,
  ): Promise<Registration | undefined> {
    await this.ready;
    const mayChange = ({ app }: Registration): boolean => asker.mayChange(app);
    const mine = (): Registration[] => {
      const named = this.#allOf(names, id).filter(mayChange);
      return named.length > 0 ? named : this.#withId(own).filter(mayChange);
    };
    // It may have been registered at another daemon a moment ago.
    if (mine().length === 0) await this.registry.inquire();
    const found = mine();
    if (found.length > 0) return this.#meant(found, what, id, asker);
    return this.#allOf(names, id)[0] ?? this.#withId(own)[0];
  }

  /** The one of several that a client means. */
  #meant(found: readonly Registration[], what: string, id: string, { address }: Asker): Registration {
    const host = normalizeHost(address);
    // The surest first. Most clients call a daemon on their own host, which then sees them all at 127.0.0.1.
    const tells: ((one: Registration) => boolean)[] = [
      (one) => this.#from.get(one.id) === address,
      (one) => one.host === host,
      (one) => this.registry.heldAt(one.id) === 'here',
      (one) => this.registry.heldAt(one.id) === 'nowhere',
    ];
    let left = found;
    for (const isMeant of tells) {
      if (left.length === 1) break;
      const those = left.filter(isMeant);
      if (those.length > 0) left = those;
    }
    if (left.length === 1) return left[0]!;
    const places = left.slice(0, 5).map((one) => one.host);
    throw new ConsulError(
      400,
      `the ${what} ID "${id}" is in use on several hosts (${places.join(', ')}), and this request comes from ${host}: give each instance an ID of its own`,
    );
  }

  #allOf(names: ReadonlyMap<string, ReadonlySet<RegistrationId>>, name: string): Registration[] {
    return [...(names.get(name) ?? [])].flatMap((id) => this.registry.known(id) ?? []);
  }

  #withId(id: string): Registration[] {
    const known = this.registry.known(asId(id));
    return known ? [known] : [];
  }

  /** Lists a registration as it is now. */
  #see(id: RegistrationId): void {
    const meta = this.registry.metaOf(id);
    if (!meta) this.#from.delete(id);
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
