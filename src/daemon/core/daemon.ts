/**
 * One bender daemon without its sockets: what it holds, what it sees of the others, and what it answers.
 * It is handed its time, its randomness and its frames, so that a whole cluster runs in a test on a virtual
 * clock.
 */

import { type CatalogEvent, catalogName } from '../../crdt/catalog.js';
import { type Decided, holdingsName } from '../../crdt/holdings.js';
import type { Entry } from '../../crdt/entry.js';
import { OwnHoldings } from '../../crdt/own-holdings.js';
import type { Group, Query } from '../../crdt/online-index.js';
import { toRegistration, View } from '../../crdt/view.js';
import { daemonApp, type DaemonInfo, type DaemonState, type Status } from '../../model/daemon.js';
import {
  ConflictError,
  InvalidError,
  type NameTakenError,
  NotFoundError,
  NotReadyError,
  ReplacedError,
} from '../../model/errors.js';
import type { Caveats, Snapshot } from '../../model/events.js';
import {
  type Address,
  formatId,
  type Registration,
  type RegistrationId,
  type RegistrationOptions,
  type RegistrationState,
  type Renewal,
  renewEvery,
} from '../../model/registration.js';
import { limits } from '../../model/limits.js';
import { Alarm } from './lease/alarm.js';
import { CatalogDesk } from './catalog/catalog-service.js';
import { Cluster } from './replication/cluster.js';
import { Comeback, type Lapse } from './lease/comeback.js';
import { Confirmation } from './replication/confirmation.js';
import { DocumentStore } from './replication/document-store.js';
import { EventLog } from './events/event-log.js';
import { Outbox } from './events/outbox.js';
import { Forwarder } from './lease/forwarder.js';
import type { ForwardedRenewal, Frame } from './replication/frame.js';
import { Holder } from './lease/holder.js';
import { Isolation } from './membership/isolation.js';
import { type Gap, LeaseClock } from './lease/lease-clock.js';
import type { Incarnation } from './membership/membership.js';
import { Membership } from './membership/membership.js';
import { Announcements, identityOf } from './view/announcements.js';
import { orphanGrace, Orphans } from './view/orphans.js';
import { RemoteHoldings } from './view/remote-holdings.js';
import { type Identity, runIdOf } from './identity.js';
import { Namesakes } from './membership/name-conflicts.js';
import { PeerNews } from './membership/peer-news.js';
import type { Registry } from './registry.js';
import type { DaemonSettings, Log, Runtime, Transport } from './runtime.js';
import { TtlAdvice } from './lease/ttl-advice.js';
import { Turn } from './turn.js';

/** ms for which peers are asked about an id that is not known here. */
const askFor = 100;

/** ms for which a delete or a drain waits for everyone to have heard of it. */
const commandFor = 200;

/** ms for which a daemon that leaves waits for somebody to take what it has. */
const leaveFor = 5000;

/** ms for which the old epoch of the holdings is written beside the new one, waiting for peers to have that. */
const epochFor = 20_000;

/** ms after a long pause for which whatever is read is taken for old. */
const deafFor = 50;

/** Default of the setting. */
const isolatedFor = 10 * 60_000;

/** What a daemon asks of whoever runs it. */
export interface DaemonEdge {
  /** It must not go on, because another one bears its name. */
  onFatal?: (error: Error) => void;
  /** It was away: requests that were waiting for it meanwhile are to be dropped, with their connections. */
  onPause?: () => void;
}

