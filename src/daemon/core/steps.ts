/** What each step of a turn does: see turn.ts for their order. */

import type { DaemonName } from '../../crdt/ids.js';
import type { LeaseTime } from '../../crdt/clocks.js';
import type { View } from '../../crdt/view.js';
import type { Caveats } from '../../model/events.js';
import type { Outbox } from './events/outbox.js';
import type { Alarm } from './lease/alarm.js';
import type { Isolation } from './membership/isolation.js';
import type { Membership } from './membership/membership.js';
import type { PeerNews } from './membership/peer-news.js';
import type { Commits } from './replication/commits.js';
import type { DocumentStore } from './replication/document-store.js';
import type { Relay } from './replication/relay.js';
import type { Phase, Self } from './self.js';
import type { TurnSteps } from './turn.js';
import type { FreshInstances } from './view/fresh-instances.js';
import type { Orphans } from './view/orphans.js';
import type { RemoteHoldings } from './view/remote-holdings.js';

export interface StepsContext {
  /** This daemon's. */
  readonly name: DaemonName;
  readonly self: () => Self;
  readonly phase: () => Phase;
  readonly membership: Membership;
  readonly isolation: Isolation;
  readonly peerNews: PeerNews;
  readonly documents: DocumentStore;
  readonly view: View;
  readonly remote: RemoteHoldings;
  readonly orphans: Orphans;
  readonly fresh: Pick<FreshInstances, 'next'>;
  readonly outbox: Outbox;
  readonly alarm: Alarm;
  readonly relay: Relay;
  readonly commits: Commits;
  /** The marks that events carry; undefined while peers know more than this daemon. */
  readonly caveats: () => Caveats | undefined;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class Steps implements TurnSteps {
  constructor(private readonly context: StepsContext) {}

  /** What arrives comes online under the rules that are in force at the end of the turn, whatever arrived first. */
  takeIn(): void {
    const { documents, view, remote, outbox } = this.context;
    for (const arrival of documents.takeArrivals()) {
      if (arrival.kind === 'holdings') remote.take(arrival.incarnation, arrival.changes);
      else for (const event of arrival.events) outbox.emit(event);
    }
    view.setRules(documents.catalog.ruling);
  }

  hasNews(): boolean {
    return this.context.membership.news;
  }

  review(): void {
    const { remote, isolation, peerNews, self, now } = this.context;
    remote.review(self().published?.incarnation);
    isolation.review(now(), ...this.#names());
    peerNews.isolation({ isCutOff: isolation.isolated, gaveUp: isolation.gaveUp, ...isolation.counts });
  }

  reconcile(): void {
    const { remote, self } = this.context;
    const touched = remote.takeTouched();
    self().published?.holder.follow(touched);
  }

  /** Publishes nothing while the daemon joins: watchers begin with a snapshot. */
  publish(): void {
    const { outbox, peerNews, membership, caveats } = this.context;
    const phase = this.context.phase();
    if (phase === 'joining' || phase === 'stopped') return;
    peerNews.tell((runId) => membership.get(runId)?.left === true);
    outbox.publish(caveats);
  }

  arm(): void {
    const { self, phase, orphans, fresh, alarm } = this.context;
    if (phase() === 'stopped') return;
    alarm.arm(Math.min(orphans.next() ?? Infinity, self().published?.holder.next() ?? Infinity, fresh.next()));
  }

  relay(): void {
    this.context.relay.relay();
  }

  isDirty(): boolean {
    return this.context.commits.due;
  }

  commit(): void {
    this.context.commits.commit();
  }

  /** The names of the daemons that are live, and of those that left. */
  #names(): [live: Set<DaemonName>, left: Set<DaemonName>] {
    const [live, left] = [new Set([this.context.name]), new Set<DaemonName>()];
    for (const { holdings, lost, left: hasLeft } of this.context.membership.all()) {
      if (!holdings?.owner) continue;
      if (!lost) live.add(holdings.owner.name);
      else if (hasLeft) left.add(holdings.owner.name);
    }
    return [live, left];
  }
}
