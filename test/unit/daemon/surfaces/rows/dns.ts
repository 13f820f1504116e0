import { parseNear } from '../../../../../src/model/near.js';
import { hostPort } from '../../../../../src/model/registration.js';
import { serveDns } from '../../../../../src/daemon/surfaces/dns/server.js';
import { addressesIn, askDns, type Service, servicesIn } from '../../../../helpers/dns-client.js';
import type { ApiServer } from '../../../../helpers/api-server.js';
import { logOf } from '../../../../helpers/log.js';
import type { Row, Shown } from './row.js';

/** A DNS server over the registry of the API's server, for as long as `use` takes. */
async function withDns<T>(server: ApiServer, zone: string | undefined, use: (port: number) => Promise<T>): Promise<T> {
  const log = logOf((line) => server.logged.push(line));
  const near = zone === undefined ? undefined : parseNear(`zone:${zone}`);
  const settings = { host: '127.0.0.1', port: 0, domain: 'bender', near };
  const dns = await serveDns(server.daemon, settings, { counts: server.surfaceCounts, log });
  try {
    return await use(dns.status.port);
  } finally {
    await dns.close();
  }
}

/** What a target stands for: clients ask for addresses that an answer has no room for. */
const hostOf = async (port: number, { target, address }: Service): Promise<string> => {
  if (address !== undefined || !target.endsWith('.bender')) return address ?? target;
  return addressesIn(await askDns(port, { name: target, type: 'A' }))[0]!;
};

export const dns: Row = {
  ask: (server, _, near) =>
    withDns(server, near, async (port) => {
      const answer = await askDns(port, { name: '_www._tcp.frontend.bender', type: 'SRV', udpSize: 8192 });
      const shown: Shown[] = [];
      for (const service of servicesIn(answer))
        shown.push({
          at: hostPort({ host: await hostOf(port, service), port: service.port }),
          weight: Math.ceil(service.weight / 256),
          draining: service.weight === 0,
        });
      return { shown: answer.rcode === 'SERVFAIL' ? 'keep' : shown, bytes: answer.bytes.toString('latin1') };
    }),
  // NXDOMAIN, with one question and the SOA.
  empty: /^..\x85\x03\0\x01\0\0\0\x01/s,
  draining: 'marked',
  hostName: 'shown',
  split: [9, 9, 2],
  near: true,
  most: 'some',
  etag: false,
};
