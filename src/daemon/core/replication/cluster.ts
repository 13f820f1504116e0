/**
 * This daemon among its peers: whom it exchanges with, what is said, and when it knows enough to speak.
 *
 * Heartbeats go out at a fifth of the peer timeout, with everyone's signs of life and a digest of all
 * documents; a change goes out at once. Whatever one daemon knows it tells everybody it talks to, of the
 * living and of the lost alike, so that two daemons that cannot reach each other still agree.
 */

import { type Change, readChange } from '../../../crdt/change-reader.js';
import { type Brought, PeerSync, type SyncMessage } from '../../../crdt/peer-sync.js';
import type { ConfiguredPeer } from '../../../model/daemon.js';
import { NotReadyError } from '../../../model/errors.js';
import { printable } from '../../../model/printable.js';
import { Deliveries } from './deliveries.js';
import type { DocumentStore } from './document-store.js';
import {
  checkFrame,
  type ForwardedRenewal,
  type Frame,
  protocolVersion,
  type Sender,
  type Sign,
} from './frame.js';
import { Callers } from './caller-proofs.js';
import { aliveText, type Identity, isSignedBy, type Signatures } from '../identity.js';
import { Guests, guestsKept } from './recent-callers.js';
import { isRefusal, Link, type LinkHost } from './link.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import { meshLimit, neighbours } from './overlay.js';
import type { DaemonSettings, Log, Runtime, Timer, Transport } from '../runtime.js';
import { Seeds } from './seeds.js';
import type { Turn } from '../turn.js';

/** ms that a start waits for peers that are not there before it goes on without. */
const joinPatience = 500;

/** ms that a start may take without anything new from a peer that answers. */
const joinLimit = 30_000;

/** Heartbeats of which it is known when they were made. */
const beatsKept = 64;

/** Daemons that are no live members (seeds, former ones) that are called with each heartbeat. */
const callsToFormer = 8;

/** Bytes of a change that is shown before it is merged, at most: a longer one is part of a burst, and in no such hurry. */
const longestPreview = 4096;

export interface ClusterHost {
  readonly settings: DaemonSettings;
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly log: Log;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly runId: string;
  readonly identity: Identity;
  /** This daemon's own incarnation, once it has published. */
  readonly self: Incarnation | undefined;
  /** Lease-clock ms. */
  readonly now: () => number;
  /** What is taken in from peers goes through it. */
  readonly turn: Turn;
  /** Whether what is read and sent now is of this time. */
  awake(): boolean;
  /** This daemon was away for so many ms without noticing. */
  onPause(ms: number): void;
  /** A peer had not heard this daemon for so many ms, as far as this daemon's own clock allows. */
  onSilence(ms: number): void;
  acceptForwarded(renewals: readonly ForwardedRenewal[]): number[];
}

export class Cluster implements LinkHost {
  readonly #links = new Map<string, Link>();
  readonly #guests = new Guests();
  /** What was said with guests, by run id. */
  readonly #guestSyncs = new Map<string, PeerSync>();
  readonly #callers: Callers;
  /** Who says that this daemon's clock stood still, and when it said so. */
  readonly #standstills = new Map<string, number>();
  readonly #ownUrls = new Set<string>();
  readonly #deliveries: Deliveries;
  readonly #seeds: Seeds;
  /** URLs of peers whose frames were refused, so that the log says it once for each. */
  readonly #warned = new Set<string>();
  /** URLs that this daemon keeps exchanging with; other links are to those who call. */
  #wanted = new Set<string>();
  /** Whether this turn has taken in something from a peer. */
  #exchanged = false;
  #lastNeighbours: { live: readonly Incarnation[]; runId: string; urls: readonly string[] } | undefined;
  #formerTurn = 0;
  #heartbeatTimer: Timer | undefined;
  #stopped = false;
  /** When (monotonic ms) the last heartbeat was made. */
  #beatAt = -Infinity;
  #warming: Timer | undefined;
  #joined: ((heard: boolean) => void) | undefined;
  /** When (monotonic ms) a peer brought something last. */
  #mergedAt = -Infinity;
  /** When (monotonic ms) each of the last heartbeats was made, by counter. */
  readonly #beats = new Map<number, number>();
  /** ms from one heartbeat to the next. */
  readonly heartbeatMs: number;
  /** Whether everything that a peer with the whole picture had has arrived. */
  synced: boolean;
  warm = false;

