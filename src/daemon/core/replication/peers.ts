/** Puts the parts of the exchange with peers together. */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { CallTarget, RunId } from '../../../crdt/ids.js';
import { printable } from '../../../model/printable.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { ForwardedRenewal, HeldLease } from './frame.js';
import type { Membership } from '../membership/membership.js';
import type { Logs } from '../log.js';
import type { DaemonSettings, Runtime, Transport } from '../runtime.js';
import type { Self } from '../self.js';
import type { Turn } from '../turn.js';
import { CallerProofs } from './caller-proofs.js';
import { Commits } from './commits.js';
import { Deliveries } from './deliveries.js';
import type { DocumentStore } from './document-store.js';
import { Exchange } from './exchange.js';
import { Heartbeat } from './heartbeat.js';
import { HolderRequests } from './holder-requests.js';
import { Inquiry } from './inquiry.js';
import { Join } from './join.js';
import { isRefusal, Link } from './link.js';
import { LinkTable } from './link-table.js';
import { Relay } from './relay.js';
import { Seeds } from './seeds.js';
import { type OwnSilence, Signs } from './signs.js';
import { heartbeatEveryMs } from './timing.js';

const cannotExchange = 'cannot exchange with a peer';

export interface PeersContext {
  readonly settings: DaemonSettings;
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly logs: Pick<Logs, 'peers' | 'lifecycle'>;
  readonly turn: Turn;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly self: () => Self;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
  readonly isAwake: () => boolean;
  readonly acceptForwarded: (renewals: readonly ForwardedRenewal[]) => number[];
  readonly heldLeases: (ids: readonly RegistrationId[]) => HeldLease[];
  readonly onOwnSilence: (silence: OwnSilence) => void;
}

export class Peers {
  readonly links: LinkTable;
  readonly seeds: Seeds;
  readonly join: Join;
  readonly deliveries: Deliveries;
  readonly heartbeat: Heartbeat;
  readonly relay: Relay;
  readonly commits: Commits;
  readonly exchange: Exchange;
  readonly requests: HolderRequests;
  readonly inquiry: Inquiry;

  constructor(private readonly context: PeersContext) {
    const { settings, runtime, transport, logs, membership, documents, self, now, isAwake } = context;
    const peerTimeoutMs = settings.peerTimeoutMs;
    const log = logs.peers;
    const ownRunId = (): RunId => self().runId;
    const open = (url: CallTarget): Link => this.#open(url);
    const isAlone = (): boolean => membership.live().length < 2;
    const seeds = new Seeds(settings.peers, { runtime, transport, log, peerTimeoutMs: peerTimeoutMs, isAlone });
    this.seeds = seeds;
    this.links = new LinkTable(settings, seeds, membership, documents, now, ownRunId, open);
    this.join = new Join(settings, runtime, this.links, seeds, logs.lifecycle);
    this.deliveries = new Deliveries(runtime, documents, () => this.links.members());
    // A peer that a delivery waits for may be lost.
    const onBeat = (): void => this.deliveries.look();
    const { links, join, deliveries } = this;
    this.heartbeat = new Heartbeat(
      { runtime, membership, links, self, now, isAwake, onBeat },
      heartbeatEveryMs(peerTimeoutMs),
    );
    this.relay = new Relay(documents, membership, links, deliveries, join);
    this.commits = new Commits(documents, this.relay, self);
    this.inquiry = new Inquiry(runtime, links, log);
    const { heartbeat, relay } = this;
    const signs = new Signs({ runtime, membership, heartbeat, self, now, peerTimeoutMs });
    const proofs = new CallerProofs(runtime);
    this.exchange = new Exchange({ ...context, log, links, seeds, join, relay, signs, proofs });
    this.requests = new HolderRequests(settings, transport, (url) => this.exchange.requestTo(url));
  }

  #open(url: CallTarget): Link {
    const { documents, runtime, transport, settings, logs } = this.context;
    const log = logs.peers;
    const host = {
      compose: (link: Link, heartbeat: boolean) => this.exchange.compose(link, heartbeat),
      accept: (link: Link, answer: Parameters<Exchange['accept']>[1]) => this.exchange.accept(link, answer),
      onReached: () => this.#onReached(url),
      onUnreached: (_: Link, error: Error) => this.#onUnreached(url, error),
    };
    return new Link(url, documents, runtime, transport, host, log, settings.peerTimeoutMs);
  }

  #onReached(url: CallTarget): void {
    const log = this.context.logs.peers;
    log.debug({ peer: url }, 'reached a peer');
    log.resolve(cannotExchange, { peer: url }, 'exchanges with a peer again');
  }

  #onUnreached(url: CallTarget, error: Error): void {
    const log = this.context.logs.peers;
    const fields = { peer: url, reason: printable(error.message) };
    if (this.seeds.has(url)) this.seeds.failed(url, error);
    else if (isRefusal(error)) log.warn(fields, cannotExchange);
    else log.debug(fields, 'cannot reach a peer');
  }
}
