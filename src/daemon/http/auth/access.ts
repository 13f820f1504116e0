/**
 * The one table of access rights: for each route, and for unknown paths, the need that a token must meet. A route
 * without a row here does not start.
 */

import type { Need } from '../../../model/roles.js';

/** Where the apps are named that a request is about. */
export type AppsIn =
  /** In the path, as `:app`. */
  | 'path'
  /** In the body, as `app`. */
  | 'body'
  /** In the body, as the beginning of each of its `ids`. */
  | 'ids'
  /** Somewhere else, such as in the backend that is changed: the handler checks them, with `request.permit`. */
  | 'handler';

export interface Access {
  need: Need;
  /** Undefined: the request is about no app, or reads. */
  apps?: AppsIn;
}

const reads: Access = { need: 'read' };
const open: Access = { need: 'nothing' };
const writes: Access = { need: 'write', apps: 'handler' };
const deploys: Access = { need: 'deploy', apps: 'handler' };
const drains: Access = { need: 'drain', apps: 'handler' };

const onePath = '/registrations/:app/:version/:host/:port';

/** Rows for the same paths below two prefixes. */
const forBoth = (one: string, other: string, rows: Record<string, Access>): Record<string, Access> =>
  Object.fromEntries(
    Object.entries(rows).flatMap(([row, access]) =>
      [one, other].map((prefix) => [row.replace(' ', ` ${prefix}`), access]),
    ),
  );

export const accessTable: Readonly<Record<string, Access>> = {
  'GET /registrations': reads,
  'GET /registrations/:app': reads,
  'GET /registrations/:app/:version': reads,
  [`GET ${onePath}`]: reads,
  'POST /registrations': { need: 'write', apps: 'body' },
  [`POST ${onePath}`]: { need: 'write', apps: 'path' },
  [`PUT ${onePath}/lease`]: { need: 'write', apps: 'path' },
  'POST /renewals': { need: 'write', apps: 'ids' },
  [`PUT ${onePath}/state`]: { need: 'drain', apps: 'path' },
  [`PUT ${onePath}/health`]: { need: 'write', apps: 'path' },
  [`DELETE ${onePath}`]: { need: 'write', apps: 'path' },

  'GET /backends': reads,
  'GET /backends/:name': reads,
  'GET /backends/:name/registrations': reads,
  'POST /backends': deploys,
  'PUT /backends/:name': deploys,
  'DELETE /backends/:name': deploys,
  'POST /backends/:name/rollback': deploys,
  'GET /frontends': reads,
  'GET /frontends/:name': reads,
  'GET /frontends/:name/registrations': reads,
  'POST /frontends': deploys,
  'PUT /frontends/:name': deploys,
  'DELETE /frontends/:name': deploys,
  'POST /frontends/:name/rollback': deploys,
  'GET /drain-rules': reads,
  'GET /drain-rules/:name': reads,
  'POST /drain-rules': drains,
  'PUT /drain-rules/:name': drains,
  'DELETE /drain-rules/:name': drains,
  'POST /drain-rules/:name/rollback': drains,
  'GET /history': reads,
  'GET /explain': reads,
  'GET /whoami': reads,
  'GET /leases': reads,

  'GET /events': reads,

  'GET /status': reads,
  'GET /daemons': reads,
  'DELETE /daemons/:name': { need: 'admin' },
  // Surfaces: see src/daemon/surfaces.
  'GET /metrics': reads,
  'GET /sd/prometheus': reads,
  'GET /traefik': reads,
  'POST /v3/discovery\\:endpoints': reads,
  'POST /v3/discovery\\:clusters': reads,
  // The dashboard, which asks the routes above for what it shows, with the token of its user.
  'GET /ui': open,
  'GET /ui/:file': open,
  // The description of these routes, which is the same for all callers.
  'GET /openapi.json': open,
  'GET /docs': open,
  'GET /docs/:file': open,

  'GET /v1/agent/self': reads,
  'GET /v1/agent/members': reads,
  'GET /v1/agent/services': reads,
  'GET /v1/agent/service/:id': reads,
  'GET /v1/agent/checks': reads,
  'GET /v1/catalog/datacenters': reads,
  'GET /v1/catalog/nodes': reads,
  'GET /v1/catalog/services': reads,
  'GET /v1/catalog/service/:service': reads,
  'GET /v1/health/service/:service': reads,
  'GET /v1/health/checks/:service': reads,
  'GET /v1/health/node/:node': reads,
  'GET /v1/health/state/:state': reads,
  'GET /v1/status/leader': reads,
  'GET /v1/status/peers': reads,
  'GET /v1/kv/*key': reads,
  'PUT /v1/agent/service/register': writes,
  'GET /v1/agent/service/deregister/:id': writes,
  'PUT /v1/agent/service/deregister/:id': writes,
  'PUT /v1/agent/service/maintenance/:id': drains,
  'PUT /v1/agent/check/register': writes,
  'GET /v1/agent/check/deregister/:id': writes,
  'PUT /v1/agent/check/deregister/:id': writes,
  'GET /v1/agent/check/pass/:id': writes,
  'PUT /v1/agent/check/pass/:id': writes,
  'GET /v1/agent/check/warn/:id': writes,
  'PUT /v1/agent/check/warn/:id': writes,
  'GET /v1/agent/check/fail/:id': writes,
  'PUT /v1/agent/check/fail/:id': writes,
  'PUT /v1/agent/check/update/:id': writes,
  // Always refused.
  'PUT /v1/catalog/register': { need: 'write' },
  'PUT /v1/catalog/deregister': { need: 'write' },

  ...forBoth('/eureka', '/eureka/v2', {
    'GET /apps': reads,
    'GET /apps/delta': reads,
    'GET /apps/:app': reads,
    'GET /apps/:app/:id': reads,
    'GET /instances/:id': reads,
    'GET /vips/:vip': reads,
    'GET /svips/:vip': reads,
    'POST /apps/:app': writes,
    'PUT /apps/:app/:id': writes,
    'DELETE /apps/:app/:id': writes,
    'PUT /apps/:app/:id/status': drains,
    'DELETE /apps/:app/:id/status': drains,
  }),

  // For supervisors and load balancers, which have no token.
  'GET /livez': open,
  'GET /readyz': open,

  // Explains what it is for.
  'GET /peer': open,
  'UPGRADE /peer': { need: 'peer' },
};

/** The row of a route. Throws if there is none. */
export function accessOf(method: string, path: string): Access {
  const access = Object.hasOwn(accessTable, `${method} ${path}`) ? accessTable[`${method} ${path}`] : undefined;
  if (!access) throw new Error(`${method} ${path} has no row in the table of routes and roles (access.ts)`);
  return access;
}
