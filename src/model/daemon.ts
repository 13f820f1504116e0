/** What a daemon says about itself and the others it knows. */

/** The app under which the daemons themselves are found among the registrations. */
export const daemonApp = 'bender';

/** Every answer of a daemon carries this header, so that clients tell it from that of something else. */
export const daemonHeader = 'x-bender';

/** How a daemon's answer to a path that it does not have begins. */
export const noRoute = 'there is nothing at ';

/**
 * `online`: heard within the peer timeout. `lost`: silent for longer, or replaced by a later incarnation of
 * its name. `left`: said goodbye.
 */
export type DaemonState = 'online' | 'lost' | 'left';

/** One known daemon, as `GET /daemons` answers. */
export interface DaemonInfo {
  name: string;
  /** The base URL that it advertises. */
  url: string;
  state: DaemonState;
  /** True for the daemon that answers. */
  self: boolean;
  generation: number;
  runId: string;
  /** The bender version that it runs. */
  version: string;
  /** Milliseconds since its heartbeat was last seen to move, directly or through others. */
  lastHeard: number;
  /** Whether the daemon that answers exchanges directly with it. */
  linked: boolean;
  /** Milliseconds that the last exchange with it took; absent while there was none. */
  roundTrip?: number;
  /** Where it is linked: documents of which it is not known to have the present state. */
  behind?: number;
  /** Registrations that it holds. */
  held: number;
  /** How often in a row what it holds could not be read and was fetched anew; absent while it can be read. */
  fetchedAnew?: number;
}

/** `GET /status`. */
export interface Status {
  name: string;
  /** The base URL that it advertises. */
  url: string;
  /** The one that it listens at. */
  listening?: string;
  /** Every program that reaches it, from other machines too, may read and change everything (`--insecure`). */
  insecure?: true;
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
  /** Whether this daemon takes itself for cut off and answers its last view. */
  stale: boolean;
  settings: { ttl: number; peerTimeout: number };
  counts: { registrations: number; held: number; backends: number; frontends: number; daemons: number };
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
  /** The peers that it was told of; absent if there are none. */
  peers?: ConfiguredPeer[];
}

/** How a daemon speaks TLS. */
export interface TlsStatus {
  /** When its certificate, or that of its CA, expires: the earlier one, in Unix ms. */
  expires: number;
  /** Whether daemons show each other certificates. */
  mutual: boolean;
  clientAuth: ClientAuth;
}

/** Whether clients show a certificate: not at all, if they have one, or always. */
export type ClientAuth = 'none' | 'request' | 'require';

/** A peer that a daemon was told of (`--peer`). */
export interface ConfiguredPeer {
  url: string;
  /** Whether another daemon was ever reached there. */
  reached: boolean;
  /** It leads to this daemon itself, and nowhere else. */
  self?: true;
  /** How many addresses its name stands for, if there are several: all are called. */
  addresses?: number;
  /** Why the last try failed; absent after one that did not. */
  reason?: string;
}

/** How much clients ask of a daemon, beside what it can take. */
export interface LoadStatus {
  /** Whether everything but renewals is refused right now. */
  overloaded: boolean;
  connections: number;
  /** Open event streams. */
  watchers: number;
  /** How much was refused since the start, by what there was too much of. */
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
  /** Beside them: the memory of the CRDT documents (WASM), and buffers. */
  external: number;
}
