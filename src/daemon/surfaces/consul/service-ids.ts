/**
 * Finds registrations by the IDs that Consul's clients gave to their services and checks, at whichever daemon.
 *
 * Anyone may give any ID to an instance of an app of its own. So an ID means something only among the apps that the
 * client may change. Registrations without one are found by their own id.
 */

import { normalizeHost } from '../../../model/host.js';
import { asId, type Registration, type RegistrationId } from '../../../model/registration.js';
import type { Registry } from '../../core/registry.js';
import type { ApiRequest } from '../../http/route.js';
import { NameIndex, type NameSource } from '../name-index.js';
import { defaultCheckId } from './instance.js';
import { keptIn } from './kept.js';
import { ConsulError } from './refusal.js';

type Source = NameSource & Pick<Registry, 'onGone' | 'inquire' | 'heldAt'>;

/** Services and checks have names of their own. */
type Kind = 'service' | 'check';

/** The client that asks. */
export interface Asker {
  address: string;
  mayChange: (app: string) => boolean;
}

export const askerOf = ({ address, caller }: Pick<ApiRequest, 'address' | 'caller'>): Asker => ({
  address,
  mayChange: (app) => caller?.isFor(app) ?? true,
});

export class ServiceIds {
  readonly #index: NameIndex;
  /** The addresses of the clients that registered here. */
  readonly #from = new Map<RegistrationId, string>();

  constructor(private readonly registry: Source) {
    this.#index = new NameIndex(registry, namesOf);
    registry.onGone((id) => this.#from.delete(id));
  }

  /** Settled once those can be found that were there before. */
  get ready(): Promise<void> {
    return this.#index.ready;
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
    return this.#find('service', id, id, asker);
  }

  /** The same for the ID of a check. */
  check(id: string, asker: Asker): Promise<Registration | undefined> {
    const own = id.startsWith(defaultCheckId('')) ? id.slice(defaultCheckId('').length) : id;
    return this.#find('check', id, own, asker);
  }

  /** The registrations of services with this ID on this host, as far as the client may change them. */
  onHost(serviceId: string, host: string, { mayChange }: Asker): Registration[] {
    return this.#named('service', serviceId).filter((one) => one.host === host && mayChange(one.app));
  }

  async #find(what: Kind, id: string, own: string, asker: Asker): Promise<Registration | undefined> {
    await this.ready;
    const mayChange = ({ app }: Registration): boolean => asker.mayChange(app);
    const mine = (): Registration[] => {
      const named = this.#named(what, id).filter(mayChange);
      return named.length > 0 ? named : this.#withId(own).filter(mayChange);
    };
    // It may have been registered at another daemon a moment ago.
    if (mine().length === 0) await this.registry.inquire();
    const found = mine();
    if (found.length > 0) return this.#meant(found, what, id, asker);
    return this.#named(what, id)[0] ?? this.#withId(own)[0];
  }

  /** The one of several that a client means. */
  #meant(found: readonly Registration[], what: Kind, id: string, { address }: Asker): Registration {
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

  #named(what: Kind, id: string): Registration[] {
    return this.#index.find(nameOf(what, id));
  }

  #withId(id: string): Registration[] {
    const known = this.registry.known(asId(id));
    return known ? [known] : [];
  }
}

const nameOf = (what: Kind, id: string): string => `${what} ${id}`;

function namesOf({ meta }: Registration): readonly string[] {
  const { id, check } = keptIn(meta);
  return id === undefined ? [] : [nameOf('service', id), nameOf('check', check?.id ?? defaultCheckId(id))];
}
