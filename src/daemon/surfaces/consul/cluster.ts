/** What Consul's clients ask of the agent and its cluster. */

import type { Registry } from '../../core/registry.js';
import type { SurfaceHandlers } from '../surface.js';
import { nodeOf } from './instance.js';
import type { ClusterKey } from './routes.js';

/** Any daemon is as good as another: the one that answers is called the leader. */
export function cluster(registry: Registry, datacenter: string): SurfaceHandlers<ClusterKey>['handlers'] {
  const online = () => registry.daemons().filter(({ state }) => state === 'online');
  const placeOf = (url: string): string => new URL(url).host;
  const memberOf = ({ name, url, version }: { name: string; url: string; version: string }) => {
    const { hostname, port, protocol } = new URL(url);
    return {
      Name: name,
      Addr: hostname.replace(/^\[(.*)\]$/, '$1'),
      Port: Number(port || (protocol === 'https:' ? 443 : 80)),
      Tags: { build: version, dc: datacenter, role: 'consul' },
      // Alive, as Serf counts.
      Status: 1,
    };
  };
  return {
    'GET /v1/agent/self': () => {
      const { name, url, version } = registry.status();
      const member = memberOf({ name, url, version });
      return {
        status: 200,
        body: {
          Config: {
            Datacenter: datacenter,
            PrimaryDatacenter: datacenter,
            NodeName: name,
            NodeID: nodeOf(member.Addr, datacenter).ID,
            Server: true,
            Revision: '',
            Version: version,
          },
          Member: member,
          Meta: {},
        },
      };
    },
    'GET /v1/agent/members': () => ({ status: 200, body: online().map(memberOf) }),
    'GET /v1/catalog/datacenters': () => ({ status: 200, body: [datacenter] }),
    'GET /v1/status/leader': () => ({ status: 200, body: placeOf(registry.status().url) }),
    'GET /v1/status/peers': () => ({ status: 200, body: online().map(({ url }) => placeOf(url)) }),
  };
}
