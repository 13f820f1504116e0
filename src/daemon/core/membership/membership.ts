/**
 * Which incarnations this daemon knows, and whether they are alive, as far as this observer can tell.
 *
 * An incarnation is lost when its heartbeat counter has not moved for the peer timeout, when a later incarnation
 * of its name has published, or when it said that it is leaving. No loss is written down: each observer finds it
 * by itself, from counters and ages that everyone relays, and takes it back when the counter moves again. Of two
 * ages of one counter value the greater one is right, since every observer's age is an underestimate: so daemons
 * agree, and a joiner inherits what the others know.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { DaemonName, DaemonUrl, RunId } from '../../../crdt/ids.js';
import type { Identity } from '../identity.js';
import type { Sign } from '../replication/frame.js';
import { heartbeatEveryMs } from '../replication/timing.js';
import { Absence } from './absence.js';
import type { Incarnation } from './incarnation.js';
import { KnownIncarnations } from './known-incarnations.js';
import { replace } from './replacement.js';

export type { Incarnation };

/** What a review found. */
export interface Review {
  lost: Incarnation[];
  /** Still lost, but since another time than was thought. */
  moved: Incarnation[];
  back: Incarnation[];
}

/** ms by which relayed ages may differ without being news. */
const noiseMs = 50;

export class Membership {
  readonly #known = new KnownIncarnations();
  /** The answer of {@link live}, until something that it depends on changes. */
  #live: readonly Incarnation[] | undefined;
  #news = false;
  readonly #absence = new Absence();

  constructor(private readonly peerTimeoutMs: number) {}

  /** Whether something was heard since the last {@link review} by which the next may find otherwise. */
  get news(): boolean {
    return this.#news;
  }

  /** An incarnation says other things of itself than it did, or has begun to. */
  changed(): void {
    this.#news = true;
    this.#live = undefined;
  }

  all(): Iterable<Incarnation> {
    return this.#known.all();
  }

  get(runId: RunId): Incarnation | undefined {
    return this.#known.get(runId);
  }

  /** Whether this incarnation is a live member, as far as this daemon knows. */
  isMember(runId: RunId): boolean {
    const incarnation = this.#known.get(runId);
    return incarnation?.published === true && !incarnation.lost;
  }

  isForgotten(runId: RunId): boolean {
    return this.#known.isForgotten(runId);
  }

  /** See {@link KnownIncarnations.meet}. */
  meet(runId: RunId, now: LeaseTime): Incarnation | undefined {
    return this.#known.meet(runId, now);
  }

  /** See {@link KnownIncarnations.meetSelf}. */
  meetSelf(runId: RunId, now: LeaseTime): Incarnation {
    return this.#known.meetSelf(runId, now);
  }

  /** See {@link KnownIncarnations.introductions}. */
  get introductions(): number {
    return this.#known.introductions;
  }

  /** Whether a sign says that an incarnation has counted further than is known: then it has to be signed. */
  isNews(sign: Sign): boolean {
    return this.#known.isNews(sign);
  }

