/** What a daemon reports of itself and of its view. Reads only. */

import type { LeaseTime, MonotonicTime } from '../../crdt/clocks.js';
import type { DrainRules } from '../../crdt/drain-rules.js';
import type { Entry } from '../../crdt/entry.js';
import type { Group, Query } from '../../crdt/online-index.js';
import { toRegistration } from '../../crdt/transition.js';
import type { View } from '../../crdt/view.js';
import type { WeightedTarget } from '../../model/catalog.js';
import type { DaemonInfo, DaemonState, Status } from '../../model/daemon.js';
import type { Caveats, Snapshot } from '../../model/events.js';
import { asId, type Registration, type RegistrationId } from '../../model/registration.js';
import type { Freshness } from '../../model/warm-up.js';
import type { CatalogService } from './catalog/catalog-service.js';
import type { EventLog } from './events/event-log.js';
import type { Incarnation, Membership } from './membership/membership.js';
import type { DocumentStore } from './replication/document-store.js';
import type { Join } from './replication/join.js';
import type { LinkTable } from './replication/link-table.js';
import type { Seeds } from './replication/seeds.js';
import type { DaemonSettings, Runtime } from './runtime.js';
import type { Phase, Self } from './self.js';
import { identityOf } from './view/announcements.js';
import type { FreshInstances } from './view/fresh-instances.js';

export interface ReportsContext {
  readonly settings: DaemonSettings;
  readonly runtime: Pick<Runtime, 'now'>;
  readonly view: View;
  readonly fresh: Pick<FreshInstances, 'of'>;
  readonly events: EventLog;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly catalog: CatalogService;
  readonly links: LinkTable;
  readonly seeds: Pick<Seeds, 'list'>;
  readonly join: Join;
  readonly self: () => Self;
  readonly phase: () => Phase;
  /** Whether this daemon may be cut off, and keeps its last view. */
  readonly isStale: () => boolean;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class Reports {
  /** Monotonic ms. */
  readonly #startedAt: MonotonicTime;

  constructor(private readonly context: ReportsContext) {
    this.#startedAt = context.runtime.now();
  }

  get ready(): boolean {
    const { join, phase } = this.context;
    return phase() === 'running' && join.synced && join.warm;
  }

  get stale(): boolean {
    return this.context.isStale();
  }

  get caveats(): Caveats {
    return { ...(!this.ready && { warming: true }), ...(this.stale && { stale: true }) };
  }

  registration(id: string): Registration | undefined {
    const asked = asId(id);
    const entry = this.context.view.winner(asked)?.entry;
    return entry && !entry.unhealthy ? toRegistration(asked, entry, this.context.view.rules) : undefined;
  }

  known(id: RegistrationId): Registration | undefined {
    const entry = this.context.view.winner(id)?.entry;
    return entry && toRegistration(id, entry, this.context.view.rules);
  }

  registrations(query: Query): Registration[] {
    return [...toRegistrations(this.context.view.online.select(query), this.context.view.rules)];
  }

  groups(query: Query): readonly Group[] {
    return this.context.view.online.groups(query);
  }

  unhealthyGroups(query: Query): readonly Group[] {
    return this.context.view.unhealthy.groups(query);
  }

  registrationsIn(group: Group): Iterable<Registration> {
    return toRegistrations(group.select(), this.context.view.rules);
  }

  get held(): number {
    return this.context.self().published?.holder.own.entries.size ?? 0;
  }

  heldAt(id: RegistrationId): 'here' | 'elsewhere' | 'nowhere' {
    const { self, view, membership } = this.context;
    if (self().published?.holder.own.entries.has(id)) return 'here';
    const winner = view.winner(id);
    return winner && membership.get(winner.holder)?.lost === false ? 'elsewhere' : 'nowhere';
  }

  available(app: string): ReadonlyMap<string, number> {
    return this.context.view.online.available(app);
  }

  fresh(pool: Pick<WeightedTarget, 'app' | 'warmupMs'>): Freshness {
    return this.context.fresh.of(pool);
  }

  stamp(query: Query): string {
    return `${this.context.events.runId}-${this.context.view.online.stampOf(query)}`;
  }

  unhealthyStamp(query: Query): string {
    return `${this.context.events.runId}-${this.context.view.unhealthy.stampOf(query)}`;
  }

  snapshotRest(): Omit<Snapshot, 'registrations'> {
    const { catalog, membership } = this.context;
    return {
      type: 'snapshot',
      backends: catalog.backends.list(),
      frontends: catalog.frontends.list(),
      drainRules: catalog.drainRules.list(),
      daemons: membership.live().map(({ holdings }) => identityOf(holdings!.owner!)),
    };
  }

  status(): Omit<Status, 'memory'> {
    const { settings, runtime, view, membership, seeds } = this.context;
    const { runId, published } = this.context.self();
    const { name, url, apiUrl, version, cluster, ttlMs, peerTimeoutMs } = settings;
    const { backends, frontends, bytes } = this.context.documents.catalog;
    return {
      name,
      url: apiUrl ?? url,
      ...(apiUrl !== undefined && { peerUrl: url }),
      version,
      cluster,
      generation: published?.incarnation.holdings?.owner?.generation ?? 0,
      runId,
      uptime: Math.round(runtime.now() - this.#startedAt),
      ready: this.ready,
      stale: this.stale,
      settings: { ttl: ttlMs, peerTimeout: peerTimeoutMs },
      counts: {
        registrations: view.online.size,
        held: this.held,
        backends: backends.size,
        frontends: frontends.size,
        daemons: membership.live().length,
      },
      epoch: published?.incarnation.holdings?.epoch ?? 0,
      catalogBytes: bytes,
      ...(settings.peers.length > 0 && { peers: seeds.list() }),
    };
  }

  daemons(): DaemonInfo[] {
    const shown = [...this.context.membership.all()].filter(({ dismissed }) => !dismissed);
    const infos = shown.flatMap((one) => this.#infoOf(one) ?? []);
    return infos.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.generation - a.generation));
  }

  #infoOf(one: Incarnation): DaemonInfo | undefined {
    const { links, now } = this.context;
    const { holdings, runId, heardAt } = one;
    if (!holdings?.owner) return undefined;
    const self = this.context.self();
    const link = links.linkTo(holdings.owner.url, runId);
    return {
      ...identityOf(holdings.owner),
      ...(holdings.owner.api !== undefined && { peerUrl: holdings.owner.url }),
      state: stateOf(one),
      self: runId === self.runId,
      lastHeard: one === self.published?.incarnation ? 0 : Math.max(0, Math.round(now() - heardAt)),
      linked: link !== undefined,
      ...(link?.roundTripMs === undefined ? {} : { roundTrip: Math.round(link.roundTripMs * 10) / 10 }),
      ...(link === undefined ? {} : { behind: link.sync.behind }),
      held: holdings.entries.size,
      ...(one.fetchedAnew > 0 && { fetchedAnew: one.fetchedAnew }),
    };
  }
}

function* toRegistrations(entries: [RegistrationId, Entry][], rules: DrainRules): Iterable<Registration> {
  for (const [id, entry] of entries) yield toRegistration(id, entry, rules);
}

function stateOf(incarnation: Incarnation): DaemonState {
  if (incarnation.left) return 'left';
  return incarnation.lost ? 'lost' : 'online';
}
