/** The calls of Eureka's REST interface, and the routes by which they are made. */

import type { RouteKey, SurfaceTraits } from '../surface.js';

/** https://github.com/Netflix/eureka/wiki/Eureka-REST-operations. */
export const calls = {
  'GET /apps': { reads: true, hot: true },
  // Ahead of an app of that name.
  'GET /apps/delta': { reads: false },
  'GET /apps/:app': { reads: true },
  'GET /apps/:app/:id': { reads: true },
  'GET /instances/:id': { reads: true },
  'GET /vips/:vip': { reads: true },
  'GET /svips/:vip': { reads: true },
  'POST /apps/:app': { reads: false, raw: true },
  'PUT /apps/:app/:id': { reads: false, raw: true, hot: true, urgent: 'without-body' },
  'DELETE /apps/:app/:id': { reads: false },
  'PUT /apps/:app/:id/status': { reads: false, raw: true },
  'DELETE /apps/:app/:id/status': { reads: false },
} as const satisfies Record<string, SurfaceTraits>;

export type EurekaCall = keyof typeof calls;

/** Spring uses the first prefix, Netflix's own clients the second. */
const prefixes = ['/eureka', '/eureka/v2'] as const;

export type EurekaRoute = EurekaCall extends infer Call
  ? Call extends `${infer Method} ${infer Path}`
    ? `${Method} ${(typeof prefixes)[number]}${Path}` & RouteKey
    : never
  : never;

/** What is said of each call, for each of its routes. */
export const forRoutes = <T>(ofCalls: Readonly<Record<EurekaCall, T>>): Record<EurekaRoute, T> =>
  Object.fromEntries(
    Object.entries(ofCalls).flatMap(([call, value]) => {
      const [method, path] = call.split(' ');
      return prefixes.map((prefix) => [`${method} ${prefix}${path}`, value]);
    }),
  ) as Record<EurekaRoute, T>;
