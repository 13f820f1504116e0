/** A daemon in this process: the core with its real clock, sockets and log, from start to stop. */

// Automerge's WASM is compiled while these are loaded; all that follows waits for it.
import '../crdt/automerge-wasm.js';
import { createExpressServer } from './http/server.js';
import { logInstances } from './instance-log.js';
import { createLogs } from './log.js';
import { isDebug } from './log-levels.js';

import { tokenInFile } from '../files/token-in-file.js';
import { isLoopback } from '../model/loopback.js';
import { parseNear } from '../model/near.js';
import { hostPort } from '../model/registration.js';
import { advertisedUrl, namesOf, peerUrlOf } from './advertise.js';
import { CatalogFile } from './catalog-file.js';
import { Daemon } from './core/daemon.js';
import { isExposed } from './exposure.js';
import { type Log, logFailure } from './core/log.js';
import type { DaemonSettings } from './core/runtime.js';
import { PeerTraffic } from './peer/peer-traffic.js';
import { StreamTransport } from './peer/stream-transport.js';
import { type Api, createApi } from './http/api.js';
import { loadLimitDefaults, type LoadLimits } from './http/load-limits.js';
import type { DnsServer } from './surfaces/dns/server.js';
import { closeDoor, listen } from './listening.js';
import { openNamedFiles } from './named-files.js';
import { nodeRuntime } from './node-runtime.js';
import { watchOpenFiles } from './open-files.js';
import { HostProbes } from './probes/probes.js';
import type { Settings } from './settings.js';
import type { DaemonTls } from './tls/daemon-tls.js';
import { endOnUncaught } from './uncaught.js';

/** ms for which requests that are being answered at the end may still be. */
const drainForMs = 200;

export interface RunOptions {
  settings: Settings;
  /** The bender version to report. */
  version: string;
  /** Called once it listens, at the URL `listening`, and has joined. */
  onStarted: (daemon: DaemonSettings, listening: string) => void;
  /** Settles when the daemon is to stop. */
  stopped: Promise<unknown>;
  /** Whether the process is that of another program, whose uncaught errors are its own. */
  isEmbedded?: boolean;
  /** Told what to call when files of the settings are to be read again. */
  onReload?: (reload: () => Promise<void>) => void;
}

/** Serves until it is to stop, and has left. Rejects if it cannot listen or must not go on. */
export async function runDaemon({ settings, version, stopped, isEmbedded, ...to }: RunOptions): Promise<void> {
  const { onStarted, onReload } = to;
  const logs = createLogs(settings);
  const log = logs.lifecycle;
  const token = tokenOf(settings);
  const { tokens, tls } = await openNamedFiles(settings, logs.http);
  if (tokens) onReload?.(() => tokens.reload().catch(logFailure(logs.http, 'reading the tokens file')));
  if (tls) onReload?.(() => tls.files.reload().catch(logFailure(logs.http, 'reading the TLS files')));
  const web = createExpressServer(tls?.listenerOptions);
  const peerAt = settings['peer-listen'];
  const peerServer = peerAt && createExpressServer(tls?.peerListenerOptions).server;
  const doors = [web.server, ...(peerServer ? [peerServer] : [])];
  tls?.renew(...doors);
  const closeFiles = (): void => {
    tokens?.close();
    tls?.files.close();
  };
  const enter = async () => {
    const port = await listen(web.server, settings.host, settings.port);
    const peerPort = peerServer && (await listen(peerServer, peerAt.host, peerAt.port));
    return { port, peerPort, daemonSettings: await describe(settings, version, { port, peerPort }, tls) };
  };
  const { port, peerPort, daemonSettings } = await enter().catch(async (error: unknown) => {
    // A program that embeds this daemon goes on: nothing of it may be left.
    await Promise.all(doors.filter(({ listening }) => listening).map((door) => closeDoor(door, 0)));
    closeFiles();
    throw error;
  });
  const listening = `${tls ? 'https' : 'http'}://${hostPort({ host: settings.host, port })}`;
  const traffic = new PeerTraffic();
  const transport = new StreamTransport({ traffic, token, tls: tls && (() => tls.files.material) });
  const ownPorts = new Set(peerPort === undefined ? [port] : [port, peerPort]);
  const probes = new HostProbes({ isOwnHostOnly: settings['no-remote-checks'], ownPorts });
  let daemon!: Daemon;
  const fatal = new Promise<never>((_, reject) => {
    const runtime = { ...nodeRuntime, names: tls?.names(logs.peers), probes };
    daemon = new Daemon(daemonSettings, runtime, transport, logs, {
      onFatal: reject,
      onPause: () => {
        for (const door of doors) door.closeAllConnections();
      },
    });
  });
  if (isDebug(settings['log-level'], 'events')) logInstances(daemon.events, logs.events);
  let dns: DnsServer | undefined;
  const api = createApi(web, daemon, logs, {
    limits: limitsIn(settings),
    hosts: namesOf(settings, daemonSettings.apiUrl ?? daemonSettings.url),
    listening,
    insecure: isExposed(settings),
    tokens,
    anonymous: settings.anonymous,
    mutual: tls?.mutual ?? false,
    peerServer,
    traffic,
    without: settings.without,
    tls: tls && (() => tls.status),
    dns: () => dns?.status,
  });
  const doing = (): object => ({ phase: daemon.phase, runId: daemon.runId, doing: daemon.turn.doing });
  const letGo = isEmbedded ? undefined : endOnUncaught(log, doing);
  if (tls)
    tls.onNewCa = () => {
      api.hangUp('the CA has changed');
      transport.close('the CA has changed');
    };
  const stopWatchingFiles = watchOpenFiles(log);
  let catalogFile: CatalogFile | undefined;
  try {
    if (settings.catalog !== undefined)
      catalogFile = await CatalogFile.open(settings.catalog, daemon.catalog, logs.catalog);
    const started = daemon.start().then(async (hasJoined) => {
      if (!hasJoined) return;
      dns = await openDns(settings, daemon, api, log);
      if (dns) ownPorts.add(dns.status.port);
      // It was told to stop meanwhile.
      if (daemon.phase !== 'running') return dns?.close();
      const { url, name, cluster, peers } = daemonSettings;
      log.info({ daemon: name, url, cluster, peers, runId: daemon.runId }, 'started');
      if (peers.length === 0 && !catalogFile) log.info({}, startsAlone);
      if (isExposed(settings)) logs.http.warn({ host: settings.host }, isOpen);
      onStarted(daemonSettings, listening);
    });
    await Promise.race([started, stopped, fatal]);
    await Promise.race([stopped, fatal]);
    log.info({}, 'stopping');
  } finally {
    // Peers are still to be heard: clients' connections are closed by the API from here on.
    if (!catalogFile) warnOfLoss(daemon, logs.catalog);
    const left = daemon.stop();
    api.close();
    await dns?.close();
    await left;
    probes.close();
    await catalogFile?.close();
    api.hangUp('this daemon stops');
    await Promise.all(doors.map((door) => closeDoor(door, drainForMs)));
    transport.close();
    stopWatchingFiles();
    closeFiles();
    for (const part of Object.values(logs)) part.flush();
    log.info({}, 'stopped');
    letGo?.();
  }
}

