/**
 * Puts the parts of a daemon together. Each is handed what it needs and knows no other. If two need each other, one of
 * them is passed as a function: the present self, the steps of a turn, and what peers cause.
 */

import type { LeaseTime } from '../../crdt/clocks.js';
import type { DaemonUrl, RunId } from '../../crdt/ids.js';
import { View } from '../../crdt/view.js';
import { CatalogService } from './catalog/catalog-service.js';
import { Prober } from './checks/prober.js';
import { Commands } from './commands.js';
import { EventLog } from './events/event-log.js';
import { Outbox } from './events/outbox.js';
import { Alarm } from './lease/alarm.js';
import { Comeback } from './lease/comeback.js';
import { DrainEnds } from './lease/drain-ends.js';
import { patienceOf } from './lease/end-order.js';
import { Forwarder } from './lease/forwarder.js';
import { Holder } from './lease/holder.js';
import { LeaseInfos } from './lease/lease-infos.js';
import { LeaseClock } from './lease/lease-clock.js';
import { TakeOvers } from './lease/take-overs.js';
import { TtlAdvice } from './lease/ttl-advice.js';
import { Lifecycle } from './lifecycle.js';
import { Isolation, defaultIsolatedForMs } from './membership/isolation.js';
import { Membership } from './membership/membership.js';
import { PeerNews } from './membership/peer-news.js';
import { NameConflicts } from './membership/name-conflicts.js';
import { Confirmation } from './replication/confirmation.js';
import { DocumentStore } from './replication/document-store.js';
import { Peers } from './replication/peers.js';
import { Reports } from './reports.js';
import type { Logs } from './log.js';
import type { DaemonEdge, DaemonSettings, Runtime, Transport } from './runtime.js';
import { newSelf, type Phase, type Self } from './self.js';
import { Steps } from './steps.js';
import { Tally } from './tally.js';
import { Turn } from './turn.js';
import { Upkeep } from './upkeep.js';
import { Announcements } from './view/announcements.js';
import { FreshInstances } from './view/fresh-instances.js';
import { Orphans } from './view/orphans.js';
import { RemoteHoldings } from './view/remote-holdings.js';

/** The parts that are used from outside. */
export interface Parts {
  readonly clock: LeaseClock;
  readonly turn: Turn;
  readonly view: View;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly events: EventLog;
  readonly catalog: CatalogService;
  readonly peers: Peers;
  readonly lifecycle: Lifecycle;
  readonly commands: Commands;
  readonly leases: LeaseInfos;
  readonly reports: Reports;
  readonly tally: Tally;
}

