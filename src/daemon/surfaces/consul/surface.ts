import { surface } from '../surface.js';
import { clusterRoutes, readRoutes, writeRoutes } from './routes.js';

export const consul = surface({
  name: 'consul',
  what: "Consul's HTTP API: look-ups, watches, and registrations with checks",
  routes: { ...writeRoutes, ...readRoutes, ...clusterRoutes },
  load: () => import('./consul.js'),
});
