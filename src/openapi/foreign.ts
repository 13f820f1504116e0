/** The routes that are not described here, since others define what is asked and answered there. */

/** By the beginning of the routes, as in the table of routes and roles. */
export const foreign: Readonly<Record<string, string>> = {
  'GET /metrics': 'the text format of Prometheus, or that of OpenMetrics: docs/integrations/metrics.md',
  'GET /sd/prometheus': 'HTTP discovery of Prometheus: docs/integrations/prometheus.md',
  'GET /traefik': 'the HTTP provider of Traefik: docs/integrations/traefik.md',
  'POST /v3/discovery': 'xDS, by which Envoy asks for clusters and endpoints: docs/integrations/envoy.md',
  'GET /v1/': 'the API of Consul: docs/integrations/consul.md',
  'PUT /v1/': 'the API of Consul: docs/integrations/consul.md',
  'GET /eureka/': 'the API of Eureka: docs/integrations/eureka.md',
  'POST /eureka/': 'the API of Eureka: docs/integrations/eureka.md',
  'PUT /eureka/': 'the API of Eureka: docs/integrations/eureka.md',
  'DELETE /eureka/': 'the API of Eureka: docs/integrations/eureka.md',
  'GET /peer': 'says what the path is for: daemons exchange there, in a protocol of their own (docs/replication.md)',
  'UPGRADE /peer': 'daemons exchange there, in a protocol of their own: docs/replication.md',
};

/** What a route is part of; undefined if it is part of this API. */
export function foreignProtocol(route: string): string | undefined {
  const found = Object.entries(foreign).find(([start]) => route.startsWith(start));
  return found?.[1];
}
