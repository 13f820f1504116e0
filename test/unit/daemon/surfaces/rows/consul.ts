import type { Instance } from '../../../../../src/daemon/surfaces/consul/instance.js';
import { hostPort } from '../../../../../src/model/registration.js';
import type { Row } from './row.js';

export const consul: Row = {
  ask: async (server, known) => {
    const headers: Record<string, string> = known === undefined ? {} : { 'if-none-match': known };
    const { status, body, headers: answered } = await server.ask('GET', '/v1/health/service/web', { headers });
    return {
      shown:
        status === 200
          ? (body as Instance[]).map(({ Service, Checks }) => ({
              at: hostPort({ host: Service.Address, port: Service.Port }),
              draining: Checks.some(
                ({ CheckID, Status }) => CheckID === `_service_maintenance:${Service.ID}` && Status === 'critical',
              ),
            }))
          : 'keep',
      bytes: JSON.stringify(body),
      etag: answered.etag,
    };
  },
  empty: '[]',
  draining: 'marked',
  hostName: 'shown',
  split: undefined,
  near: false,
  most: 5000,
  etag: true,
};
