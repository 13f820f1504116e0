/**
 * What a daemon does for its callers: everything that the HTTP API needs, and nothing of HTTP. Implemented by `Daemon`
 * (daemon.ts). Inputs have been validated; errors are those of model/errors.ts.
 */

import type { RunId } from '../../crdt/ids.js';
import type { Group, Query } from '../../crdt/online-index.js';
import type { WeightedTarget } from '../../model/catalog.js';
import type { DaemonInfo, Status } from '../../model/daemon.js';
import type { Caveats, Snapshot } from '../../model/events.js';
import type { LeaseInfo } from '../../model/lease.js';
import type {
  Address,
  Meta,
  RegisterAnswer,
  Registration,
  RegistrationId,
  RegistrationOptions,
  RegistrationState,
  Renewal,
} from '../../model/registration.js';
import type { Freshness } from '../../model/warm-up.js';
import type { CatalogService } from './catalog/catalog-service.js';
import type { EventLog } from './events/event-log.js';
import type { Phase } from './self.js';
import type { Tally } from './tally.js';

export type { Group, Query };

export interface Registry {
  /** `joining` until the daemon has published itself: until then it takes no API requests. */
  readonly phase: Phase;

  /** Whether reads are complete: false while there are peers to ask and none has answered in full. */
  readonly synced: boolean;

  /**
   * Whether a request that is read now may be acted upon; call it before each request. False right after a long
   * suspension (SIGSTOP, a sleeping machine): requests that waited in sockets are old then, and their connections have
   * to be closed. A daemon that was only busy serves the requests that waited.
   */
  awake(): boolean;

  /**
   * Whether this daemon hears so few of the daemons it knows that it considers itself cut off. It then serves its last
   * view, in which nothing that others hold lapses.
   */
  readonly stale: boolean;

  /** What `/readyz` says: synced, and up for long enough to know which daemons are alive. */
  readonly ready: boolean;

  /** `ready` and `stale` as the marks that answers and events carry. */
  readonly caveats: Caveats;

  /** Registers, renews or updates, depending on what is registered. */
  register(
    address: Address,
    options: RegistrationOptions,
  ): { outcome: 'registered' | 'renewed' | 'updated'; registration: RegisterAnswer };

  /**
   * Renews a registration that is known here. Returns false if it is not, or only with another `instance` than the
   * given one: peers may know it, and `renew` asks them.
   */
  renewKnown(id: string, instance?: string): boolean;

  /**
   * The same, but asks the peers first if the registration is not known here (at most 100 ms). Returns false if no
   * daemon knows it; throws ReplacedError.
   */
  renew(id: string, instance?: string): Promise<boolean>;

  /**
   * Renews many. Returns those that no daemon knows, or that are registered only with another instance than the given
   * one.
   */
  renewAll(wanted: readonly Renewal[]): Promise<Renewal[]>;

  /** The registration that has taken the address of the given instance; undefined if none has. */
  replacedBy(missing: Renewal): RegistrationId | undefined;

  /** Ends every life of this id everywhere, or those of the given `instance`. Throws NotFoundError or ReplacedError. */
  deregister(id: string, instance?: string): Promise<void>;

  /**
   * Drains an instance (leaves it out of load balancing) or undrains it, until the next decision or the end of its
   * life. Throws NotFoundError or ReplacedError.
   */
  setState(id: string, state: RegistrationState, instance?: string): Promise<Registration>;

  /**
   * Takes an instance offline because it is unhealthy (the text says why), or back online (null). It stays registered.
   * Throws NotFoundError or ReplacedError.
   */
  setHealth(id: string, unhealthy: string | null, instance?: string): Promise<void>;

  /**
   * Calls `listener` with each registration that has ended, as far as this daemon knows, or of which another life is
   * about to begin. One that is unhealthy has not ended. It must not throw.
   */
  onGone(listener: (id: RegistrationId) => void): void;

  /** Calls `listener` with each registration that has begun, changed or ended, healthy or not. It must not throw. */
  onChange(listener: (id: RegistrationId) => void): void;

  /** Asks the peers for what they know, for at most 100 ms: what was just registered may not have arrived yet. */
  inquire(): Promise<void>;

  /** How many registrations this daemon holds. */
  readonly held: number;

  /** Which daemon holds the registration with this id: this one, another that is alive, or none. */
  heldAt(id: RegistrationId): 'here' | 'elsewhere' | 'nowhere';

  /** The registration with this id if it is online. */
  registration(id: string): Registration | undefined;

  /** The registration with this id, even if it is unhealthy. */
  known(id: RegistrationId): Registration | undefined;

  /** The metadata of the registration with this id, even if it is unhealthy. */
  metaOf(id: RegistrationId): Meta | undefined;

  /**
   * The leases on those of `ids` that are registered, healthy or not. Other holders are asked for theirs (at most
   * 300 ms).
   */
  leases(ids: readonly string[]): Promise<LeaseInfo[]>;

  /** The registrations that are online, sorted by id. */
  registrations(query: Query): Registration[];

  /**
   * The same without metadata, as one group per app version, in order. A group that is cached by its stamp need not be
   * selected again.
   */
  groups(query: Query): readonly Group[];
  /** The same for registrations that are offline only because they are unhealthy. */
  unhealthyGroups(query: Query): readonly Group[];
  /** The registrations as of now, however long the caller takes to go through them. */
  registrationsIn(group: Group): Iterable<Registration>;

  /** How many instances of each version of an app are online and not draining. */
  available(app: string): ReadonlyMap<string, number>;

  /**
   * Those of a backend's app that take requests and are not warm, with the quarters of their weight that they have. The
   * stamp of a query for them changes with each step.
   */
  fresh(pool: Pick<WeightedTarget, 'app' | 'warmupMs'>): Freshness;

  /**
   * A token that changes whenever the result of `registrations(query)` may have changed. Cheap: it tells whether a
   * cached answer still holds. Not comparable between daemons.
   */
  stamp(query: Query): string;
  /** The same for `unhealthyGroups(query)`. */
  unhealthyStamp(query: Query): string;

  /** Backends and frontends. */
  readonly catalog: CatalogService;

  /** The changes of this daemon's view, in order. */
  readonly events: EventLog;
  /** The present state without the registrations, of which there may be too many for one step. */
  snapshotRest(): Omit<Snapshot, 'registrations'>;

  /** Counts since the start. */
  readonly tally: Readonly<Tally>;

  /** The status without the fields that only the process knows. */
  status(): Omit<Status, 'memory'>;
  daemons(): DaemonInfo[];
  /**
   * Stops counting on a lost daemon, unless it is heard again. Throws NotFoundError, or ConflictError if it is alive.
   */
  forgetDaemon(name: string): void;

  /**
   * Answers a frame that a peer has sent (see docs/replication.md). Throws or rejects with the error for the peer if
   * the frame must be refused. A malformed frame is an InvalidError and changes nothing.
   */
  receive(frame: unknown): unknown;
  /** Whether this incarnation is a live member, as far as this daemon knows. */
  isMember(runId: RunId): boolean;
}