export function buildParts(
  settings: DaemonSettings,
  runtime: Runtime,
  transport: Transport,
  logs: Logs,
  edge: DaemonEdge,
): Parts {
  const { ttlMs, peerTimeoutMs, name } = settings;
  const first = newSelf(runtime);
  const self = (): Self => lifecycle.self;
  const phase = (): Phase => lifecycle.phase;
  const isAwake = (): boolean => lifecycle.isAwake();

  const ttlAdvice = new TtlAdvice(peerTimeoutMs, logs.leases);
  ttlAdvice.see(ttlMs);
  const comeback = new Comeback(peerTimeoutMs);
  const isolation = new Isolation(settings.isolatedForMs ?? defaultIsolatedForMs);
  const isStale = (): boolean => settings.whenIsolated !== 'expire' && isolation.isolated;
  const turn: Turn = new Turn(() => steps, runtime, logs.lifecycle);

  const onTick = (gap: Parameters<Lifecycle['onTick']>[0]): void => {
    lifecycle.onTick(gap);
    turn.review();
    upkeep.tick();
    prober.tick();
  };
  const clock = new LeaseClock(runtime, (gap) => turn.run(() => onTick(gap), 'a tick'));
  const now = (): LeaseTime => clock.now();
  const expire = (): void => {
    orphans.lapse();
    fresh.step();
    self().published?.holder.expire();
  };
  const alarm = new Alarm(runtime, now, () => lifecycle.onTimer(expire));

  const view = new View(now);
  const tally = new Tally();
  const peerNews = new PeerNews(name, () => runtime.now(), logs.membership);
  const events = new EventLog(first.runId, () => runtime.wallNow(), logs.events, undefined, tally);
  const membership = new Membership(peerTimeoutMs);
  const repair = (run: () => void): void => runtime.defer(() => turn.run(run, 'a repair'));
  const documents = new DocumentStore(runtime, membership, now, logs, repair);
  const fresh = new FreshInstances({
    ...{ view, now },
    backends: () => documents.catalog.backends,
    heads: () => documents.catalog.document.heads,
  });
  const outbox = new Outbox(view, events, fresh);
  const orphans = new Orphans(view, membership, now, isStale);
  const handOnSome = (): void => {
    if (self().published?.holder.decisions.handOnSome()) repair(handOnSome);
  };
  const handOnDrains = (): void => {
    self().published?.holder.decisions.noteDrains();
    handOnSome();
  };
  const announcements = new Announcements(
    view,
    (event) => {
      outbox.emit(event);
      peerNews.hear(event);
      if (event.type === 'daemon-online') handOnDrains();
    },
    ttlMs,
  );
  const remote = new RemoteHoldings({
    ...{ view, orphans, announcements, membership, documents },
    ...{ peerTimeoutMs, defaultTtlMs: ttlMs, isStale, now },
  });

  const peers: Peers = new Peers({
    ...{ settings, runtime, transport, logs, turn, membership, documents, self, now, isAwake },
    acceptForwarded: (renewals) => commands.acceptForwarded(renewals),
    heldLeases: (ids) => leases.held(ids),
    onOwnSilence: (silence) => lifecycle.onOwnSilence(silence),
  });
  const { links, join, deliveries, heartbeat, relay, commits, inquiry, seeds } = peers;
  const forwarder = new Forwarder(
    runtime,
    (url, renewals) => peers.requests.forward(url, renewals),
    (unheld) => lifecycle.onTimer(() => self().published?.holder.takeOver(unheld)),
    logs.leases,
  );
  const takeOvers = new TakeOvers(logs.leases, now);
  const drainEnds = new DrainEnds(view, now, (id) => patienceOf(id, self().runId, view, membership));
  const holderContext = {
    ...{ runtime, view, membership, forwarder, takeOvers, drainEnds },
    ...{ defaultTtlMs: ttlMs, peerTimeoutMs, now },
  };
  const lifecycle = new Lifecycle(
    {
      ...{
        settings,
        runtime,
        log: logs.lifecycle,
        edge,
        turn,
        clock,
        alarm,
        membership,
        documents,
        announcements,
      },
      ...{ outbox, peerNews, forwarder, comeback, join, heartbeat, links, deliveries, relay },
      holderOf: (runId, own) => new Holder(holderContext, runId, own),
    },
    first,
  );
  const isReached = (url: DaemonUrl, runId: RunId): boolean => links.linkTo(url, runId) !== undefined;
  const nameConflicts = new NameConflicts(membership, peerTimeoutMs, isReached);
  const confirmation = new Confirmation({ membership, documents, links, self, peerTimeoutMs, isStale, now });
  const upkeep = new Upkeep({
    ...{ settings, logs, edge, membership, nameConflicts, confirmation, documents, deliveries, relay },
    ...{ takeOvers, names: runtime.names },
    ...{ self, phase, now },
  });

  const onTimer = (run: () => void): void => lifecycle.onTimer(run);
  const prober = new Prober({ runtime, view, membership, self, phase, isStale, onTimer, now });

  const leases: LeaseInfos = new LeaseInfos({
    ...{ runtime, view, membership, self, isStale, now },
    watchOn: (id) => prober.watchOn(id),
    ask: (url, ids) => peers.requests.leases(url, ids),
  });
  const commands: Commands = new Commands({
    ...{ turn, runtime, view, membership, isolation, comeback, inquiry, deliveries, ttlAdvice, self, tally },
  });
  const catalog: CatalogService = new CatalogService({
    ...{ documents, settings, runtime, inquiry, deliveries },
    isReady: () => reports.ready,
    available: (app, rules) => view.online.available(app, rules),
    commit: () => turn.commit(),
    onWrite: (event) => turn.run(() => outbox.emit(event), 'a write to the catalog'),
  });
  const reports: Reports = new Reports({
    ...{ settings, runtime, view, fresh, events, membership, documents, catalog },
    ...{ links, seeds, join, self, phase, isStale, now },
  });
  const steps = new Steps({
    ...{ name, self, phase, membership, isolation, peerNews, documents, view, remote, orphans, fresh, outbox },
    ...{ alarm, relay, commits, now },
    caveats: () => (join.synced ? reports.caveats : undefined),
  });
  return {
    clock,
    turn,
    view,
    membership,
    documents,
    events,
    catalog,
    peers,
    lifecycle,
    commands,
    leases,
    reports,
    tally,
  };
}
