/**
 * A router for each frontend, and a service for each backend that a frontend serves.
 *
 * Traefik refuses a whole document for one object or list that is empty: so there is none, and nothing at all is `{}`.
 * A service without instances has no servers, which Traefik answers with 503; without a router it would answer 404.
 */

import type { Backend, Routing } from '../../../model/catalog.js';
import type { Near } from '../../../model/near.js';
import { hostPort } from '../../../model/registration.js';
import { routingOf } from '../../../model/routing.js';
import type { Registry } from '../../core/registry.js';
import { type Fragment, fragmentOf, joined, within } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';
import { countingOnce, type Instances, type PartedMembers, partedMembersOf } from '../../http/members.js';
import { noService, serviceName } from './names.js';
import { hostOf, ruleOf } from './rule.js';

type Scheme = NonNullable<Routing['scheme']>;

/** A service that routers name. */
interface Pool {
  backend: Backend;
  scheme: Scheme;
  members: Sliced<PartedMembers>;
}

/** A property of a JSON object. */
type Property = readonly [name: string, value: object];

/**
 * As JSON.
 *
 * @param near      prefers these instances
 * @param leaveOut  called for each frontend whose callers Traefik could not tell by a host
 */
export function* configuration(
  registry: Instances & Pick<Registry, 'catalog'>,
  near: Near | undefined,
  leaveOut: () => void,
): Sliced<Fragment> {
  const { backends, frontends } = registry.catalog;
  const instances = countingOnce(registry);
  const known = new Map(backends.list().map((backend) => [backend.name, backend]));
  const routers: { name: string; routing: Routing; service: string }[] = [];
  const pools = new Map<string, Pool | undefined>();
  for (const frontend of frontends.list()) {
    const backend = frontend.backend === undefined ? undefined : known.get(frontend.backend);
    const routing = routingOf(frontend, backend);
    const hosts = routing.hosts ?? hostOf(frontend.name);
    if (!hosts) {
      leaveOut();
      continue;
    }
    const scheme = routing.scheme ?? 'http';
    const service = backend ? serviceName(backend.name, scheme) : noService;
    routers.push({ name: serviceName(frontend.name), routing: { ...routing, hosts }, service });
    // All members are noted before the first pause.
    if (!pools.has(service))
      pools.set(service, backend && { backend, scheme, members: partedMembersOf(instances, backend, near) });
  }
  if (routers.length === 0) return within('{}', joined([]), '');
  const properties = yield* fragmentOf(routers, undefined, ({ name, routing, service }) =>
    written([name, routerOf(routing, service)]),
  );
  const services: Fragment[] = [];
  for (const [name, pool] of [...pools].sort(([a], [b]) => (a < b ? -1 : 1))) {
    services.push(yield* pool ? servicesOf(name, pool) : balancer(name, new Map()));
    yield;
  }
  const inner = [within('"routers":{', properties, '}'), within('"services":{', joined(services), '}')];
  return within('{"http":{', joined(inner), '}}');
}

const written = ([name, value]: Property): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

function routerOf(routing: Routing, service: string): object {
  const { entryPoints, middlewares } = routing;
  return { rule: ruleOf(routing), service, ...(entryPoints && { entryPoints }), ...(middlewares && { middlewares }) };
}

/** The weight of each URL. */
type Servers = ReadonlyMap<string, number>;

/** Members that are looked at without a pause. */
const atOnce = 200;

/** The service, and one for each version if there is a split. */
function* servicesOf(name: string, { backend, scheme, members }: Pool): Sliced<Fragment> {
  const { split } = backend;
  const urls = new Map<string, Map<string, number>>();
  let looked = 0;
  const { served } = yield* members;
  for (const member of served) {
    if (++looked % atOnce === 0) yield;
    if (member.weight === 0) continue;
    const version = split ? member.version : '';
    const ofVersion = urls.get(version) ?? new Map<string, number>();
    urls.set(version, ofVersion.set(`${scheme}://${hostPort(member)}`, member.weight));
  }
  if (!split || urls.size === 0) return yield* balancer(name, urls.get('') ?? new Map());
  const versions = [...urls].map(([version, servers]) => ({
    name: serviceName(backend.name, scheme, version),
    weight: split[version]!,
    servers,
  }));
  const weighted = { services: versions.map(({ servers: _, ...rest }) => rest) };
  const services = [yield* fragmentOf([[name, { weighted }] as const], undefined, written)];
  for (const { name: one, servers } of versions) services.push(yield* balancer(one, servers));
  return joined(services);
}

/** What is true by default is said so that the object is not empty. Weights are said only if they differ. */
function* balancer(name: string, all: Servers): Sliced<Fragment> {
  const isEven = new Set(all.values()).size < 2;
  const write = ([url, weight]: [string, number]) => JSON.stringify({ url, ...(!isEven && { weight }) });
  const servers = yield* fragmentOf(all, undefined, write);
  const list = all.size > 0 ? within('"servers":[', servers, '],') : servers;
  return within(`${JSON.stringify(name)}:{"loadBalancer":{`, list, '"passHostHeader":true}}');
}
