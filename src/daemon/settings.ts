/** The settings of `bender serve`. Flags, environment and config file all come from this table. */

import type { ClientAuth } from '../model/daemon.js';
import { limits } from '../model/limits.js';
import { mostOfQuota } from '../model/quotas.js';
import { logParts } from './core/log.js';
import type { Anonymous } from './http/auth/gate.js';
import { loadLimitDefaults } from './http/load-limits.js';
import { dnsSettings } from './dns-settings.js';
import { surfaceNames } from './surfaces/list.js';
import { setting, switchFor } from './setting.js';
import { type LogLevels, logLevels, parseLogLevels } from './log-levels.js';
import {
  baseUrl,
  durationWithin,
  hostPattern,
  integerWithin,
  type ListenAddress,
  listenAddress,
  listOf,
  name,
  oneOf,
  port,
  reachableUrl,
  secretToken,
  text,
} from './setting-parsers.js';

/** A year, in ms: a bound for what needs none. */
const longest = 365 * 24 * 60 * 60 * 1000;

/** Keyed by name of the flag, which is also the key in the config file. */
export const settingTable = {
  host: setting({
    parse: text,
    fallback: '127.0.0.1',
    placeholder: 'ADDRESS',
    help: 'The address to listen on; 0.0.0.0 or :: for all.',
  }),
  port: setting({
    parse: port,
    fallback: 1729,
    placeholder: 'PORT',
    help: 'The port to listen on; 0 for a free one.',
  }),
  advertise: setting<string | undefined>({
    parse: reachableUrl,
    fallback: undefined,
    placeholder: 'URL',
    help: 'Where peers and clients reach this daemon.',
    fallbackHelp: 'http(s)://HOST:PORT as it listens',
  }),
  name: setting<string | undefined>({
    parse: name,
    fallback: undefined,
    placeholder: 'NAME',
    help: 'The name of this daemon: unique in the cluster, the same after a restart.',
    fallbackHelp: 'the advertised host and port; with --tls-ca, the name in its certificate',
  }),
  peer: setting<string[]>({
    parse: listOf(baseUrl),
    fallback: [],
    placeholder: 'URL',
    help: 'A daemon to join; one of the cluster suffices. A host name stands for all of its addresses. May be repeated.',
    fallbackHelp: 'none',
    repeats: true,
  }),
  'peer-listen': setting<ListenAddress | undefined>({
    parse: listenAddress,
    fallback: undefined,
    placeholder: 'HOST:PORT',
    help: 'Take peers at this address and port, and no longer at that of clients: a firewall can then tell them apart. --peer of the others names this port.',
    fallbackHelp: 'none: peers and clients use one port',
  }),
  'peer-advertise': setting<string | undefined>({
    parse: reachableUrl,
    fallback: undefined,
    placeholder: 'URL',
    help: 'Where peers reach this daemon, with --peer-listen.',
    fallbackHelp: 'the host of --peer-listen, or that of --advertise if it stands for all, and the port',
  }),
  'allowed-host': setting<string[]>({
    parse: listOf(hostPattern),
    fallback: [],
    placeholder: 'NAME',
    help: 'A host name by which clients call this daemon, beside those of --advertise and --host; *.example.com for all subdomains, * for any. May be repeated.',
    fallbackHelp: 'none',
    repeats: true,
  }),
  cluster: setting({
    parse: name,
    fallback: 'default',
    placeholder: 'NAME',
    help: 'Daemons of different clusters refuse each other.',
  }),
  catalog: setting<string | undefined>({
    parse: text,
    fallback: undefined,
    placeholder: 'FILE',
    help: 'Keep backends, frontends and their history in this file, so that they survive the last daemon.',
    fallbackHelp: 'none: they live as long as one daemon',
  }),
  tokens: setting<string | undefined>({
    parse: text,
    fallback: undefined,
    placeholder: 'FILE',
    help: "The tokens that clients and peers need, from 'bender token create'. The file is read again when it changes, and on SIGHUP.",
    fallbackHelp: 'none: every caller may do everything',
  }),
  anonymous: setting<Anonymous>({
    parse: oneOf('none', 'read'),
    fallback: 'none',
    placeholder: 'none|read',
    help: 'What callers without a token may do, with --tokens. Probes (/livez, /readyz) need no token.',
  }),
  'tls-cert': setting<string | undefined>({
    parse: text,
    fallback: undefined,
    placeholder: 'FILE',
    help: "Use TLS with this certificate (PEM, followed by the intermediate ones; 'bender ca issue' makes one). The files of TLS are read again when they change, and on SIGHUP.",
    fallbackHelp: 'none: no TLS',
  }),
  'tls-key': setting<string | undefined>({
    parse: text,
    fallback: undefined,
    placeholder: 'FILE',
    help: 'The private key of that certificate (PEM).',
    fallbackHelp: 'none',
  }),
  'tls-ca': setting<string | undefined>({
    parse: text,
    fallback: undefined,
    placeholder: 'FILE',
    help: 'The certificates of the CA of this cluster (PEM). Daemons must then present a certificate of this CA to each other, and use the name in it.',
    fallbackHelp: 'none: peers need a token of the role peer, and are verified by the CAs of Node',
  }),
  'tls-client-auth': setting<ClientAuth | undefined>({
    parse: oneOf('none', 'request', 'require'),
    fallback: undefined,
    placeholder: 'none|request|require',
    help: 'Whether clients present a certificate of the CA: require refuses those without one.',
    fallbackHelp: 'request with --tls-ca, which daemons need, and without --peer-listen; else none',
  }),
  insecure: switchFor(
    'Listen on addresses other than loopback without tokens: every program that can reach them may read and change everything.',
  ),
  token: setting<string | undefined>({
    parse: secretToken,
    fallback: undefined,
    placeholder: 'TOKEN',
    help: 'The token (role peer) that this daemon sends to its peers. Better in the environment or in --token-file.',
    fallbackHelp: 'none',
  }),
  'token-file': setting<string | undefined>({
    parse: text,
    fallback: undefined,
    placeholder: 'FILE',
    help: 'A file with that token, read at each connection.',
    fallbackHelp: 'none',
  }),
  ttl: setting({
    parse: durationWithin(limits.ttlMin, limits.ttlMax),
    fallback: 4000,
    placeholder: 'DURATION',
    help: 'How long a registration without a TTL of its own stays online without a renewal.',
    fallbackHelp: '4s',
  }),
  'peer-timeout': setting({
    parse: durationWithin(500, 60_000),
    fallback: 2000,
    placeholder: 'DURATION',
    help: 'Silence after which a daemon counts as lost. A lower value finds crashes sooner, a higher one tolerates worse networks.',
    fallbackHelp: '2s',
  }),
  'warm-for': setting<number | undefined>({
    parse: durationWithin(0, limits.ttlMax),
    fallback: undefined,
    placeholder: 'DURATION',
    help: 'How long this daemon is not ready after a start without a ready peer.',
    fallbackHelp: 'the TTL',
  }),
  'when-isolated': setting<'keep' | 'expire'>({
    parse: oneOf('keep', 'expire'),
    fallback: 'keep',
    placeholder: 'keep|expire',
    help: 'What to do when fewer than half of the known daemons are heard: keep the last view, marked stale, or let what the others held expire.',
  }),
  'isolated-for': setting({
    parse: durationWithin(0, longest),
    fallback: 10 * 60_000,
    placeholder: 'DURATION',
    help: 'How long an isolated daemon keeps its last view before it lets entries expire.',
    fallbackHelp: '10m',
  }),
  'no-remote-checks': switchFor(
    'Probe only instances at addresses of this machine: a check of another host is refused.',
  ),
  without: setting<string[]>({
    parse: listOf(oneOf(...surfaceNames)),
    fallback: [],
    placeholder: 'SURFACE',
    help: `A surface to switch off: ${surfaceNames.join(', ')} (docs/surfaces.md). May be repeated.`,
    fallbackHelp: 'none: all are on',
    repeats: true,
  }),
  ...dnsSettings,
  'max-connections': setting({
    parse: integerWithin(1, 1_000_000),
    fallback: loadLimitDefaults.connections.total,
    placeholder: 'NUMBER',
    help: 'The most open connections of clients; more are refused with 503. Each needs a file descriptor.',
  }),
  'max-connections-per-address': setting({
    parse: integerWithin(1, 1_000_000),
    fallback: loadLimitDefaults.connections.perAddress,
    placeholder: 'NUMBER',
    help: 'The most open connections of clients from one address.',
  }),
  'max-watchers': setting({
    parse: integerWithin(1, 1_000_000),
    fallback: loadLimitDefaults.watchers.total,
    placeholder: 'NUMBER',
    help: 'The most open event streams; more are refused with 503.',
  }),
  'max-watchers-per-address': setting({
    parse: integerWithin(1, 1_000_000),
    fallback: loadLimitDefaults.watchers.perAddress,
    placeholder: 'NUMBER',
    help: 'The most open event streams from one address.',
  }),
  'max-catalog-writes': setting({
    parse: integerWithin(1, 1_000_000),
    fallback: loadLimitDefaults.catalogWrites,
    placeholder: 'NUMBER',
    help: 'The most changes of backends and frontends per second in the long run, and a hundred times as many at once; more are refused with 429.',
  }),
  'max-requests': setting<number | undefined>({
    parse: integerWithin(1, mostOfQuota),
    fallback: undefined,
    placeholder: 'NUMBER',
    help: 'The most requests per second in the long run, and ten times as many at once; more are refused with 429, renewals last.',
    fallbackHelp: 'no limit',
  }),
  'max-registrations': setting({
    parse: integerWithin(1, mostOfQuota),
    fallback: loadLimitDefaults.registrations,
    placeholder: 'NUMBER',
    help: 'The most registrations that this daemon holds; further ones are refused with 429. Renewals are never refused.',
  }),
  'max-meta-bytes': setting({
    parse: integerWithin(1, mostOfQuota),
    fallback: loadLimitDefaults.metaBytes,
    placeholder: 'BYTES',
    help: 'The most bytes of metadata of the registrations that were made at this daemon; more is refused with 429.',
  }),
  'log-level': setting<LogLevels>({
    parse: parseLogLevels,
    fallback: { all: 'info', parts: {} },
    placeholder: 'LEVEL|PART=LEVEL',
    help: `How much is logged: ${logLevels.join(', ')}. PART=LEVEL sets the level of one part (${logParts.join(', ')}): info,peers=debug. Repeat it for other parts. events=debug logs each instance that comes or goes.`,
    fallbackHelp: 'info',
    repeats: true,
  }),
  'log-format': setting<'pretty' | 'json'>({
    parse: oneOf('pretty', 'json'),
    fallback: 'pretty',
    placeholder: 'FORMAT',
    help: 'pretty for people, json for programs. The log goes to stderr.',
  }),
};

export type { Setting } from './setting.js';

type Table = typeof settingTable;
export type Settings = { [K in keyof Table]: Table[K]['fallback'] };

/** The environment variable of a setting: `BENDER_PEER_TIMEOUT` for `--peer-timeout`. */
export const environmentName = (setting: string): string => `BENDER_${setting.toUpperCase().replaceAll('-', '_')}`;
