import { hostPort } from '../../../../../src/model/registration.js';
import type { Row } from './row.js';

interface Endpoint {
  endpoint: { address: { socket_address: { address: string; port_value: number } } };
  load_balancing_weight: number;
  health_status?: 'DRAINING';
}
interface Response {
  resources: { endpoints: { priority?: number; lb_endpoints: Endpoint[] }[] }[];
}

export const envoy: Row = {
  ask: async (server, known, near) => {
    const body = {
      resource_names: ['www'],
      ...(known !== undefined && { version_info: known.slice(1, -1) }),
      ...(near !== undefined && { node: { id: 'one', locality: { region: 'eu', zone: near } } }),
    };
    const { status, body: answer, headers } = await server.ask('POST', '/v3/discovery:endpoints', { body });
    const endpoints = (): Endpoint[] =>
      (answer as Response).resources.flatMap(({ endpoints }) =>
        endpoints.flatMap(({ priority = 0, lb_endpoints }) => (priority === 0 ? lb_endpoints : [])),
      );
    return {
      shown:
        status === 200
          ? endpoints().map(({ endpoint: { address }, load_balancing_weight: weight, health_status }) => {
              const { address: host, port_value: port } = address.socket_address;
              return { at: hostPort({ host, port }), weight, draining: health_status === 'DRAINING' };
            })
          : 'keep',
      bytes: JSON.stringify(answer),
      etag: headers.etag,
    };
  },
  empty: /"cluster_name":"www","endpoints":\[\]/,
  draining: 'marked',
  hostName: 'left out',
  split: [9, 9, 2],
  near: true,
  most: 5000,
  etag: true,
};