  /**
   * Takes a sign of life, of which the counter is signed by its owner if it {@link isNews}. The age is anybody's word,
   * so it is believed within bounds: one counter follows another by a heartbeat at least, and an incarnation that tells
   * its counter itself has just been alive.
   * @param isDirect  whether the incarnation itself says so
   */
  hear(sign: Sign, now: LeaseTime, isDirect = false): void {
    const [runId, counter, , goneForMs] = sign;
    const wasForgotten = this.#known.isForgotten(runId);
    if (wasForgotten && !this.#known.recall(sign, this.peerTimeoutMs)) return;
    const isNew = this.#known.get(runId) === undefined;
    const incarnation = this.meet(runId, now);
    if (!incarnation) return;
    const awayMs = this.#absence.spokenOf(incarnation, counter, goneForMs >= 0);
    if (wasForgotten) incarnation.revive();
    const before = incarnation.heardAt;
    incarnation.heard(sign, now, heartbeatEveryMs(this.peerTimeoutMs), { isNew, isDirect, awayMs });
    if (isNew || incarnation.heardAt !== before)
      this.#news ||= incarnation.lost || now - incarnation.heardAt >= this.peerTimeoutMs;
    // It was not gone while it was heard.
    const goneAt = Math.max(now - goneForMs, incarnation.heardAt);
    if (goneForMs >= 0 && incarnation.goneSince(goneAt)) this.#news ||= incarnation.gone;
  }

  /** This daemon's own incarnation gives a sign of life. Returns its counter. */
  beat(self: Incarnation, identity: Identity, now: LeaseTime): number {
    self.beat(identity, now);
    return self.counter;
  }

  /** What to tell others. This daemon hears itself all the time. */
  signs(now: LeaseTime, self?: Incarnation): Sign[] {
    self?.hearSelf(now);
    return [...this.#known.all()].map((one) => this.#signOf(one, now));
  }

  /** What to tell of one incarnation; undefined if it is not known. */
  sign(runId: RunId, now: LeaseTime): Sign | undefined {
    const one = this.#known.get(runId);
    return one && this.#signOf(one, now);
  }

  #signOf(one: Incarnation, now: LeaseTime): Sign {
    const awayMs = this.#absence.ofFormer(one);
    return [
      one.runId,
      one.counter,
      // Rounded down: an age that is rounded up grows with every daemon that hands it on.
      Math.max(0, Math.floor(now - one.heardAt + awayMs)),
      one.gone ? Math.max(0, Math.floor(now - one.goneAt! + awayMs)) : -1,
      ...(one.voucher ?? []),
    ];
  }

  /**
   * This daemon was away for `ms` that its clock does not count, and is not `former` any more, if that is given. What
   * it believes of the others is decided by {@link returned}.
   */
  wasAway(ms: number, former?: Incarnation): void {
    this.#absence.begin(this.#known.all(), ms, former);
  }

  /**
   * This daemon is back. If peers have told what they know (`heard`), an incarnation that they did not mention, such as
   * its own former one, was silent all the while. Without peers, everyone gets a TTL from now to be heard.
   */
  returned(heard: boolean): void {
    this.#absence.end(heard);
  }

  /** The live incarnations that have published, this daemon's own included. */
  live(): readonly Incarnation[] {
    return (this.#live ??= this.#known.published().filter((one) => !one.lost));
  }

  /** The incarnations that published and were heard within the peer timeout, those of taken names included. */
  heard(now: LeaseTime): Incarnation[] {
    return this.#known.published().filter((one) => !one.left && now - one.heardAt < this.peerTimeoutMs);
  }

  /** Compares everyone with the clock. */
  review(now: LeaseTime, self: Incarnation | undefined): Review {
    this.#news = false;
    replace(this.#known.published(), now, this.peerTimeoutMs);
    const review: Review = { lost: [], moved: [], back: [] };
    for (const one of this.#known.all()) {
      if (one === self) continue;
      const silentAt = one.heardAt + this.peerTimeoutMs;
      const lostAt = one.gone ? Math.min(one.goneAt!, silentAt) : silentAt;
      if (lostAt > now) {
        if (one.lost) review.back.push(one);
        one.recover();
      } else {
        if (!one.lost) review.lost.push(one);
        else if (Math.abs(lostAt - one.lostAt) > noiseMs) review.moved.push(one);
        else continue;
        one.lose(lostAt);
      }
    }
    if (review.lost.length + review.back.length > 0) this.#live = undefined;
    return review;
  }

  /** Nothing in it matters any more. */
  forget(incarnation: Incarnation): void {
    this.#known.forget(incarnation);
    this.#absence.forget(incarnation);
    this.#live = undefined;
  }

  /** URLs of daemons that were lost without a farewell. They may come back, so they are called now and then. */
  formerUrls(): DaemonUrl[] {
    return this.#known.formerUrls();
  }

  /**
   * Whether a daemon was lost without a word in the last `withinMs`, and no later incarnation bears its name: it may be
   * alive and cut off, with things that are unknown here. Also while one is only hearsay.
   */
  isAnyoneMissing(now: LeaseTime, withinMs: number): boolean {
    const names = new Set(this.live().map(({ holdings }) => holdings!.owner!.name));
    const isMissing = (name: DaemonName | undefined, lostAt: LeaseTime): boolean =>
      name !== undefined && now - lostAt < withinMs && !names.has(name);
    for (const { published, lost, left, lostAt, holdings } of this.#known.all())
      if (!published || (lost && !left && isMissing(holdings?.owner?.name, lostAt))) return true;
    return this.#known.namesLostAfter(now - withinMs).some((name) => !names.has(name));
  }
}
