/**
 * What a daemon does for those who talk to it: everything that the HTTP API needs, and nothing of HTTP.
 * Implemented by `Daemon` (daemon.ts). Inputs are validated already; errors are those of model/errors.ts.
 */

import type { RunId } from '../../crdt/ids.js';
import type { Group, Query } from '../../crdt/online-index.js';
import type { DaemonInfo, Status } from '../../model/daemon.js';
import type { Caveats, Snapshot } from '../../model/events.js';
import type {
  Address,
  RegisterAnswer,
  Registration,
  RegistrationOptions,
  RegistrationState,
  Renewal,
} from '../../model/registration.js';
import type { CatalogService } from './catalog/catalog-service.js';
import type { EventLog } from './events/event-log.js';
import type { Phase } from './self.js';

export type { Group, Query };

export interface Registry {
  /** `joining` until the daemon has published itself: until then it takes no API requests. */
  readonly phase: Phase;

  /** Whether reads would be true: false while there are peers to ask and none has answered in full. */
  readonly synced: boolean;

  /**
   * Whether what is read now may be acted upon; to be asked before each request. False right after a long
   * suspension (SIGSTOP, a sleeping machine): what waits in sockets then is old, and the connections that brought
   * it are to be closed. A daemon that was busy reads what waited.
   */
  awake(): boolean;

  /**
   * Whether this daemon hears so few of those it knows that it takes itself for the one cut off: what it
   * answers is its last view, in which nothing that others hold lapses.
   */
  readonly stale: boolean;

  /** What `/readyz` says: synced, and long enough up to know who is alive. */
  readonly ready: boolean;

  /** The same two, as answers and events carry them. */
  readonly caveats: Caveats;

  /** Registers, renews or updates, whichever it is; durable as soon as it returns. */
  register(
    address: Address,
    options: RegistrationOptions,
  ): { outcome: 'registered' | 'renewed' | 'updated'; registration: RegisterAnswer };

  /**
   * Renews by id what is known here. False where it is not, or only with another `instance` than the one that is named:
   * peers may know it, and `renew` asks them.
   */
  renewKnown(id: string, instance?: string): boolean;

  /**
   * The same, but what is not known here is asked of the peers first (at most 100 ms). False where nobody knows it;
   * throws ReplacedError.
   */
  renew(id: string, instance?: string): Promise<boolean>;

  /**
   * Renews many. Returns those that nobody knows, or that are registered only with another instance than the one named.
   */
  renewAll(wanted: readonly Renewal[]): Promise<Renewal[]>;

  /** What has taken the address of the instance that is named, if it is not registered; undefined if nothing has. */
  replacedBy(missing: Renewal): string | undefined;

  /**
   * Ends every life of this id everywhere, or those of the `instance` that is named. Throws NotFoundError, or
   * ReplacedError.
   */
  deregister(id: string, instance?: string): Promise<void>;

  /**
   * Decides whether an instance is to be left out of load balancing, until it is decided otherwise or its life
   * ends. Throws NotFoundError, or ReplacedError.
   */
  setState(id: string, state: RegistrationState, instance?: string): Promise<Registration>;

  /**
   * Takes an instance offline because it is unhealthy (the text says how), or back online (null); it stays registered.
   * Throws NotFoundError, or ReplacedError.
   */
  setHealth(id: string, unhealthy: string | null, instance?: string): Promise<void>;

  /** How many registrations this daemon holds. */
  readonly held: number;

  /** What is online with this id; undefined if it is not. */
  registration(id: string): Registration | undefined;

  /** What is online, sorted by id. */
  registrations(query: Query): Registration[];

  /**
   * The same, metadata aside, in one group for each app version, in order: who keeps what a group had at its stamp
   * need not ask for it again.
   */
  groups(query: Query): readonly Group[];
  /** As of now, however long it takes to go through them. */
  registrationsIn(group: Group): Iterable<Registration>;

  /** How many instances of each version of an app are online and not draining. */
  available(app: string): ReadonlyMap<string, number>;

  /**
   * A token that changes whenever `registrations(query)` may answer differently, and only then stays the
   * same; not comparable between daemons. Cheap: says whether a cached answer still holds.
   */
  stamp(query: Query): string;

  /** Backends and frontends. */
  readonly catalog: CatalogService;

  /** The changes of this daemon's view, in order. */
  readonly events: EventLog;
  /** All that is so now, but for the registrations: of these there may be too many to be told at once. */
  snapshotRest(): Omit<Snapshot, 'registrations'>;

  /** All but what only the process knows of itself. */
  status(): Omit<Status, 'memory'>;
  daemons(): DaemonInfo[];
  /**
   * Does not count on this daemon any more, unless it is heard again. Throws NotFoundError, or ConflictError for one
   * that is alive.
   */
  forgetDaemon(name: string): void;

  /**
   * Answers a frame that a peer has sent (see docs/replication.md). Throws ClusterMismatch and the like
   * for frames that must be refused, or rejects with it; what is malformed is an InvalidError and changes nothing.
   */
  receive(frame: unknown): unknown;
  /** Whether this incarnation is a live member, as far as this daemon knows. */
  isMember(runId: RunId): boolean;
}
