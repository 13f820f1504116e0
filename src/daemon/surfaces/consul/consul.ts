/** Consul's HTTP API over the registry: https://developer.hashicorp.com/consul/api-docs. */

import type { OpenSurface } from '../surface.js';
import { cluster } from './cluster.js';
import { Looks } from './looks.js';
import { reads } from './reads.js';
import { failure, keep } from './refusal.js';
import type { ClusterKey, ReadKey, WriteKey } from './routes.js';
import { ServiceIds } from './service-ids.js';
import { writes } from './writes.js';

export const open: OpenSurface<ReadKey | WriteKey | ClusterKey> = (context) => {
  const { registry, register } = context;
  const datacenter = registry.status().cluster;
  const ids = new ServiceIds(registry);
  return {
    keep,
    failure,
    handlers: {
      ...writes({ registry, register, ids }),
      ...reads({ registry, looks: new Looks(context), ids, datacenter }),
      ...cluster(registry, datacenter),
    },
  };
};