  constructor(private readonly host: ClusterHost) {
    this.#ownUrls.add(host.settings.url);
    this.heartbeatMs = host.settings.peerTimeout / 5;
    this.#callers = new Callers(host.runtime);
    const { runtime, transport, documents, settings, log } = host;
    this.synced = settings.peers.every((url) => url === settings.url);
    this.#deliveries = new Deliveries(runtime, documents, () => this.#members());
    this.#seeds = new Seeds(settings.peers, {
      runtime,
      transport,
      log,
      peerTimeout: settings.peerTimeout,
      isAlone: () => host.membership.live().length < 2,
    });
  }

  /**
   * Asks the configured peers, and those known from before, for everything. Answers whether it has arrived;
   * false where nobody is there to ask.
   */
  async join(): Promise<boolean> {
    const { runtime, settings, membership } = this.host;
    this.warm = false;
    this.#warming?.cancel();
    await this.#within(settings.peerTimeout, this.#seeds.lookUp());
    if (this.#stopped) return false;
    const members = membership.live().map(({ holdings }) => holdings!.owner!.url);
    const urls = new Set([...this.#seeds.toJoin(), ...members.filter((url) => !this.#ownUrls.has(url))]);
    urls.delete(settings.url);
    const heard = urls.size > 0 && (await this.#hearFrom([...urls].map((url) => this.#link(url))));
    if (this.#stopped) return false;
    // A registry that starts into nothing gives its clients one TTL to show up before it is believed.
    this.#warming = runtime.after(settings.warmFor ?? settings.ttl, () => this.#know(true, true));
    if (this.#heartbeatTimer === undefined) this.#scheduleHeartbeat();
    return heard;
  }

  /**
   * Exchanges with these until one has told everything (true), or there is none that will. Who accepts connections may be
   * busy, with a long history for one: he is waited for as long as he would count as alive.
   */
  async #hearFrom(links: readonly Link[]): Promise<boolean> {
    const { runtime, settings } = this.host;
    let retry: Timer | undefined;
    let patience: Timer | undefined;
    const heard = await new Promise<boolean>((resolve) => {
      this.#joined = resolve;
      this.#mergedAt = runtime.now();
      const mayTell = (link: Link): boolean =>
        link.up ? link.knowing : link.there && link.silence < settings.peerTimeout;
      const giveUp = (): void => {
        if (!links.some(mayTell) || runtime.now() - this.#mergedAt >= joinLimit) resolve(false);
      };
      for (const link of links) link.reset();
      const ask = (): void => void Promise.all(links.map((link) => link.exchanged())).then(giveUp);
      // Heartbeats begin after joining, so nobody else would repeat an exchange that was lost in the middle of it.
      const askAgain = (): void => {
        retry = runtime.after(settings.peerTimeout / 5, () => {
          askAgain();
          giveUp();
          ask();
        });
      };
      ask();
      askAgain();
      patience = runtime.after(joinPatience, giveUp);
    });
    retry?.cancel();
    patience?.cancel();
    this.#joined = undefined;
    return heard;
  }

  /** What was heard while joining is out of date: {@link join} returns false. */
  abandonJoin(): void {
    this.#joined?.(false);
  }

  stop(): void {
    this.#stopped = true;
    this.abandonJoin();
    this.#heartbeatTimer?.cancel();
    this.#warming?.cancel();
    for (const link of this.#links.values()) link.close();
  }

  /** Tells peers that a document of this daemon's own writing has changed. */
  changed(name: string): void {
    for (const link of this.#members()) link.changed(name);
  }

  /** An exchange with every live peer that begins now; resolves when they are over, or after `withinMs`. */
  async ask(withinMs: number): Promise<void> {
    const links = this.#members();
    if (links.length === 0) return;
    await this.#within(withinMs, Promise.all(links.map((link) => link.exchanged())));
  }

  /** See {@link Deliveries.delivered}. */
  delivered(names: readonly string[], withinMs: number, any = false): Promise<void> {
    return this.#deliveries.delivered(names, withinMs, any);
  }

  /** The configured peers, and whether they were reached. */
  configuredPeers(): ConfiguredPeer[] {
    return this.#seeds.list();
  }

  onReached(link: Link): void {
    this.host.log.debug({ peer: link.url }, 'peer reached');
  }

  onUnreached(link: Link, error: Error): void {
    if (this.#seeds.has(link.url)) this.#seeds.failed(link.url, error);
    else if (isRefusal(error))
      this.host.log.warn({ peer: link.url, reason: printable(error.message) }, 'a peer refuses this daemon');
    else this.host.log.debug({ peer: link.url, reason: printable(error.message) }, 'peer not reached');
  }

  /** Sends renewals to the daemon that holds what they are for. */
  async forward(url: string, renewals: ForwardedRenewal[]): Promise<readonly number[]> {
    const { transport, settings } = this.host;
    this.#beAwake();
    const frame = { ...this.#head({ url, runId: this.#links.get(url)?.runId }), renewals };
    const answer = await transport.exchange(url, frame, settings.peerTimeout / 5);
    return checkFrame(answer, settings.cluster).refused ?? renewals.map((_, index) => index);
  }

  /**
   * Answers a peer's frame; throws, or rejects with, what the peer is to be told. What a push says is shown first, and
   * merged once those are told who watch: merging takes longer than all before it.
   */
  receive(input: unknown): Frame | Promise<Frame> {
    const { settings, runId, runtime, turn } = this.host;
    this.#beAwake();
    const frame = checkFrame(input, settings.cluster);
    if (frame.from.runId === runId) return this.#head();
    const isProven = this.#callers.isProven(frame.from, runId, settings.url);
    const sync = this.#readSync(frame, isProven ? frame.from.runId : undefined);
    // Signs of life come before what is said by whom they are of: that is the order of an answer.
    if (frame.signs || !turn.run(() => this.#preview(sync)))
      return turn.run(() => this.#answer(frame, sync), 'a frame of a peer');
    return new Promise<void>((resolve) => runtime.defer(resolve)).then(() => {
      this.#beAwake();
      return turn.run(() => this.#answer(frame, sync), 'a frame of a peer');
    });
  }

  /**
   * Reads all changes of a frame before anything of it is taken in. Throws InvalidError for one that bender does not write.
   * @param teller  who sent it, if that is certain
   */
  #readSync({ from, sync }: Frame, teller: string | undefined): SyncMessage<Change> | undefined {
    if (!sync?.changes) return sync as SyncMessage<never> | undefined;
    try {
      const changes = sync.changes.map(([name, all, proof]): Brought<Change> => {
        const read = all.map(readChange);
        this.host.documents.check(name, read, proof, teller);
        return proof ? [name, read, proof] : [name, read];
      });
      return { ...sync, changes };
    } catch (error) {
      if (this.#warned.size < guestsKept && !this.#warned.has(from.url)) {
        this.#warned.add(from.url);
        this.host.log.warn({ peer: from.url, error: String(error) }, 'refused what a peer sent');
      }
      throw error;
    }
  }

  /** A single short change, which is all that is new at rest, is shown before it is merged. */
  #preview(sync: SyncMessage<Change> | undefined): boolean {
    const { documents } = this.host;
    let isNews = false;
    for (const [name, [change, ...more]] of sync?.changes ?? []) {
      if (!change || more.length > 0 || change.bytes.length > longestPreview) continue;
      if (documents.preview(name, change)) isNews = true;
    }
    return isNews;
  }

  #answer(frame: Frame, sync: SyncMessage<Change> | undefined): Frame {
    const { from } = frame;
    const isProven = this.#callers.isProven(from, this.host.runId, this.host.settings.url);
    const member = isProven ? this.host.membership.get(from.runId) : undefined;
    const isMember = member?.published === true;
    const refused =
      frame.renewals &&
      (isMember ? this.host.acceptForwarded(frame.renewals) : frame.renewals.map((_, index) => index));
    const answer: Frame = { ...this.#head(), ...(refused ? { refused } : {}) };
    if (frame.signs) {
      const before = this.host.membership.sign(from.runId, this.host.now());
      this.#hear(frame.signs, isProven ? from.runId : undefined, isMember);
      answer.signs = this.#signs();
      // A daemon that counted as lost is told for how long it was not heard.
      if (before && before[2] >= this.host.settings.peerTimeout) answer.signs.push(before);
    }
    if (sync) {
      const isAtHome = member?.holdings?.owner?.url === from.url;
      answer.sync = (isAtHome ? this.#callerLink(from).sync : this.#guestSync(from.runId)).answer(sync);
    }
    this.#exchanged = true;
    return answer;
  }

  compose(link: Link, heartbeat: boolean): Frame {
    this.#beAwake();
    return {
      ...this.#head(link),
      ...(heartbeat ? { signs: this.#signs() } : {}),
      sync: link.sync.request(heartbeat),
    };
  }

  accept(link: Link, input: Frame): void {
    this.host.turn.run(() => this.#accept(link, input), 'an answer of a peer');
  }

  #accept(link: Link, input: Frame): void {
    const { settings, runId, log } = this.host;
    this.#beAwake();
    const answer = checkFrame(input, settings.cluster);
    if (answer.from.runId === runId) {
      log.debug({ url: link.url }, 'this peer is the daemon itself');
      if (this.#seeds.has(link.url)) this.#seeds.ledToSelf(link.url);
      else this.#ownUrls.add(link.url);
      this.#lastNeighbours = undefined;
      this.#close(link);
      this.host.transport.hangUp(link.url);
      return;
    }
    this.#seeds.reached(link.url, answer.from.runId);
    // Whoever is at the URL that a member advertises is that member; and those who are asked first are asked for everything.
    const member = this.host.membership.get(answer.from.runId);
    const teller = member?.holdings?.owner?.url === link.url ? answer.from.runId : undefined;
    const sync = this.#readSync(answer, teller);
    link.identify(answer.from.runId);
    this.#hear(answer.signs ?? [], teller, true);
    link.sync.accept(sync ?? {});
    if (link.sync.complete && answer.from.synced) {
      this.#know(true, answer.from.warm);
      this.#joined?.(true);
    }
    this.#exchanged = true;
  }

  /** The link over which that incarnation was reached last, if it was. */
  linkTo(url: string, runId: string): Link | undefined {
    const link = this.#links.get(url);
    return link?.up && link.runId === runId ? link : undefined;
  }

  /** Throws right after a long pause: what was read or is about to be sent is of another time. */
  #beAwake(): void {
    if (!this.host.awake())
      throw new NotReadyError('this daemon was paused and drops what had been waiting for it');
  }

  /**
   * @param teller  who said so, if that is certain
   * @param mayIntroduce  whether incarnations are believed that this daemon has not heard of, beside the teller itself
   */
  #hear(signs: readonly Sign[], teller: string | undefined, mayIntroduce: boolean): void {
    const { runId, membership, runtime, now } = this.host;
    let introduced = 0;
    for (const sign of signs) {
      if (sign[0] === runId) {
        if (teller !== undefined) this.#hearOfSelf(teller, sign);
        continue;
      }
      const isUnknown = membership.get(sign[0]) === undefined;
      if (isUnknown && sign[0] !== teller && (!mayIntroduce || ++introduced > membership.introductions))
        continue;
      if (!membership.isNews(sign) || isSignOfLife(runtime, sign))
        membership.hear(sign, now(), sign[0] === teller);
    }
  }

  /** A peer says since when it has not heard this daemon. Only members are believed. */
  #hearOfSelf(teller: string, [, counter, age]: Sign): void {
    const { runtime, settings, membership } = this.host;
    const beat = this.#beats.get(counter);
    if (beat === undefined || membership.get(teller)?.published !== true) return;
    const since = runtime.now() - beat;
    // A silence that our own clock knows nothing of: it stood still with us.
    if (age > since + settings.peerTimeout) this.#onStandstill(teller, age);
    else this.host.onSilence(Math.min(age, since));
  }

  /** One may be wrong or lie: more than half of those who are alive must say that this daemon's clock stood still. */
  #onStandstill(teller: string, ms: number): void {
    const { membership, runId, runtime, settings } = this.host;
    const others = membership.live().filter((one) => one.runId !== runId);
    if (!others.some((one) => one.runId === teller)) return;
    const now = runtime.now();
    this.#standstills.set(teller, now);
    for (const [who, at] of this.#standstills)
      if (now - at >= settings.peerTimeout || !others.some((one) => one.runId === who))
        this.#standstills.delete(who);
    if (2 * this.#standstills.size <= others.length) return;
    this.#standstills.clear();
    this.host.onPause(ms);
  }

  /** Makes the heartbeat that is due, if its timer has not run in time. */
  beatIfDue(): void {
    if (this.host.runtime.now() - this.#beatAt >= this.heartbeatMs) this.beat();
  }

  beat(): void {
    const { self, now, runtime } = this.host;
    this.#beatAt = runtime.now();
    if (self) {
      self.counter++;
      self.sign(this.host.identity);
      self.heardAt = now();
      this.#beats.set(self.counter, runtime.now());
      this.#beats.delete(self.counter - beatsKept);
    }
    this.#chooseLinks();
    for (const link of this.#links.values()) if (this.#wanted.has(link.url)) link.heartbeat();
    // Whom somebody waits for may have gone.
    this.#deliveries.look();
  }

  #scheduleHeartbeat(): void {
    this.#heartbeatTimer = this.host.runtime.after(this.heartbeatMs, () => {
      this.#scheduleHeartbeat();
      if (this.host.awake()) this.beat();
    });
  }

  /**
   * Links to the neighbours among the members, and to some of those who may be there unknown to us: the seeds as long
   * as they are no members, and those who were lost and may come back.
   */
  #chooseLinks(): void {
    const { membership, now } = this.host;
    const wanted = (this.#wanted = new Set(this.#neighbours()));
    const live = new Set(membership.live().map(({ holdings }) => holdings!.owner!.url));
    // What is advertised may lead to others as well: a name for all, or a balancer.
    live.delete(this.host.settings.url);
    void this.#seeds.lookUp();
    const seeds = this.#seeds.due((runId) => this.#isLinked(runId));
    const missing = new Set([...seeds, ...membership.formerUrls()]);
    for (const { holdings, lost, left } of membership.all())
      if (lost && !left && holdings?.owner) missing.add(holdings.owner.url);
    const former = [...missing].filter((url) => !live.has(url));
    for (let count = Math.min(callsToFormer, former.length); count > 0; count--)
      wanted.add(former[this.#formerTurn++ % former.length]!);
    for (const url of this.#ownUrls) if (!this.#seeds.has(url)) wanted.delete(url);
    this.#guests.expire(now());
    for (const guest of this.#guestSyncs.keys()) if (!this.#guests.has(guest)) this.#guestSyncs.delete(guest);
    for (const url of wanted) this.#link(url);
    for (const link of this.#links.values())
      if (!wanted.has(link.url) && !this.#guests.has(link.url)) this.#close(link);
  }

  /** Whether there is an exchange with that incarnation where it advertises, or none is wanted as it is no neighbour. */
  #isLinked(runId: string): boolean {
    const member = this.host.membership.get(runId);
    const url = member?.holdings?.owner?.url;
    if (!member || member.lost || url === undefined) return false;
    return this.linkTo(url, runId) !== undefined || !this.#neighbours().includes(url);
  }

  /** The link to somebody who calls, who may be no member, or not yet. */
  #callerLink({ url, runId }: Sender): Link {
    const link = this.#welcome(url);
    link.identify(runId);
    return link;
  }

  /** What was said with somebody who calls, and may be no member or not where it says. */
  #guestSync(runId: string): PeerSync {
    const evicted = this.#guests.welcome(runId, this.host.now());
    if (evicted !== undefined) this.#guestSyncs.delete(evicted);
    let sync = this.#guestSyncs.get(runId);
    if (!sync) this.#guestSyncs.set(runId, (sync = new PeerSync(this.host.documents)));
    return sync;
  }

  #welcome(url: string): Link {
    const evicted = this.#links.get(this.#guests.welcome(url, this.host.now()) ?? '');
    if (evicted && !this.#wanted.has(evicted.url)) this.#close(evicted);
    return this.#link(url);
  }

  #link(url: string): Link {
    let link = this.#links.get(url);
    if (!link) {
      const { documents, runtime, transport, log, settings } = this.host;
      link = new Link(url, documents, runtime, transport, this, log, settings.peerTimeout);
      this.#links.set(url, link);
    }
    return link;
  }

  #close(link: Link): void {
    link.close();
    this.#links.delete(link.url);
  }

  /** The URLs of the live members that this daemon exchanges with. */
  #neighbours(): readonly string[] {
    const { membership, runId } = this.host;
    const live = membership.live();
    const last = this.#lastNeighbours;
    if (last?.live === live && last.runId === runId) return last.urls;
    const chosen = new Set(
      neighbours(
        runId,
        live.map((one) => one.runId),
      ),
    );
    const urls = live.flatMap((one) => (chosen.has(one.runId) ? [one.holdings!.owner!.url] : []));
    this.#lastNeighbours = {
      live,
      runId,
      urls: [...new Set(urls)].filter((url) => !this.#ownUrls.has(url)),
    };
    return this.#lastNeighbours.urls;
  }

  #members(): Link[] {
    return this.#neighbours().map((url) => this.#link(url));
  }

  #know(synced: boolean, warm: boolean): void {
    this.synced ||= synced;
    this.warm ||= warm;
  }

  /**
   * After a turn: passes on what was merged, and looks at what callers wait for. Changes are passed on with the end of the exchange,
   * if there are too many daemons for their owner to tell them all. In a full mesh the next digest finds those whom it could not
   * reach.
   */
  relay(): void {
    if (!this.#exchanged) return;
    this.#exchanged = false;
    const merged = this.host.documents.takeMerged();
    if (merged.size > 0) this.#mergedAt = this.host.runtime.now();
    if (this.host.membership.live().length > meshLimit) for (const name of merged) this.changed(name);
    this.#deliveries.look();
  }

  #signs(): Sign[] {
    const { membership, self, now } = this.host;
    if (self) self.heardAt = now();
    return membership.signs(now());
  }

  /** @param to  whom it is for, as far as that is known */
  #head(to?: { url: string; runId: string | undefined }): Frame {
    const { settings, runId, self } = this.host;
    const from: Sender = {
      name: settings.name,
      runId,
      generation: self?.holdings?.owner?.generation ?? 0,
      url: settings.url,
      synced: this.synced,
      warm: this.warm,
      ...(to?.runId !== undefined && this.#callers.prove(this.host.identity, to.runId, to.url)),
    };
    return { v: protocolVersion, cluster: settings.cluster, from };
  }

  #within(ms: number, promise: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.host.runtime.after(ms, resolve);
      promise.finally(() => timer.cancel()).then(() => resolve(), reject);
    });
  }
}

/** Whether the incarnation that a sign is of has signed it. */
const isSignOfLife = (signatures: Signatures, [runId, counter, , , key, signature]: Sign): boolean =>
  key !== undefined &&
  signature !== undefined &&
  isSignedBy(signatures, runId, aliveText(runId, counter), [key, signature]);
