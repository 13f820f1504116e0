import type { Row } from './row.js';

interface Balancer {
  loadBalancer: { servers?: { url: string; weight?: number }[] };
}
interface Weighted {
  weighted: { services: { name: string; weight: number }[] };
}
interface Configuration {
  http?: { routers: Record<string, { service: string }>; services: Record<string, Balancer | Weighted> };
}

/** The servers that a request for `www` may reach, each with its share. */
function serversOf({ http }: Configuration): { at: string; weight?: number }[] {
  const named = (name: string) => http!.services[name]!;
  const service = named(http!.routers.www!.service);
  const membersOf = ({ loadBalancer: { servers = [] } }: Balancer) =>
    servers.map(({ url, weight = 1 }) => ({ at: url.replace('http://', ''), weight }));
  if ('loadBalancer' in service) return membersOf(service);
  return service.weighted.services.flatMap(({ name, weight }) => {
    const all = membersOf(named(name) as Balancer);
    return all.map(({ at }) => ({ at, weight: weight / all.length }));
  });
}

export const traefik: Row = {
  ask: async (server, known, near) => {
    const headers: Record<string, string> = known === undefined ? {} : { 'if-none-match': known };
    const path = `/traefik${near === undefined ? '' : `?near=zone:${near}`}`;
    const { status, body, headers: answered } = await server.ask('GET', path, { headers });
    return {
      shown: status === 200 ? serversOf(body as Configuration) : 'keep',
      bytes: JSON.stringify(body),
      etag: answered.etag,
    };
  },
  empty: /"services":\{"web":\{"loadBalancer":\{"passHostHeader":true\}\}\}/,
  draining: 'absent',
  hostName: 'shown',
  split: [45, 45, 10],
  near: true,
  most: 5000,
  etag: true,
};
