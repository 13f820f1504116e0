/**
 * A router for each frontend, and a service for each backend that a frontend serves.
 *
 * Traefik refuses a whole document for one object or list that is empty: so there is none, and nothing at all is `{}`.
 * A service without instances has no servers, which Traefik answers with 503; without a router it would answer 404.
 */

import type { Backend, Routing } from '../../../model/catalog.js';
import { hostPort } from '../../../model/registration.js';
import { routingOf } from '../../../model/routing.js';
import type { Weighted } from '../../../model/weights.js';
import type { Registry } from '../../core/registry.js';
import type { Sliced } from '../../http/slices.js';
import { membersOf } from '../members.js';
import { noService, serviceName } from './names.js';
import { hostOf, ruleOf } from './rule.js';

type Scheme = NonNullable<Routing['scheme']>;

/** A service that routers name. */
interface Pool {
  backend: Backend;
  scheme: Scheme;
  members: Iterable<Weighted>;
}

/** As JSON; `leaveOut` is called for each frontend whose callers Traefik could not tell by a host. */
export function* configuration(
  registry: Pick<Registry, 'available' | 'catalog' | 'groups' | 'registrationsIn'>,
  leaveOut: () => void,
): Sliced<string> {
  const { backends, frontends } = registry.catalog;
  const known = new Map(backends.list().map((backend) => [backend.name, backend]));
  const routers: [name: string, router: object][] = [];
  const pools = new Map<string, Pool | undefined>();
  for (const frontend of frontends.list()) {
    const backend = frontend.backend === undefined ? undefined : known.get(frontend.backend);
    const said = routingOf(frontend, backend);
    const hosts = said.hosts ?? hostOf(frontend.name);
    if (!hosts) {
      leaveOut();
      continue;
    }
    const routing = { ...said, hosts };
    const scheme = routing.scheme ?? 'http';
    const service = backend ? serviceName(backend.name, scheme) : noService;
    routers.push([serviceName(frontend.name), routerOf(routing, service)]);
    // All members are noted before the first pause.
    if (!pools.has(service)) pools.set(service, backend && { backend, scheme, members: membersOf(registry, backend) });
  }
  if (pools.size === 0) return '{}';
  const services: string[] = [];
  for (const [name, pool] of [...pools].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ofPool = pool ? yield* servicesOf(name, pool) : { [name]: balancer([]) };
    for (const [one, service] of Object.entries(ofPool))
      services.push(`${JSON.stringify(one)}:${JSON.stringify(service)}`);
    yield;
  }
  return `{"http":{"routers":${JSON.stringify(Object.fromEntries(routers))},"services":{${services.join()}}}}`;
}

function routerOf(routing: Routing, service: string): object {
  const { entryPoints, middlewares } = routing;
  return { rule: ruleOf(routing), service, ...(entryPoints && { entryPoints }), ...(middlewares && { middlewares }) };
}

/** Members that are looked at without a pause. */
const atOnce = 200;

/** The service, and one for each version if there is a split. */
function* servicesOf(name: string, { backend, scheme, members }: Pool): Sliced<Record<string, object>> {
  const { split } = backend;
  const urls = new Map<string, Set<string>>();
  let looked = 0;
  for (const member of members) {
    if (++looked % atOnce === 0) yield;
    if (member.weight === 0) continue;
    const version = split ? member.version : '';
    const ofVersion = urls.get(version) ?? new Set();
    urls.set(version, ofVersion.add(`${scheme}://${hostPort(member)}`));
  }
  if (!split || urls.size === 0) return { [name]: balancer([...(urls.get('') ?? [])]) };
  const versions = [...urls].map(([version, servers]) => ({
    name: serviceName(backend.name, scheme, version),
    weight: split[version]!,
    servers,
  }));
  return {
    [name]: { weighted: { services: versions.map(({ servers: _, ...rest }) => rest) } },
    ...Object.fromEntries(versions.map(({ name: one, servers }) => [one, balancer([...servers])])),
  };
}

/** What is true by default is said so that the object is not empty. */
const balancer = (urls: readonly string[]): object => ({
  loadBalancer: { ...(urls.length > 0 && { servers: urls.map((url) => ({ url })) }), passHostHeader: true },
});
