/**
 * The options of `createDaemon`, and what it returns. This file imports nothing, since its types are published; a test
 * compares the options with the settings of `bender serve`.
 */

/**
 * The settings of `bender serve`, in camel case: `peerTimeout` for `--peer-timeout`, and `peers` for `--peer`. They
 * mean the same here (docs/settings.md), and are checked in the same way. Three defaults differ: those of `port`,
 * `warmFor` and `logLevel`.
 *
 * Durations are milliseconds, or text such as `'2s'`.
 */
export interface DaemonOptions {
  /** The address to listen on; default 127.0.0.1. */
  host?: string;
  /** The port to listen on. Default: 0, a free one. */
  port?: number | string;
  /** Where peers and clients reach this daemon; default: as it listens. */
  advertise?: string;
  /** The name of this daemon, unique in the cluster; default: the advertised host and port. */
  name?: string;
  /** URLs of daemons to join; one of the cluster suffices. Default: none. */
  peers?: string | readonly string[];
  /** `HOST:PORT` for peers alone; default: they use the port of clients. */
  peerListen?: string;
  /** Where peers reach this daemon, with `peerListen`. */
  peerAdvertise?: string;
  /** Host names by which clients call this daemon, beside those of `advertise` and `host`. */
  allowedHost?: string | readonly string[];
  /** Daemons of different clusters refuse each other; default `default`. */
  cluster?: string;
  /** A file in which backends, frontends and their history are kept; default: none. */
  catalog?: string;
  /** The file of the tokens that clients and peers need; default: every caller may do everything. */
  tokens?: string;
  /** What callers without a token may do, with `tokens`; default: nothing. */
  anonymous?: 'none' | 'read';
  /** The file of the certificate (PEM); default: no TLS. */
  tlsCert?: string;
  /** The file of its private key (PEM). */
  tlsKey?: string;
  /** The file of the certificates of the cluster's CA (PEM). */
  tlsCa?: string;
  /** Whether clients present a certificate of the CA. */
  tlsClientAuth?: 'none' | 'request' | 'require';
  /** Whether to listen on addresses other than loopback without tokens; default: no. */
  insecure?: boolean;
  /** The token (role peer) that this daemon sends to its peers. */
  token?: string;
  /** A file with that token. */
  tokenFile?: string;
  /** How long a registration without a TTL of its own stays online without a renewal; default 4 s. */
  ttl?: number | string;
  /** Silence after which a daemon counts as lost; default 2 s, at least 500 ms. */
  peerTimeout?: number | string;
  /** How long this daemon is not ready after a start without a ready peer. Default: 0, it is ready at once. */
  warmFor?: number | string;
  /** What to do when fewer than half of the known daemons are heard; default `keep`. */
  whenIsolated?: 'keep' | 'expire';
  /** How long an isolated daemon keeps its last view; default 10 min. */
  isolatedFor?: number | string;
  /** Whether to probe only instances at addresses of this machine; default: no. */
  noRemoteChecks?: boolean;
  /** Surfaces to switch off: metrics, prometheus, consul, eureka, traefik, envoy, ui, dns. */
  without?: string | readonly string[];
  /** The port to answer DNS at, 0 for a free one; default: no DNS. */
  dnsPort?: number | string;
  /** The address to answer DNS at; default 127.0.0.1. */
  dnsHost?: string;
  /** The domain of the names that DNS answers; default `bender`. */
  dnsDomain?: string;
  /** Names of DNS stand for the instances with this in their metadata, such as `zone:eu-1`, if there are enough. */
  dnsNear?: string;
  /** How many near instances are enough. Default: 1. */
  dnsNearAtLeast?: number | string;
  /** The most open connections of clients. */
  maxConnections?: number | string;
  /** The most open connections of clients from one address. */
  maxConnectionsPerAddress?: number | string;
  /** The most open event streams. */
  maxWatchers?: number | string;
  /** The most open event streams from one address. */
  maxWatchersPerAddress?: number | string;
  /** The most changes of backends and frontends per second in the long run. */
  maxCatalogWrites?: number | string;
  /** The most requests per second in the long run. */
  maxRequests?: number | string;
  /** The most registrations that this daemon holds. */
  maxRegistrations?: number | string;
  /** The most bytes of metadata of the registrations that were made at this daemon. */
  maxMetaBytes?: number | string;
  /** How much is logged, to stderr. Default: `silent`. `debug`, or `info,peers=debug`, shows what it does. */
  logLevel?: string | readonly string[];
  /** Default `pretty`. */
  logFormat?: 'pretty' | 'json';
}

/** A daemon that runs in this process. */
export interface EmbeddedDaemon {
  /** Its URL for clients and peers, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly name: string;
  readonly cluster: string;
  /**
   * Resolves when it has stopped; rejects with the error that has ended it, such as NameTakenError if another daemon
   * has its name.
   */
  readonly closed: Promise<void>;
  /** Leaves the cluster and stops, as on SIGTERM. Nothing of it is left in the process then. Returns `closed`. */
  close(): Promise<void>;
  /** For `await using`: `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}
