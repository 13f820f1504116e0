import { surface } from '../surface.js';

export const traefik = surface({
  name: 'traefik',
  what: "routers and services for Traefik's HTTP provider",
  routes: { 'GET /traefik': { reads: true } },
  load: () => import('./traefik.js'),
});
