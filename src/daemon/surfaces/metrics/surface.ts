import { surface } from '../surface.js';

export const metrics = surface({
  name: 'metrics',
  what: 'the metrics of a daemon, for Prometheus',
  // What a daemon says about itself is right in every state.
  routes: { 'GET /metrics': { reads: false } },
  load: () => import('./metrics.js'),
});
