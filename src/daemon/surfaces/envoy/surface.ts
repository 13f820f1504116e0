import { surface } from '../surface.js';

export const envoy = surface({
  name: 'envoy',
  what: 'clusters and endpoints for Envoy (REST-JSON CDS and EDS)',
  // A colon begins a parameter in Express, unless it is escaped.
  routes: {
    'POST /v3/discovery\\:endpoints': { reads: true, raw: true },
    'POST /v3/discovery\\:clusters': { reads: true, raw: true },
  },
  load: () => import('./envoy.js'),
});
