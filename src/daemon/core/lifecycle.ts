/**
 * From the start of a daemon to its end: joining, running, leaving, stopped. Decides which incarnation it is.
 * 1. It publishes when it has joined, and not before: a daemon that joins holds nothing.
 * 2. A long suspension is a restart: it goes on as a new incarnation that holds nothing, and joins again.
 * 3. After `stopped` nothing is published, no alarm is set, and no timer runs on.
 */

import { catalogName } from '../../crdt/catalog.js';
import { holdingsName } from '../../crdt/holdings.js';
import { OwnHoldings } from '../../crdt/own-holdings.js';
import { limits } from '../../model/limits.js';
import type { Outbox } from './events/outbox.js';
import type { Alarm } from './lease/alarm.js';
import type { Comeback, Lapse } from './lease/comeback.js';
import type { Forwarder } from './lease/forwarder.js';
import type { Holder } from './lease/holder.js';
import type { Gap, LeaseClock } from './lease/lease-clock.js';
import type { Membership } from './membership/membership.js';
import type { PeerNews } from './membership/peer-news.js';
import { highestGeneration } from './membership/replacement.js';
import type { Deliveries } from './replication/deliveries.js';
import type { DocumentStore } from './replication/document-store.js';
import type { Heartbeat } from './replication/heartbeat.js';
import type { Join } from './replication/join.js';
import type { LinkTable } from './replication/link-table.js';
import type { Relay } from './replication/relay.js';
import type { OwnSilence } from './replication/signs.js';
import { deafForMs, leaveForMs } from './replication/timing.js';
import { type Log, logFailure } from './log.js';
import type { DaemonEdge, DaemonSettings, Runtime } from './runtime.js';
import { newSelf, ownerOf, type Phase, type Self } from './self.js';
import type { Turn } from './turn.js';
import type { Announcements } from './view/announcements.js';
import { orphanGraceMs } from './view/orphans.js';

export interface LifecycleContext {
  readonly settings: DaemonSettings;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly edge: DaemonEdge;
  readonly turn: Turn;
  readonly clock: LeaseClock;
  readonly alarm: Alarm;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly announcements: Announcements;
  readonly outbox: Outbox;
  readonly peerNews: PeerNews;
  readonly forwarder: Forwarder;
  readonly comeback: Comeback;
  readonly join: Join;
  readonly heartbeat: Heartbeat;
  readonly links: LinkTable;
  readonly deliveries: Deliveries;
  readonly relay: Relay;
  /** Makes the holder of an incarnation. */
  readonly holderOf: (runId: Self['runId'], own: OwnHoldings) => Holder;
}

export class Lifecycle {
  #phase: Phase = 'joining';
  #self: Self;
  /** Until when (monotonic ms) everything that is read counts as old. */
  #deafUntil = -Infinity;
  /** How often it was suspended. */
  #suspensions = 0;
  /** Decisions that the former incarnation had kept. */
  #keptDecided: OwnHoldings['decided'] = new Map();

  constructor(
    private readonly context: LifecycleContext,
    first: Self,
  ) {
    this.#self = first;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get self(): Self {
    return this.#self;
  }

  /** Whether input that is read now is current, rather than left from before a suspension. */
  isAwake(): boolean {
    const { clock, heartbeat, settings, runtime } = this.context;
    const sinceTick = clock.sinceTick();
    if (sinceTick > settings.peerTimeoutMs) clock.tick();
    // No timer has run for that long: the heartbeat must not wait behind a backlog of requests.
    else if (sinceTick > heartbeat.everyMs) heartbeat.beatIfDue();
    return runtime.now() >= this.#deafUntil;
  }

