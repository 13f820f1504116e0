/** The DNS server of a daemon: one port, by UDP and TCP. */

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIPv6, type Server } from 'node:net';
import { lookup } from 'node:dns/promises';
import type { DnsStatus } from '../../../model/daemon.js';
import { BenderError } from '../../../model/errors.js';
import type { Near } from '../../../model/near.js';
import { hostPort } from '../../../model/registration.js';
import type { Log } from '../../core/log.js';
import type { Registry } from '../../core/registry.js';
import type { SurfaceCounts } from '../counts.js';
import { Responder } from './responder.js';
import { TcpConnections, type TcpLimits } from './tcp.js';

export interface DnsSettings {
  host: string;
  /** 0: a free one. */
  port: number;
  /** In lower case, without a dot at its end. */
  domain: string;
  /** The instances that all names prefer. */
  near?: Near | undefined;
  tcp?: TcpLimits;
}

export interface DnsServer {
  readonly status: DnsStatus;
  close(): Promise<void>;
}

/** Bytes of queries that may wait while the daemon is busy. */
const receiveBuffer = 1024 * 1024;

/** How often a free port is tried whose other protocol is in use. */
const tries = 10;

/** Rejects if it cannot listen there. */
export async function serveDns(
  registry: Registry,
  { host, port, domain, near, tcp: limits }: DnsSettings,
  { counts, log }: { counts: SurfaceCounts; log: Log },
): Promise<DnsServer> {
  const responder = new Responder(registry, domain, counts, log, near);
  const connections = new TcpConnections((message) => responder.respond(message, 'tcp'), limits);
  const { address } = await lookup(host);
  const { tcp, udp } = await open(address, port);
  tcp.on('connection', (socket) => connections.accept(socket));
  udp.on('message', (message: Buffer, { address, port }: RemoteInfo) => {
    // Port 0 cannot be replied to.
    const answer = port === 0 ? undefined : responder.respond(message, 'udp');
    // An answer that cannot be sent is one that was lost.
    if (answer) udp.send(answer, port, address, () => undefined);
  });
  udp.on('error', (error) => log.warn({ reason: error.message }, 'DNS by UDP failed'));
  return {
    status: { host, port: (tcp.address() as AddressInfo).port, domain },
    close: async () => {
      const closed = [once(tcp, 'close'), once(udp, 'close')];
      tcp.close();
      udp.close();
      connections.close();
      await Promise.all(closed);
    },
  };
}

/** Opens both protocols at one port. */
async function open(address: string, port: number): Promise<{ tcp: Server; udp: UdpSocket }> {
  for (let left = tries; ; left--) {
    // A client may send its last query and close its half.
    const tcp = createServer({ allowHalfOpen: true });
    const udp = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: receiveBuffer });
    try {
      await once(tcp.listen({ host: address, port }), 'listening');
      const both = (tcp.address() as AddressInfo).port;
      udp.bind({ address, port: both });
      await once(udp, 'listening');
      return { tcp, udp };
    } catch (error) {
      tcp.close();
      udp.close();
      const { code, message } = error as NodeJS.ErrnoException;
      if (port === 0 && code === 'EADDRINUSE' && left > 1) continue;
      const why = code === 'EADDRINUSE' ? 'another program does already' : message;
      throw new BenderError('INTERNAL', `cannot listen for DNS on ${hostPort({ host: address, port })}: ${why}`, {
        cause: error,
      });
    }
  }
}