/** Listens for DNS, if that is wanted. Until then its port refuses, and resolvers ask another daemon. */
async function openDns(
  { 'dns-port': port, 'dns-host': host, 'dns-domain': domain, without, ...settings }: Settings,
  daemon: Daemon,
  { surfaceCounts: counts }: Api,
  log: Log,
): Promise<DnsServer | undefined> {
  if (port === undefined || without.includes('dns')) return undefined;
  const { serveDns } = await import('./surfaces/dns/server.js');
  const { 'dns-near': written, 'dns-near-at-least': atLeast } = settings;
  const near = written === undefined ? undefined : parseNear(written, atLeast);
  const dns = await serveDns(daemon, { host, port, domain, near }, { counts, log });
  log.info({ ...dns.status }, 'answers DNS');
  if (!isLoopback(host)) log.warn({ host }, dnsIsOpen);
  return dns;
}

const dnsIsOpen =
  'every program that reaches the address of DNS may see where services listen: DNS knows no tokens (docs/security.md)';

const startsAlone =
  'no --peer and no --catalog: backends and frontends are lost when this daemon stops, unless others have joined it';

const isOpen =
  'every program that reaches this address may read and change everything (--insecure): keep it on a network that you trust (docs/security.md)';

/** Returns the token to show to peers, as it is now. */
function tokenOf({ token, 'token-file': file }: Settings): () => string | undefined {
  return token === undefined && file !== undefined ? tokenInFile(file) : () => token;
}

/** The last daemon takes the catalog with it. */
function warnOfLoss({ catalog, membership, phase }: Daemon, log: Log): void {
  const [backends, frontends] = [catalog.backends.list().length, catalog.frontends.list().length];
  if (phase !== 'running' || membership.live().length > 1 || backends + frontends === 0) return;
  log.warn(
    { backends, frontends },
    'this is the last daemon: its backends, frontends and their history are lost (--catalog FILE would keep them)',
  );
}

const limitsIn = (settings: Settings): LoadLimits => ({
  connections: {
    total: settings['max-connections'],
    perAddress: settings['max-connections-per-address'],
  },
  watchers: { total: settings['max-watchers'], perAddress: settings['max-watchers-per-address'] },
  catalogWrites: settings['max-catalog-writes'],
  requests: settings['max-requests'],
  registrations: settings['max-registrations'],
  metaBytes: settings['max-meta-bytes'],
  wrongTokens: loadLimitDefaults.wrongTokens,
});

async function describe(
  settings: Settings,
  version: string,
  { port, peerPort }: { port: number; peerPort: number | undefined },
  tls: DaemonTls | undefined,
): Promise<DaemonSettings> {
  const scheme = tls ? 'https' : 'http';
  const clientUrl = settings.advertise ?? (await advertisedUrl(settings.host, port, scheme));
  const peerAt = settings['peer-listen'];
  const peerUrl =
    peerAt && (settings['peer-advertise'] ?? peerUrlOf({ host: peerAt.host, port: peerPort! }, clientUrl, scheme));
  return {
    url: peerUrl ?? clientUrl,
    ...(peerUrl !== undefined && { apiUrl: clientUrl }),
    name: settings.name ?? tls?.name ?? new URL(clientUrl).host,
    cluster: settings.cluster,
    peers: settings.peer,
    ttlMs: settings.ttl,
    peerTimeoutMs: settings['peer-timeout'],
    warmForMs: settings['warm-for'] ?? settings.ttl,
    whenIsolated: settings['when-isolated'],
    isolatedForMs: settings['isolated-for'],
    version,
  };
}
