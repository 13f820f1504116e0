/**
 * Composes and takes in the frames that daemons exchange: requests and answers. A frame changes documents and
 * membership; the turn decides what follows.
 *
 * 1. No frame is read or sent right after a suspension.
 * 2. A frame is checked as a whole, with the signatures of all its changes, before any of it is taken in.
 * 3. Signs of life are taken in before changes.
 */

import { type Change, readChange } from '../../../crdt/change-reader.js';
import { parseHoldingsName } from '../../../crdt/holdings.js';
import type { PeerSync } from '../../../crdt/peer-sync.js';
import type { CallTarget, DaemonUrl, DocumentName, RunId } from '../../../crdt/ids.js';
import type { Brought, SyncMessage } from '../../../crdt/sync-message.js';
import { NotReadyError } from '../../../model/errors.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { Membership } from '../membership/membership.js';
import type { Log } from '../log.js';
import type { DaemonSettings, Runtime, Transport } from '../runtime.js';
import type { Self } from '../self.js';
import type { Turn } from '../turn.js';
import type { CallerProofs } from './caller-proofs.js';
import type { DocumentStore } from './document-store.js';
import { checkFrame, type ForwardedRenewal, type Frame, type HeldLease, protocolVersion } from './frame.js';
import type { Sender, Sign } from './frame.js';
import type { Join } from './join.js';
import type { Link } from './link.js';
import type { LinkTable } from './link-table.js';
import type { Relay } from './relay.js';
import type { Seeds } from './seeds.js';
import type { OwnSilence, Signs } from './signs.js';

/**
 * The longest change, in bytes, that is previewed before it is merged: a longer one is part of a burst, where a preview
 * gains little.
 */
const longestPreview = 4096;

export interface ExchangeContext {
  readonly settings: DaemonSettings;
  readonly runtime: Pick<Runtime, 'defer'>;
  readonly transport: Transport;
  readonly log: Pick<Log, 'debug' | 'warn'>;
  readonly turn: Turn;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly links: LinkTable;
  readonly seeds: Seeds;
  readonly proofs: CallerProofs;
  readonly signs: Signs;
  readonly join: Join;
  readonly relay: Relay;
  readonly self: () => Self;
  /** Whether input that is read now is current, rather than left from before a suspension. */
  readonly isAwake: () => boolean;
  /** Takes renewals that a member forwards; returns the indices of those that are not held here. */
  readonly acceptForwarded: (renewals: readonly ForwardedRenewal[]) => number[];
  /** What this daemon says of the leases that a member asks about. */
  readonly heldLeases: (ids: readonly RegistrationId[]) => HeldLease[];
  /** A peer reports that it had not heard this daemon. Called before the changes of its frame are taken in. */
  readonly onOwnSilence: (silence: OwnSilence) => void;
}

export class Exchange {
  constructor(private readonly context: ExchangeContext) {}

