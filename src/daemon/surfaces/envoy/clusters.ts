/**
 * Clusters: all frontends by their names, and all backends as `backend/NAME`. No name has a slash, so that the two
 * cannot be confused.
 */

import type { Backend, Routing } from '../../../model/catalog.js';
import { routingOf } from '../../../model/routing.js';
import type { CatalogService } from '../../core/catalog/catalog-service.js';
import { type Fragment, fragmentOf } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';
import { typed } from './response.js';

export interface Cluster {
  name: string;
  /** Undefined for a frontend that serves nothing. */
  target: Backend | undefined;
}

/**
 * `www` is a frontend or, if there is none, a backend; `frontend/www` and `backend/web` say which. Undefined if neither
 * exists.
 */
export function clusterOf({ backends, frontends }: CatalogService, name: string): Cluster | undefined {
  const [, kind, rest] = /^(?:(frontend|backend)\/)?(.*)$/su.exec(name)!;
  const named = <T extends { name: string }>(all: { find: (name: string) => T | undefined }) => all.find(rest!);
  const frontend = kind === 'backend' ? undefined : named(frontends);
  if (frontend) return { name, target: frontend.backend === undefined ? undefined : backends.find(frontend.backend) };
  const backend = kind === 'frontend' ? undefined : named(backends);
  return backend && { name, target: backend };
}

/** For CDS, each with the way to its endpoints; as JSON, of the catalog of now. */
export function clustersOf({ backends, frontends }: CatalogService): Sliced<Fragment> {
  const all = backends.list();
  const known = new Map(all.map((backend) => [backend.name, backend]));
  const clusters: [name: string, routing: Routing][] = [
    ...frontends.list().map((frontend): [string, Routing] => {
      const backend = frontend.backend === undefined ? undefined : known.get(frontend.backend);
      return [frontend.name, routingOf(frontend, backend)];
    }),
    ...all.map(({ name, routing = {} }): [string, Routing] => [`backend/${name}`, routing]),
  ];
  return fragmentOf(
    clusters,
    undefined,
    ([name, routing]) => typed('clusters') + JSON.stringify(toCluster(name, routing)).slice(1),
  );
}

const toCluster = (name: string, { scheme }: Routing): object => ({
  name,
  type: 'EDS',
  eds_cluster_config: { eds_config: edsConfig },
  ...(scheme === 'https' && { transport_socket: tls }),
  ...(scheme === 'h2c' && { typed_extension_protocol_options: { [httpOptions]: http2 } }),
});

/**
 * What Envoy's own configuration calls the cluster of daemons. Envoy sends this name as `Host`, and every daemon takes
 * names below `localhost`.
 */
const asCluster = 'bender.localhost';

/** Where Envoy asks for endpoints. */
const edsConfig = {
  resource_api_version: 'V3',
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: [asCluster],
    refresh_delay: '1s',
  },
};

const typeUrl = (name: string): string => `type.googleapis.com/${name}`;

const tls = {
  name: 'envoy.transport_sockets.tls',
  typed_config: { '@type': typeUrl('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext') },
};

const httpOptions = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const http2 = { '@type': typeUrl(httpOptions), explicit_http_config: { http2_protocol_options: {} } };