export class Daemon implements Registry {
  /** Of the present incarnation. */
  runId: string;
  identity: Identity;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly events: EventLog;
  readonly catalog = new CatalogDesk(this);
  readonly peerTimeout: number;
  readonly ttl: number;
  /** Every input goes through it. */
  readonly turn: Turn;
  phase: Registry['phase'] = 'joining';
  self: Incarnation | undefined;
  readonly #clock: LeaseClock;
  readonly view = new View(() => this.now());
  readonly #outbox: Outbox;
  readonly #orphans: Orphans;
  readonly #remote: RemoteHoldings;
  readonly #announcements: Announcements;
  readonly #cluster: Cluster;
  readonly #forwarder: Forwarder;
  readonly #startedAt: number;
  #holder: Holder | undefined;
  readonly #alarm: Alarm;
  readonly #namesakes: Namesakes;
  #asking: Promise<void> | undefined;
  readonly #isolation: Isolation;
  readonly #comeback: Comeback;
  readonly #confirmation: Confirmation;
  readonly #ttlAdvice: TtlAdvice;
  readonly #peerNews: PeerNews;
  #deafUntil = -Infinity;
  /** How often it was suspended. */
  #suspensions = 0;
  /** Decisions that the former incarnation had kept. */
  readonly #keptDecided = new Map<string, Decided>();

