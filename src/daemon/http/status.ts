/** The routes of the daemon's status and its cluster, and the probes. */

import type { DnsStatus, LoadStatus, MemoryUse, Status, TlsStatus } from '../../model/daemon.js';
import { NotReadyError } from '../../model/errors.js';
import { countOpenFiles } from '../open-files.js';
import type { Registry } from '../core/registry.js';
import type { Repeats } from './repeats.js';
import { route, type Route } from './route.js';

/** What only the process knows. */
export interface ProcessFacts {
  load: () => LoadStatus;
  /** The URL at which this daemon listens. */
  listening: string | undefined;
  insecure: boolean;
  tls: (() => TlsStatus) | undefined;
  dns: () => DnsStatus | undefined;
}

/** Returns a function that makes the whole status. */
export const statusMaker =
  (registry: Pick<Registry, 'status'>, { load, listening, insecure, tls, dns }: ProcessFacts) =>
  async (): Promise<Status> => {
    const openFiles = await countOpenFiles();
    const dnsStatus = dns();
    return {
      ...registry.status(),
      ...(listening !== undefined && { listening }),
      ...(insecure && { insecure }),
      ...(dnsStatus && { dns: dnsStatus }),
      ...(tls && { tls: tls() }),
      time: Date.now(),
      memory: memoryUse(),
      load: load(),
      ...(openFiles && { openFiles }),
    };
  };

export function statusRoutes(registry: Registry, repeats: Repeats, status: () => Promise<Status>): Route[] {
  return [
    route('GET', '/status', {}, async () => ({ status: 200, body: await status() })),
    route('GET', '/daemons', { marked: true }, () => ({ status: 200, body: registry.daemons() })),
    route(
      'DELETE',
      '/daemons/:name',
      {},
      repeats.once('forget', async ({ params }) => {
        registry.forgetDaemon(params.name);
        return { status: 204 };
      }),
    ),
    // A daemon that answers at all is alive: a supervisor that restarts it for less loses what it knows.
    route('GET', '/livez', { always: true, hot: true, urgent: true }, () => ({
      status: 200,
      body: { live: true },
    })),
    route('GET', '/readyz', { always: true, urgent: true }, () => {
      if (registry.phase !== 'running') throw new NotReadyError(`this daemon is ${registry.phase}`);
      if (!registry.ready) throw new NotReadyError('this daemon does not know yet which daemons are alive');
      return { status: 200, body: { ready: true } };
    }),
  ];
}

function memoryUse(): MemoryUse {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}
