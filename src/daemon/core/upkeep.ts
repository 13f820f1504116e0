/**
 * What is done at every tick: records that are no longer needed are dropped, the history of the holdings is cut, the
 * certificate is renewed, and other daemons of this name are looked for.
 */

import type { LeaseTime } from '../../crdt/clocks.js';
import { holdingsName } from '../../crdt/holdings.js';
import type { RunId } from '../../crdt/ids.js';
import type { OwnHoldings } from '../../crdt/own-holdings.js';
import type { TakeOvers } from './lease/take-overs.js';
import type { Membership } from './membership/membership.js';
import type { NameConflicts } from './membership/name-conflicts.js';
import type { Confirmation } from './replication/confirmation.js';
import type { Deliveries } from './replication/deliveries.js';
import type { DocumentStore } from './replication/document-store.js';
import type { Relay } from './replication/relay.js';
import { epochForMs } from './replication/timing.js';
import type { Logs } from './log.js';
import type { DaemonEdge, DaemonSettings, Names } from './runtime.js';
import type { Phase, Published, Self } from './self.js';

export interface UpkeepContext {
  readonly settings: Pick<DaemonSettings, 'historySlack'>;
  readonly logs: Pick<Logs, 'documents' | 'membership'>;
  readonly edge: DaemonEdge;
  readonly membership: Membership;
  readonly nameConflicts: NameConflicts;
  readonly confirmation: Confirmation;
  readonly documents: DocumentStore;
  readonly deliveries: Deliveries;
  readonly relay: Relay;
  readonly takeOvers: Pick<TakeOvers, 'tell'>;
  readonly self: () => Self;
  readonly phase: () => Phase;
  readonly names: Names | undefined;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

/** Within that time the log has at most one info line that the history was cut. */
const cutLineEveryMs = 60_000;

export class Upkeep {
  /** When the log last had such a line. */
  #cutLineAt: LeaseTime = -Infinity;

  constructor(private readonly context: UpkeepContext) {}

  tick(): void {
    const { runId, published } = this.context.self();
    if (!published) return;
    const isRunning = this.context.phase() === 'running';
    const areReleases = isRunning && published.holder.own.released.size > 0;
    published.holder.tidy(areReleases ? this.context.confirmation.review() : undefined);
    this.context.takeOvers.tell();
    if (!isRunning) return;
    this.#renewHistory(runId, published.holder.own);
    this.#reviewName(published);
    this.#reviewClaim(published);
  }

  /** Cuts the history of the own holdings when it has grown: some at each tick, and in agreement with the peers. */
  #renewHistory(runId: RunId, own: OwnHoldings): void {
    const { settings, documents, relay, deliveries, logs } = this.context;
    if (!own.renewHistory(() => documents.newDocument(), settings.historySlack)) return;
    documents.changed();
    const name = holdingsName(runId, own.epoch + 1);
    relay.push(name);
    deliveries
      .delivered([name], epochForMs)
      .then(() => this.#beginEpoch(own))
      .catch((error: unknown) => logs.documents.error({ err: error }, 'could not cut the history of the holdings'));
  }

  #beginEpoch(own: OwnHoldings): void {
    if (own !== this.context.self().published?.holder.own || this.context.phase() === 'stopped') return;
    own.beginEpoch();
    this.context.documents.changed();
    this.#logCut(own);
  }

  #logCut({ epoch, entries }: OwnHoldings): void {
    const { logs, now } = this.context;
    const isDue = now() - this.#cutLineAt >= cutLineEveryMs;
    if (isDue) this.#cutLineAt = now();
    const fields = { epoch, entries: entries.size };
    logs.documents[isDue ? 'info' : 'debug'](fields, 'cut the history of the holdings: a new epoch begins');
  }

  /** Publishes a new certificate: the former one may expire, or belong to a CA that is being replaced. */
  #reviewClaim({ holder: { own } }: Published): void {
    const owner = own.owner!;
    const claim = this.context.names?.claim(owner.name, owner.runId);
    if (claim !== undefined && claim !== owner.claim) own.setOwner({ ...owner, claim });
  }

  /** Publishes a higher generation than others of this name have, or ends this daemon if its name is taken. */
  #reviewName({ incarnation, holder: { own } }: Published): void {
    const { nameConflicts, membership, edge, logs, now } = this.context;
    try {
      const conflict = nameConflicts.review(incarnation, own.owner!, now());
      if (conflict === undefined) return;
      const { generation, rivalUrl } = conflict;
      logs.membership.warn({ peer: rivalUrl, generation }, "another daemon has this daemon's name");
      own.setOwner({ ...own.owner!, generation });
      membership.changed();
    } catch (error) {
      logs.membership.error({ reason: (error as Error).message }, 'this daemon ends: its name is taken');
      edge.onFatal?.(error as Error);
    }
  }
}