  /**
   * Answers a peer's frame; throws or rejects with the error for the peer. The change of a push is previewed first, and
   * merged after watchers have been told: merging takes longer than everything before it.
   */
  receive(input: unknown): Frame | Promise<Frame> {
    const { settings, runtime, turn } = this.context;
    const { runId } = this.context.self();
    this.#beAwake();
    const frame = this.#check(input, () => checkFrame(input, settings.cluster));
    if (frame.from.runId === runId) return this.#head();
    const teller = this.#isProven(frame.from) ? frame.from.runId : undefined;
    const sync = this.#check(input, () => this.#readSync(frame, teller));
    // Signs of life are taken in before changes, so a frame that has some is not previewed.
    if (frame.signs || !turn.run(() => this.#preview(sync), 'a frame of a peer'))
      return turn.run(() => this.#answer(frame, sync), 'a frame of a peer');
    return new Promise<void>((resolve) => runtime.defer(resolve)).then(() => {
      this.#beAwake();
      return turn.run(() => this.#answer(frame, sync), 'a frame of a peer');
    });
  }

  /** The next request over a link. With `heartbeat`, it has what the peer needs to compare all documents. */
  compose(link: Link, heartbeat: boolean): Frame {
    this.#beAwake();
    const sync = link.sync.request(heartbeat);
    const signs = heartbeat ? this.context.signs.all() : this.#introductions(link.sync, sync);
    return { ...this.#head(link), ...(signs.length > 0 ? { signs } : {}), sync };
  }

  /** Takes in a peer's answer. Throws a BenderError if the answer is not valid. */
  accept(link: Link, input: Frame): void {
    this.context.turn.run(() => this.#accept(link, input), 'an answer of a peer');
  }

  /** The beginning of a request that is no part of the exchange over a link. */
  requestTo(url: DaemonUrl): Frame {
    this.#beAwake();
    return this.#head({ url, runId: this.context.links.runIdAt(url) });
  }

  /**
   * Reads all changes of a frame before any of it is taken in. Throws InvalidError for a change that bender does not
   * write.
   * @param teller  run id of the sender, if it is proven
   */
  #readSync({ sync }: Frame, teller: RunId | undefined): SyncMessage<Change> | undefined {
    if (!sync?.changes) return sync as SyncMessage<never> | undefined;
    const changes = sync.changes.map(([name, all, proof]): Brought<Change> => {
      const read = all.map(readChange);
      this.context.documents.check(name, read, proof, teller);
      return proof ? [name, read, proof] : [name, read];
    });
    return { ...sync, changes };
  }

  /** Checks a frame of a peer, and logs a refusal. */
  #check<T>(input: unknown, check: () => T): T {
    try {
      return check();
    } catch (error) {
      const url = (input as { from?: { url?: unknown } } | null)?.from?.url;
      const fields = { peer: typeof url === 'string' ? url : undefined, reason: (error as Error).message };
      this.context.log.warn(fields, 'refused what a peer sent');
      throw error;
    }
  }

  /** Previews single short changes: those of a cluster at rest. Returns whether any of them is news. */
  #preview(sync: SyncMessage<Change> | undefined): boolean {
    const { documents } = this.context;
    let isNews = false;
    for (const [name, [change, ...more]] of sync?.changes ?? []) {
      if (!change || more.length > 0 || change.bytes.length > longestPreview) continue;
      if (documents.preview(name, change)) isNews = true;
    }
    return isNews;
  }

  #answer(frame: Frame, sync: SyncMessage<Change> | undefined): Frame {
    const { membership, signs, links, settings } = this.context;
    const { from } = frame;
    const isProven = this.#isProven(from);
    const member = isProven ? membership.get(from.runId) : undefined;
    const isMember = member?.published === true;
    const refused =
      frame.renewals &&
      (isMember ? this.context.acceptForwarded(frame.renewals) : frame.renewals.map((_, index) => index));
    const held = frame.leases && isMember ? this.context.heldLeases(frame.leases) : undefined;
    const answer: Frame = { ...this.#head(), ...(refused ? { refused } : {}), ...(held ? { held } : {}) };
    if (frame.signs) {
      const before = signs.of(from.runId);
      this.#act(signs.hear(frame.signs, isProven ? from.runId : undefined, isMember));
      answer.signs = signs.all();
      // A daemon that counted as lost has to know for how long it was not heard.
      if (before && before[2] >= settings.peerTimeoutMs) answer.signs.push(before);
    }
    if (sync) {
      const isAtHome = member?.holdings?.owner?.url === from.url;
      const peer = isAtHome ? links.toCaller(from).sync : links.syncWith(from.runId);
      answer.sync = peer.answer(sync, (name) => isMember || this.#isKnown(name, from.runId));
      if (!answer.signs) {
        const introductions = this.#introductions(peer, answer.sync);
        if (introductions.length > 0) answer.signs = introductions;
      }
    }
    this.context.relay.exchanged();
    return answer;
  }

  #accept(link: Link, input: Frame): void {
    const { settings, log, transport, links, seeds, membership, signs, join, relay } = this.context;
    this.#beAwake();
    const answer = checkFrame(input, settings.cluster);
    if (answer.from.runId === this.context.self().runId) {
      log.debug({ url: link.url }, 'this peer is the daemon itself');
      links.isSelf(link);
      transport.hangUp(link.url);
      return;
    }
    seeds.reached(link.url, answer.from.runId);
    // The daemon at the URL that a member advertises is that member. Those that are asked first are asked for
    // everything.
    const member = membership.get(answer.from.runId);
    const owner = member?.holdings?.owner;
    const teller = owner?.url === link.url && owner.name === answer.from.name ? answer.from.runId : undefined;
    const sync = this.#readSync(answer, teller);
    link.identify(answer.from.runId);
    this.#act(signs.hear(answer.signs ?? [], teller, true));
    link.sync.accept(sync ?? {});
    if (link.sync.complete && answer.from.synced) join.heard(answer.from.warm);
    relay.exchanged();
  }

  /**
   * Signs of the incarnations whose holdings a message brings to a peer that is not known to have them. Without them
   * the peer would not know how long they have been silent, and their entries would be online there for a moment.
   */
  #introductions(peer: PeerSync, { changes = [] }: SyncMessage): Sign[] {
    return changes.flatMap(([name]) => {
      const runId = peer.theirs(name)?.length ? undefined : parseHoldingsName(name)?.runId;
      const sign = runId && this.context.signs.of(runId);
      return sign ? [sign] : [];
    });
  }

  /**
   * Whether a caller that is no member may bring this document. Its signs of unknown incarnations are not believed, so
   * their holdings have to come from a member.
   */
  #isKnown(name: DocumentName, caller: RunId): boolean {
    const runId = parseHoldingsName(name)?.runId;
    return runId === undefined || runId === caller || this.context.membership.get(runId) !== undefined;
  }

  #act(silences: readonly OwnSilence[]): void {
    for (const silence of silences) this.context.onOwnSilence(silence);
  }

  #isProven(from: Sender): boolean {
    return this.context.proofs.isProven(from, this.context.self().runId, this.context.settings.url);
  }

  /** Throws right after a long suspension: what was read, or is about to be sent, is out of date. */
  #beAwake(): void {
    if (!this.context.isAwake())
      throw new NotReadyError('this daemon was paused and drops what had been waiting for it');
  }

  /** @param to  the receiver, as far as it is known */
  #head(to?: { url: CallTarget; runId: RunId | undefined }): Frame {
    const { settings, join, proofs } = this.context;
    const { runId, identity, published } = this.context.self();
    const from: Sender = {
      name: settings.name,
      runId,
      generation: published?.incarnation.holdings?.owner?.generation ?? 0,
      url: settings.url,
      synced: join.synced,
      warm: join.warm,
      ...(to?.runId !== undefined && proofs.prove(identity, to.runId, to.url)),
    };
    return { v: protocolVersion, cluster: settings.cluster, from };
  }
}
