/** The routes, in the order in which they are matched. Some clients send by GET what Consul takes by PUT. */

import type { RouteKey, SurfaceTraits } from '../surface.js';

/** Routes that list instances. Clients can wait for a change of each. */
const reads: SurfaceTraits = { reads: true };
/** Routes about the daemons. They do not depend on what is online. */
const always: SurfaceTraits = { reads: false };
/** Bodies are JSON, whatever their type is said to be. */
const writes: SurfaceTraits = { reads: false, raw: true };
/** The report of a check is a renewal. If it changes the status as well, that is admitted by itself. */
const renews: SurfaceTraits = { reads: false, raw: true, hot: true, urgent: true };

export const writeRoutes = {
  'PUT /v1/agent/service/register': writes,
  'GET /v1/agent/service/deregister/:id': writes,
  'PUT /v1/agent/service/deregister/:id': writes,
  'PUT /v1/agent/service/maintenance/:id': writes,
  'PUT /v1/agent/check/register': writes,
  'GET /v1/agent/check/deregister/:id': writes,
  'PUT /v1/agent/check/deregister/:id': writes,
  'GET /v1/agent/check/pass/:id': renews,
  'PUT /v1/agent/check/pass/:id': renews,
  'GET /v1/agent/check/warn/:id': renews,
  'PUT /v1/agent/check/warn/:id': renews,
  'GET /v1/agent/check/fail/:id': renews,
  'PUT /v1/agent/check/fail/:id': renews,
  'PUT /v1/agent/check/update/:id': renews,
  'PUT /v1/catalog/register': writes,
  'PUT /v1/catalog/deregister': writes,
} satisfies Record<RouteKey, SurfaceTraits>;

export const readRoutes = {
  'GET /v1/agent/services': reads,
  'GET /v1/agent/service/:id': reads,
  'GET /v1/agent/checks': reads,
  'GET /v1/catalog/nodes': reads,
  'GET /v1/catalog/services': reads,
  'GET /v1/catalog/service/:service': { reads: true, hot: true },
  'GET /v1/health/service/:service': { reads: true, hot: true },
  'GET /v1/health/checks/:service': reads,
  'GET /v1/health/node/:node': reads,
  'GET /v1/health/state/:state': reads,
  'GET /v1/kv/*key': reads,
} satisfies Record<RouteKey, SurfaceTraits>;

export const clusterRoutes = {
  'GET /v1/agent/self': always,
  'GET /v1/agent/members': always,
  'GET /v1/catalog/datacenters': always,
  'GET /v1/status/leader': always,
  'GET /v1/status/peers': always,
} satisfies Record<RouteKey, SurfaceTraits>;

export type WriteKey = keyof typeof writeRoutes;
export type ReadKey = keyof typeof readRoutes;
export type ClusterKey = keyof typeof clusterRoutes;
