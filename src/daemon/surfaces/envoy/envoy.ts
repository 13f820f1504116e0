/**
 * Clusters and endpoints for Envoy, as REST-JSON discovery:
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#rest-json-polling-subscriptions. Envoy keeps what it
 * has if the status is 304.
 */

import type { Answer } from '../../http/route.js';
import type { OpenSurface } from '../surface.js';
import { countingOnce } from '../../http/members.js';
import { clusterOf, clustersOf } from './clusters.js';
import { loadAssignment } from './endpoints.js';
import { discoveryResponse } from './response.js';
import { requestIn } from './request.js';

const unchanged = (): Answer => ({ status: 304 });

export const open: OpenSurface<'POST /v3/discovery\\:endpoints' | 'POST /v3/discovery\\:clusters'> = ({
  registry,
  answers,
}) => ({
  keep: unchanged,
  handlers: {
    'POST /v3/discovery\\:endpoints': ({ body }) => {
      const { names, zone, headers } = requestIn(body);
      const clusters = names.flatMap((name) => clusterOf(registry.catalog, name) ?? []);
      const stamps = clusters.map(({ target }) => target && registry.stamp({ app: target.app }));
      const stamp = `${stamps.join()} ${registry.catalog.stamp}`;
      return answers.once({ key: `endpoints ${JSON.stringify([names, zone])}`, stamp, headers }, () => {
        const instances = countingOnce(registry);
        const resources = clusters.map((cluster) => loadAssignment(instances, cluster, zone, () => answers.leaveOut()));
        return discoveryResponse('endpoints', resources);
      });
    },
    'POST /v3/discovery\\:clusters': ({ body }) => {
      const { headers } = requestIn(body);
      return answers.once({ key: 'clusters', stamp: registry.catalog.stamp, headers }, () =>
        discoveryResponse('clusters', [clustersOf(registry.catalog)]),
      );
    },
  },
});
