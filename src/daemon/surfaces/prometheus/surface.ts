import { surface } from '../surface.js';

export const prometheus = surface({
  name: 'prometheus',
  what: 'targets for Prometheus (http_sd_configs)',
  routes: { 'GET /sd/prometheus': { reads: true } },
  load: () => import('./prometheus.js'),
});