  constructor(
    readonly settings: DaemonSettings,
    readonly runtime: Runtime,
    readonly transport: Transport,
    readonly log: Log,
    private readonly edge: DaemonEdge = {},
  ) {
    this.identity = runtime.newIdentity();
    this.runId = runIdOf(this.identity.key);
    this.peerTimeout = settings.peerTimeout;
    this.ttl = settings.ttl;
    this.#startedAt = runtime.now();
    this.#ttlAdvice = new TtlAdvice(settings.peerTimeout, log);
    this.#ttlAdvice.see(settings.ttl);
    this.#peerNews = new PeerNews(settings.name, () => runtime.now(), log);
    this.#isolation = new Isolation(settings.isolatedFor ?? isolatedFor);
    this.turn = new Turn(
      {
        takeIn: () => this.#takeIn(),
        hasNews: () => this.membership.news,
        review: () => this.#review(),
        reconcile: () => this.#reconcile(),
        publish: () => this.#publishChanges(),
        arm: () => this.#arm(),
        relay: () => this.#cluster.relay(),
        isDirty: () => this.#holder?.own.dirty === true || this.documents.catalog.dirty,
        commit: () => this.#commit(),
      },
      runtime,
      log,
    );
    this.#comeback = new Comeback(settings.peerTimeout);
    this.#clock = new LeaseClock(runtime, (gap) => this.turn.run(() => this.#onTick(gap), 'a tick'));
    this.events = new EventLog(this.runId, () => runtime.wallNow(), log);
    this.membership = new Membership(settings.peerTimeout);
    this.documents = new DocumentStore(runtime, this.membership, this.now, log, (run) =>
      runtime.defer(() => this.turn.run(run, 'a repair')),
    );
    this.#outbox = new Outbox(this.view, this.events);
    const isStale = (): boolean => this.stale;
    this.#orphans = new Orphans(this.view, this.membership, this.now, isStale);
    this.#announcements = new Announcements(
      this.view,
      (event) => {
        this.#outbox.emit(event);
        this.#peerNews.hear(event);
      },
      settings.ttl,
    );
    this.#remote = new RemoteHoldings({
      view: this.view,
      orphans: this.#orphans,
      announcements: this.#announcements,
      membership: this.membership,
      documents: this.documents,
      peerTimeout: settings.peerTimeout,
      ttl: settings.ttl,
      isStale,
      now: this.now,
    });
    this.#alarm = new Alarm(runtime, this.now, () => this.#onTimer(() => this.#expire()));
    this.#namesakes = new Namesakes(
      this.membership,
      settings.peerTimeout,
      (url, runId) => this.#cluster.linkTo(url, runId) !== undefined,
    );
    this.#cluster = new Cluster(this);
    this.#confirmation = new Confirmation(this);
    this.#forwarder = new Forwarder(
      runtime,
      (url, renewals) => this.#cluster.forward(url, renewals),
      (unheld) => this.#onTimer(() => this.#holder?.takeOver(unheld)),
    );
  }

  /** Lease-clock ms. */
  readonly now = (): number => this.#clock.now();

  get forwarder(): Forwarder {
    return this.#forwarder;
  }

  get synced(): boolean {
    return this.#cluster.synced;
  }

  get stale(): boolean {
    return this.settings.whenIsolated !== 'expire' && this.#isolation.isolated;
  }

  awake(): boolean {
    const sinceTick = this.#clock.sinceTick();
    if (sinceTick > this.peerTimeout) this.#clock.tick();
    // No timer has run for that long: what peers wait for does not wait behind a backlog of requests.
    else if (sinceTick > this.#cluster.heartbeatMs) this.#cluster.beatIfDue();
    return this.runtime.now() >= this.#deafUntil;
  }

  get ready(): boolean {
    return this.phase === 'running' && this.#cluster.synced && this.#cluster.warm;
  }

  get caveats(): Caveats {
    return { ...(!this.ready && { warming: true }), ...(this.stale && { stale: true }) };
  }

  /** Joins the peers, then publishes. Returns false if it was stopped before it had joined. */
  async start(): Promise<boolean> {
    this.#clock.start();
    if (!(await this.#join())) return false;
    // What was there before is a snapshot to those who ask, and no news.
    this.#outbox.discard();
    this.#peerNews.joined(this.membership.live().map(({ holdings }) => holdings!.owner!));
    this.phase = 'running';
    return true;
  }

  /** Says goodbye, and goes when somebody who stays has everything (at most 5 s). */
  async stop(): Promise<void> {
    const holder = this.#holder;
    if (this.phase === 'running' && holder) {
      this.phase = 'leaving';
      this.#forwarder.flush();
      holder.writePending();
      holder.own.setOwner({ ...holder.own.owner!, leaving: true });
      this.membership.changed();
      this.#commit();
      await this.#cluster.delivered([this.#ownName(holder), catalogName], leaveFor, true);
    }
    this.phase = 'stopped';
    this.#alarm.clear();
    this.#clock.stop();
    this.#forwarder.drop();
    this.#cluster.stop();
  }

  // Registrations

  register(address: Address, options: RegistrationOptions): ReturnType<Registry['register']> {
    if (address.app === daemonApp)
      throw new InvalidError(`'app' must not be '${daemonApp}': those are the daemons themselves`);
    const id = formatId(address);
    const { outcome, entry } = this.turn.run(() => this.#held().register(id, options), 'a registration');
    this.#ttlAdvice.see(entry.ttl);
    const registration = toRegistration(id, entry, address);
    return { outcome, registration: Object.assign(registration, { renewEvery: renewEvery(entry.ttl) }) };
  }

  renewKnown(id: string, instance?: string): boolean {
    if (id.startsWith(`${daemonApp}/`)) return this.view.winner(id) !== undefined;
    const holder = this.#holder;
    if (!holder) return false;
    return holder.renewHeld(id, instance) || this.turn.run(() => holder.renew(id, instance), 'a renewal');
  }

  async renew(id: string, instance?: string): Promise<boolean> {
    if (this.renewKnown(id, instance)) return true;
    await this.askPeers();
    if (this.renewKnown(id, instance)) return true;
    const error = this.#notFound(id, instance);
    if (error instanceof ReplacedError) throw error;
    return false;
  }

  async renewAll(wanted: readonly Renewal[]): Promise<Renewal[]> {
    const renewAllKnown = (them: readonly Renewal[]): Renewal[] =>
      this.turn.run(() => them.filter(({ id, instance }) => !this.renewKnown(id, instance)), 'renewals');
    const missing = renewAllKnown(wanted);
    if (missing.length > 0) await this.askPeers();
    return renewAllKnown(missing);
  }

  replacedBy({ id, instance }: Renewal): string | undefined {
    return instance === undefined ? undefined : this.view.winner(id) ? id : this.view.siblings(id)[0];
  }

  async deregister(id: string, instance?: string): Promise<void> {
    await this.#commandAbout(id, instance, (holder) => {
      const copies = this.view.copies(id);
      const meant = copies.filter(({ entry }) => instance === undefined || entry.instance === instance);
      holder.release(id, meant);
    });
  }

  async setState(id: string, state: RegistrationState, instance?: string): Promise<Registration> {
    const entry = await this.#commandAbout(id, instance, (holder) => holder.decide(id, state)!);
    return toRegistration(id as RegistrationId, entry);
  }

  async setHealth(id: string, unhealthy: string | null, instance?: string): Promise<void> {
    await this.#commandAbout(id, instance, (holder) => holder.register(id, { unhealthy }));
  }

  registration(id: string): Registration | undefined {
    const entry = this.view.winner(id)?.entry;
    return entry && !entry.unhealthy ? toRegistration(id as RegistrationId, entry) : undefined;
  }

  registrations(query: Query): Registration[] {
    return this.view.online.select(query).map(([id, entry]) => toRegistration(id, entry));
  }

  groups(query: Query): readonly Group[] {
    return this.view.online.groups(query);
  }

  registrationsIn(group: Group): Iterable<Registration> {
    return toRegistrations(group.select());
  }

  stamp(query: Query): string {
    return `${this.events.runId}-${this.view.online.stampOf(query)}`;
  }

  // What there is to know

  snapshotRest(): Omit<Snapshot, 'registrations'> {
    return {
      type: 'snapshot',
      backends: this.catalog.backends.list(),
      frontends: this.catalog.frontends.list(),
      daemons: this.membership.live().map(({ holdings }) => identityOf(holdings!.owner!)),
    };
  }

  status(): Omit<Status, 'memory'> {
    const { name, url, version, cluster, ttl, peerTimeout } = this.settings;
    const { backends, frontends, document } = this.documents.catalog;
    return {
      name,
      url,
      version,
      cluster,
      generation: this.self?.holdings?.owner?.generation ?? 0,
      runId: this.runId,
      uptime: Math.round(this.runtime.now() - this.#startedAt),
      ready: this.ready,
      stale: this.stale,
      settings: { ttl, peerTimeout },
      counts: {
        registrations: this.view.online.size,
        held: this.#holder?.own.entries.size ?? 0,
        backends: backends.size,
        frontends: frontends.size,
        daemons: this.membership.live().length,
      },
      catalogBytes: document.savedBytes(),
      ...(this.settings.peers.length > 0 && { peers: this.#cluster.configuredPeers() }),
    };
  }

  daemons(): DaemonInfo[] {
    const infos = [...this.membership.all()].flatMap((one): DaemonInfo[] => {
      const { holdings, runId, heardAt } = one;
      if (!holdings?.owner) return [];
      const link = this.#cluster.linkTo(holdings.owner.url, runId);
      return [
        {
          ...identityOf(holdings.owner),
          state: stateOf(one),
          self: runId === this.runId,
          lastHeard: one === this.self ? 0 : Math.max(0, Math.round(this.now() - heardAt)),
          linked: link !== undefined,
          ...(link?.roundTrip === undefined ? {} : { roundTrip: Math.round(link.roundTrip * 10) / 10 }),
          ...(link === undefined ? {} : { behind: link.sync.behind }),
          held: holdings.entries.size,
          ...(one.fetchedAnew > 0 && { fetchedAnew: one.fetchedAnew }),
        },
      ];
    });
    return infos.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.generation - a.generation));
  }

  forgetDaemon(name: string): void {
    const known = [...this.membership.all()].filter(({ holdings }) => holdings?.owner?.name === name);
    if (known.length === 0) throw new NotFoundError(`daemon '${name}' is not known`);
    if (known.some(({ lost }) => !lost))
      throw new ConflictError(`daemon '${name}' is alive: stop it instead`);
    this.turn.run(() => {
      this.#isolation.forget(name);
      this.turn.review();
    });
  }

  // Peers

  isMember(runId: string): boolean {
    const incarnation = this.membership.get(runId);
    return incarnation?.published === true && !incarnation.lost;
  }

  receive(frame: unknown): Frame | Promise<Frame> {
    return this.#cluster.receive(frame);
  }

  acceptForwarded(renewals: readonly ForwardedRenewal[]): number[] {
    const holder = this.#comeback.listening ? undefined : this.#holder;
    return holder?.acceptForwarded(renewals) ?? renewals.map((_, index) => index);
  }

  onSilence(ms: number): void {
    this.#endLapsed(this.#comeback.report(ms, this.now()));
  }

  onCatalogWrite(event: CatalogEvent): void {
    this.turn.run(() => this.#outbox.emit(event), 'a write to the catalog');
  }

  linkTo(url: string, runId: string) {
    return this.#cluster.linkTo(url, runId);
  }

  /**
   * A long suspension is a restart: this daemon goes on as a new incarnation that holds nothing. It keeps its last
   * view, says nothing until its peers have told what happened meanwhile, and then tells the difference.
   */
  onPause(ms: number): void {
    const { phase } = this;
    if (phase !== 'running' && phase !== 'joining') return;
    const next = phase === 'running' ? 'going on as a new incarnation' : 'joining anew';
    this.log.warn({ pausedFor: Math.round(ms) }, `away for longer than the peer timeout: ${next}`);
    this.membership.wasAway(ms, this.self);
    this.#deafUntil = this.runtime.now() + deafFor;
    this.#suspensions++;
    if (phase === 'joining') return this.#cluster.abandonJoin();
    this.phase = 'joining';
    this.identity = this.runtime.newIdentity();
    this.runId = runIdOf(this.identity.key);
    for (const [id, decided] of this.#holder?.own.decided ?? []) this.#keptDecided.set(id, decided);
    this.self = this.#holder = undefined;
    this.documents.unpublish();
    this.#forwarder.drop();
    this.edge.onPause?.();
    this.#joinAgain().catch((error: unknown) => this.edge.onFatal?.(error as Error));
  }

  async #joinAgain(): Promise<void> {
    if (!(await this.#join())) return;
    this.turn.run(() => {
      this.phase = 'running';
      this.turn.review();
    });
  }

  /**
   * Hears what peers have to tell, and publishes. What they told before a suspension is not relied upon: then it begins anew.
   * Returns false if this daemon was stopped meanwhile.
   */
  async #join(): Promise<boolean> {
    let [heard, suspensions] = [false, 0];
    do {
      suspensions = this.#suspensions;
      const deafMs = this.#deafUntil - this.runtime.now();
      if (deafMs > 0) await new Promise<void>((resolve) => this.runtime.after(deafMs, resolve));
      if (this.#isStopped) return false;
      heard = await this.#cluster.join();
      if (this.#isStopped) return false;
    } while (suspensions !== this.#suspensions);
    this.membership.returned(heard);
    this.turn.run(() => this.#publish());
    return true;
  }

  /** A method, since the phase changes while others are waiting. */
  get #isStopped(): boolean {
    return this.phase === 'stopped';
  }

  /**
   * One piece of work took longer than the peer timeout. This daemon goes on as it was: the lease clock has hardly moved,
   * and the connections that were waiting are read. Its peers, who may have taken it for lost, hear of it first.
   */
  #onBusy(ms: number): void {
    this.log.warn(
      { busyFor: Math.round(ms) },
      'busy for longer than the peer timeout: peers may have taken this daemon for lost meanwhile',
    );
    if (this.phase !== 'running') return;
    this.#cluster.beat();
    this.#comeback.begin(this.now());
    this.runtime.after(this.#comeback.listenMs, () =>
      this.runtime.defer(() => this.turn.run(() => this.#endLapsed(this.#comeback.settle()))),
    );
  }

  /** Ends what lapsed at peers while this daemon was busy, and that nobody has renewed here since. */
  #endLapsed(lapse: Lapse | undefined): void {
    if (!lapse) return;
    this.#holder?.endLapsed(lapse.since, lapse.silence - this.peerTimeout - orphanGrace);
  }

  // Inside

  /** A timer went off that is not the clock's: it may have been due long before a suspension ended. */
  #onTimer(run: () => void): void {
    if (this.phase !== 'stopped' && this.awake()) this.turn.run(run);
  }

  /** For promises that nobody awaits. */
  #report(what: string): (error: unknown) => void {
    return (error) => this.log.error({ err: error }, `${what} failed`);
  }

  #held(): Holder {
    if (!this.#holder)
      throw new NotReadyError('this daemon is joining its cluster: ask again, or another one');
    return this.#holder;
  }

  #ownName(holder: Holder): string {
    return holdingsName(this.runId, holder.own.epoch);
  }

  /** Under which names the own holdings are written: two while the next epoch is on its way. */
  #ownNames({ epoch, offered }: OwnHoldings): string[] {
    return [epoch, ...(offered ? [offered.epoch] : [])].map((each) => holdingsName(this.runId, each));
  }

  /** Steps before the others: from now on this daemon holds and is seen. */
  #publish(): void {
    const { name, url, version } = this.settings;
    const own = new OwnHoldings(this.documents.newDocument());
    const self = this.membership.meetSelf(this.runId, this.now());
    const generation = Math.min(this.membership.highestGeneration(name) + 1, limits.generation);
    own.setOwner({ name, generation, runId: this.runId, url, version, started: this.runtime.wallNow() });
    own.commit();
    this.documents.publish(self, own, this.identity);
    this.self = self;
    self.sign(this.identity);
    this.#holder = new Holder(this, own);
    for (const [id, decided] of this.#keptDecided) this.#holder.keepDecided(id, decided);
    this.#keptDecided.clear();
    this.membership.changed();
    this.#announcements.announce(self);
    this.turn.review();
    this.#cluster.changed(this.#ownName(this.#holder));
  }

  /** Cuts the history of the own holdings when it has grown: a little at each tick, and in agreement with the peers. */
  #renewHistory(): void {
    const own = this.#holder?.own;
    if (!own || this.phase !== 'running') return;
    if (own.renewHistory(() => this.documents.newDocument(), this.settings.historySlack)) {
      this.documents.changed();
      const name = holdingsName(this.runId, own.epoch + 1);
      this.#cluster.changed(name);
      this.#cluster
        .delivered([name], epochFor)
        .then(() => {
          if (own !== this.#holder?.own || this.phase === 'stopped') return;
          own.beginEpoch();
          this.documents.changed();
        })
        .catch(this.#report('the next epoch of the holdings'));
    }
  }

  /** Asks every peer what it knows; those who ask within one turn share an answer. */
  askPeers(): Promise<void> {
    return (this.#asking ??= new Promise((resolve) => {
      this.runtime.defer(() => {
        this.#asking = undefined;
        void this.#cluster.ask(askFor).catch(this.#report('asking peers')).then(resolve);
      });
    }));
  }

  /** Does what is wanted of a registration, or of one instance of it, and waits for everyone to have heard of it. */
  async #commandAbout<T>(
    id: string,
    instance: string | undefined,
    command: (holder: Holder) => T,
  ): Promise<T> {
    if (id.startsWith(`${daemonApp}/`)) throw new InvalidError(`'${id}' is a daemon itself: stop it instead`);
    const isThere = (): boolean => {
      const entry = this.view.winner(id)?.entry;
      return entry !== undefined && (instance === undefined || entry.instance === instance);
    };
    if (!isThere()) await this.askPeers();
    if (!isThere()) throw this.#notFound(id, instance);
    const holder = this.#held();
    const name = this.#ownName(holder);
    const result = this.turn.run(() => command(holder), 'a delete or a drain');
    this.turn.commit();
    await this.#cluster.delivered([name], commandFor);
    if (holder !== this.#holder)
      throw new NotReadyError(
        'this daemon was suspended meanwhile, and it is not known whether others have heard: ask again',
      );
    return result;
  }

  /** Why this instance is not there: another one has its address, or nobody knows it. */
  #notFound(id: string, instance: string | undefined): NotFoundError {
    const other = this.replacedBy({ id, instance });
    return other === undefined
      ? new NotFoundError(`registration '${id}' is not online`)
      : new ReplacedError(`instance '${instance}' of '${id}' was replaced by '${other}'`, other);
  }

  /** One change of everything that was written in this turn, and one push of it. */
  #commit(): void {
    const holder = this.#holder;
    const changed = [
      ...(holder?.own.commit() ? this.#ownNames(holder.own) : []),
      ...(this.documents.catalog.dirty ? [catalogName] : []),
    ];
    this.documents.catalog.dirty = false;
    if (changed.length > 0) this.documents.committed();
    for (const name of changed) this.#cluster.changed(name);
  }

  #onTick({ ms, awayMs }: Gap): void {
    if (awayMs > this.peerTimeout) this.onPause(ms);
    else if (ms > this.peerTimeout) this.#onBusy(ms);
    else if (ms > this.#cluster.heartbeatMs) this.#cluster.beatIfDue();
    this.turn.review();
    const areReleases =
      this.phase === 'running' && this.#holder !== undefined && this.#holder.own.released.size > 0;
    this.#holder?.tidy(areReleases ? this.#confirmation.review() : undefined);
    this.#renewHistory();
    this.#reviewNamesakes();
  }

  /** What has arrived of others counts from now on. */
  #takeIn(): void {
    for (const arrival of this.documents.takeArrivals()) {
      if (arrival.kind === 'holdings') this.#remote.take(arrival.incarnation, arrival.changes);
      else for (const event of arrival.events) this.#outbox.emit(event);
    }
  }

  /** Own entries follow what changed elsewhere. */
  #reconcile(): void {
    const touched = this.#remote.takeTouched();
    this.#holder?.follow(touched);
  }

  /** Looks at who is alive. */
  #review(): void {
    this.#remote.review(this.self);
    this.#isolation.review(this.now(), ...this.#names());
    this.#peerNews.isolation({ isCutOff: this.#isolation.isolated, ...this.#isolation.counts });
  }

  /** The names of the daemons that are live, and of those that left. */
  #names(): [live: Set<string>, left: Set<string>] {
    const [live, left] = [new Set([this.settings.name]), new Set<string>()];
    for (const { holdings, lost, left: hasLeft } of this.membership.all()) {
      if (!holdings?.owner) continue;
      if (!lost) live.add(holdings.owner.name);
      else if (hasLeft) left.add(holdings.owner.name);
    }
    return [live, left];
  }

  #expire(): void {
    this.#orphans.lapse();
    this.#holder?.expire();
  }

  /** Tells what changed. Nothing before the first view is whole: that one is a snapshot. */
  #publishChanges(): void {
    if (this.phase === 'joining' || this.phase === 'stopped') return;
    this.#peerNews.tell((runId) => this.membership.get(runId)?.left === true);
    this.#outbox.publish(() => (this.synced ? this.caveats : undefined));
  }

  /** Sets the alarm for the earliest deadline. */
  #arm(): void {
    if (this.phase === 'stopped') return;
    const next = Math.min(
      this.#orphans.next() ?? Infinity,
      this.#holder?.leases.next() ?? Infinity,
      this.#holder?.pending.next() ?? Infinity,
    );
    this.#alarm.set(next);
  }

  #reviewNamesakes(): void {
    const own = this.#holder?.own;
    if (!this.self || !own || this.phase !== 'running') return;
    try {
      const generation = this.#namesakes.review(this.self, own.owner!, this.now());
      if (generation === undefined) return;
      own.setOwner({ ...own.owner!, generation });
      this.membership.changed();
    } catch (error) {
      this.edge.onFatal?.(error as NameTakenError);
    }
  }
}

function* toRegistrations(entries: [RegistrationId, Entry][]): Iterable<Registration> {
  for (const [id, entry] of entries) yield toRegistration(id, entry);
}

function stateOf(incarnation: Incarnation): DaemonState {
  if (incarnation.left) return 'left';
  return incarnation.lost ? 'lost' : 'online';
}