  /** Joins the peers, then publishes. Returns false if it was stopped before it had joined. */
  async start(): Promise<boolean> {
    const { clock, outbox, peerNews, membership } = this.context;
    clock.start();
    if (!(await this.#join())) return false;
    // Watchers get what was there before as a snapshot, not as events.
    outbox.discard();
    peerNews.joined(membership.live().map(({ holdings }) => holdings!.owner!));
    this.#phase = 'running';
    return true;
  }

  /** Announces that it leaves, and ends when a daemon that stays has everything (at most 5 s). */
  async stop(): Promise<void> {
    const { alarm, clock, forwarder, join, heartbeat, links, membership, turn, deliveries } = this.context;
    const { runId, published } = this.#self;
    if (this.#phase === 'running' && published) {
      const { holder } = published;
      this.#phase = 'leaving';
      forwarder.flush();
      holder.leave();
      holder.own.setOwner({ ...holder.own.owner!, leaving: true });
      membership.changed();
      turn.commit();
      await deliveries.delivered([holdingsName(runId, holder.own.epoch), catalogName], leaveForMs, true);
    }
    this.#phase = 'stopped';
    alarm.clear();
    clock.stop();
    forwarder.drop();
    join.stop();
    heartbeat.stop();
    links.stop();
  }

  /** Runs what a timer other than the clock's is for, unless it was due before a suspension ended. */
  onTimer(run: () => void): void {
    if (!this.#isStopped && this.isAwake()) this.context.turn.run(run);
  }

  /** The clock has ticked: tells from the gap whether this daemon was suspended or busy since the last tick. */
  onTick({ ms, awayMs }: Gap): void {
    const { settings, heartbeat } = this.context;
    if (awayMs > settings.peerTimeoutMs) this.#onPause(ms);
    else if (ms > settings.peerTimeoutMs) this.#onBusy(ms);
    else if (ms > heartbeat.everyMs) heartbeat.beatIfDue();
  }

  /** A peer had not heard this daemon for so long. */
  onOwnSilence({ ms, stoodStill }: OwnSilence): void {
    const { comeback, clock } = this.context;
    if (stoodStill) this.#onPause(ms);
    else this.#endLapsed(comeback.report(ms, clock.now()));
  }

  /**
   * A long suspension is a restart: this daemon commits what it has written, so that peers see the same of its former
   * self, and goes on as a new incarnation that holds nothing. It keeps its last view until its peers have told what
   * happened meanwhile, and then publishes the difference.
   */
  #onPause(ms: number): void {
    const { log, runtime, membership, documents, forwarder, join, edge, turn } = this.context;
    const [phase, { published }] = [this.#phase, this.#self];
    if (phase !== 'running' && phase !== 'joining') return;
    const next = phase === 'running' ? 'going on as a new incarnation' : 'joining anew';
    log.warn({ pausedFor: Math.round(ms) }, `away for longer than the peer timeout: ${next}`);
    membership.wasAway(ms, published?.incarnation);
    this.#deafUntil = runtime.now() + deafForMs;
    this.#suspensions++;
    if (phase === 'joining') return join.abandon();
    if (published) this.#keptDecided = published.holder.own.decided;
    turn.commit();
    this.#phase = 'joining';
    this.#self = newSelf(runtime);
    documents.unpublish();
    forwarder.drop();
    edge.onPause?.();
    this.#joinAgain().catch((error: unknown) => {
      logFailure(log, 'joining again')(error);
      edge.onFatal?.(error as Error);
    });
  }

  async #joinAgain(): Promise<void> {
    if (!(await this.#join())) return;
    this.context.turn.run(() => {
      this.#phase = 'running';
      this.context.turn.review();
    }, 'the end of a join');
  }

  /** Joins the peers, then publishes. A suspension meanwhile makes it start again. Returns false if stopped. */
  async #join(): Promise<boolean> {
    const { runtime, join, heartbeat, membership, turn } = this.context;
    let [heard, suspensions] = [false, 0];
    do {
      suspensions = this.#suspensions;
      const deafMs = this.#deafUntil - runtime.now();
      if (deafMs > 0) await new Promise<void>((resolve) => runtime.after(deafMs, resolve));
      if (this.#isStopped) return false;
      heard = await join.run();
      if (this.#isStopped) return false;
      heartbeat.start();
    } while (suspensions !== this.#suspensions);
    membership.returned(heard);
    turn.run(() => this.#publish(), 'the end of a join');
    return true;
  }

  /** A getter, since the phase changes while a method awaits. */
  get #isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  /** Publishes this daemon: from now on it holds entries, and the others see it. */
  #publish(): void {
    const { settings, runtime, membership, documents, clock, announcements, turn, relay } = this.context;
    const { runId, identity } = this.#self;
    const incarnation = membership.meetSelf(runId, clock.now());
    const generation = Math.min(highestGeneration(membership.all(), settings.name) + 1, limits.generation);
    const own = OwnHoldings.begin(documents.newDocument(), ownerOf(runtime, settings, { runId, generation }));
    documents.publish(incarnation, own, identity);
    incarnation.sign(identity);
    const holder = this.context.holderOf(runId, own);
    this.#self = { runId, identity, published: { incarnation, holder } };
    for (const [id, decided] of this.#keptDecided) holder.decisions.keep(id, decided);
    this.#keptDecided = new Map();
    membership.changed();
    announcements.announce(incarnation);
    turn.review();
    relay.push(holdingsName(runId, own.epoch));
  }

  /**
   * One piece of work took longer than the peer timeout. This daemon goes on as it was: the lease clock has hardly
   * moved, and waiting connections are served. Its heartbeat goes out first, since peers may consider it lost.
   */
  #onBusy(ms: number): void {
    const { log, heartbeat, comeback, clock, runtime, turn } = this.context;
    log.warn(
      { busyFor: Math.round(ms) },
      'busy for longer than the peer timeout: peers may have taken this daemon for lost meanwhile',
    );
    if (this.#phase !== 'running') return;
    heartbeat.beat();
    comeback.begin(clock.now());
    runtime.after(comeback.listenMs, () => runtime.defer(() => turn.run(() => this.#endLapsed(comeback.settle()))));
  }

  /** Ends entries that lapsed at peers while this daemon was busy, and were not renewed here since. */
  #endLapsed(lapse: Lapse | undefined): void {
    if (!lapse) return;
    const longestTtlMs = lapse.silenceMs - this.context.settings.peerTimeoutMs - orphanGraceMs;
    this.#self.published?.holder.entries.endLapsed(lapse.since, longestTtlMs);
  }
}
