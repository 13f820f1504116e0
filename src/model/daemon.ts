/** What a daemon reports about itself and the others that it knows. */

/** The app under which the daemons themselves are listed as registrations. */
export const daemonApp = 'bender';

/** Every answer of a daemon carries this header, so that clients recognize it. */
export const daemonHeader = 'x-bender';

/** The beginning of a daemon's answer to an unknown path. */
export const noRoute = 'there is nothing at ';

/**
 * `online`: heard within the peer timeout. `lost`: silent for longer, or replaced by a later incarnation of its name.
 * `left`: it announced that it leaves.
 */
export type DaemonState = 'online' | 'lost' | 'left';

/** One known daemon, as in the answer to `GET /daemons`. */
export interface DaemonInfo {
  name: string;
  /** The base URL at which clients reach it. */
  url: string;
  /** The one at which peers reach it, if that is another one. */
  peerUrl?: string;
  state: DaemonState;
  /** True for the daemon that answers. */
  self: boolean;
  generation: number;
  runId: string;
  /** The bender version that it runs. */
  version: string;
  /** Milliseconds since its heartbeat last advanced, as seen directly or through others. */
  lastHeard: number;
  /** Whether the daemon that answers exchanges directly with it. */
  linked: boolean;
  /** Milliseconds that the last exchange with it took; absent before the first. */
  roundTrip?: number;
  /** If it is linked: how many documents it may not have in their present state. */
  behind?: number;
  /** Registrations that it holds. */
  held: number;
  /** How often in a row its holdings could not be read and were fetched again; absent while they can be read. */
  fetchedAnew?: number;
}

/** `GET /status`. */
export interface Status {
  name: string;
  /** The base URL that it advertises to clients. */
  url: string;
  /** The one at which peers reach it, if that is another one (`--peer-listen`). */
  peerUrl?: string;
  /** The URL at which it listens. */
  listening?: string;
  /**
   * Whether every program that can reach it, even from other machines, may read and change everything (`--insecure`).
   */
  insecure?: true;
  /** Where it answers DNS; absent if it does not. */
  dns?: DnsStatus;
  /** Absent if it does not speak TLS. */
  tls?: TlsStatus;
  version: string;
  cluster: string;
  generation: number;
  runId: string;
  /** Milliseconds since the process started. */
  uptime: number;
  /** Whether `/readyz` answers 200. */
  ready: boolean;
  /** Whether this daemon considers itself cut off and serves its last view. */
  stale: boolean;
  settings: { ttl: number; peerTimeout: number };
  counts: { registrations: number; held: number; backends: number; frontends: number; daemons: number };
  /** How often it has begun the document of its holdings anew, since a document keeps its history. */
  epoch?: number;
  /**
   * Bytes of all changes of the catalog, as they are sent to peers: it keeps its history. Saved they take much less.
   */
  catalogBytes: number;
  memory: MemoryUse;
  load?: LoadStatus;
  /** Unix ms: what the daemon's wall clock says. */
  time?: number;
  /** File descriptors; absent if the system does not say. */
  openFiles?: OpenFiles;
  /** The configured peers; absent if there are none. */
  peers?: ConfiguredPeer[];
}

/** Where a daemon answers DNS. */
export interface DnsStatus {
  host: string;
  port: number;
  domain: string;
}

/** How a daemon speaks TLS. */
export interface TlsStatus {
  /** When its certificate, or that of its CA, expires: the earlier one, in Unix ms. */
  expires: number;
  /** Whether daemons present certificates to each other. */
  mutual: boolean;
  clientAuth: ClientAuth;
}

/** Whether clients present a certificate: never, if they have one, or always. */
export type ClientAuth = 'none' | 'request' | 'require';

/** A configured peer (`--peer`). */
export interface ConfiguredPeer {
  url: string;
  /** Whether another daemon was ever reached there. */
  reached: boolean;
  /** It leads to this daemon itself only. */
  self?: true;
  /** How many addresses its name has, if there are several: all are called. */
  addresses?: number;
  /** Why the last try failed; absent if it did not. */
  reason?: string;
}

/** The load of a daemon, and its limits. */
export interface LoadStatus {
  /** Whether everything but renewals is refused right now. */
  overloaded: boolean;
  connections: number;
  /** Open event streams. */
  watchers: number;
  /** How much was refused since the start, by the limit that was exceeded. */
  refused: Readonly<Partial<Record<string, number>>>;
}

/** How many file descriptors a daemon has open, and how many it may have. */
export interface OpenFiles {
  open: number;
  limit: number;
}

/** Bytes that a daemon's process takes. */
export interface MemoryUse {
  /** All that is in physical memory. */
  rss: number;
  /** JavaScript objects. */
  heapUsed: number;
  /** Other memory: the CRDT documents (WASM), and buffers. */
  external: number;
}
