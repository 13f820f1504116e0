/**
 * Which incarnations this daemon knows, and whether they are alive, as far as it can tell.
 *
 * An incarnation is lost when its heartbeat counter has not advanced for the peer timeout, when a later incarnation of
 * its name has published, or when it has announced that it leaves. No loss is written down: each daemon finds it by
 * itself, from counters and ages that all relay, and revokes it when the counter advances again. Of two ages of one
 * counter value the greater one is right, since every age is an underestimate. So daemons agree, and a joiner inherits
 * what the others know.
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

/** The result of a review. */
export interface Review {
  lost: Incarnation[];
  /** Still lost, but since another time than it seemed. */
  moved: Incarnation[];
  back: Incarnation[];
}

/** By how much relayed ages may differ without being news. */
const noiseMs = 50;

export class Membership {
  readonly #known = new KnownIncarnations();
  /** The cached result of {@link live}. */
  #live: readonly Incarnation[] | undefined;
  #news = false;
  readonly #absence = new Absence();

  constructor(private readonly peerTimeoutMs: number) {}

  /** Whether something was heard since the last {@link review} that may change what it finds. */
  get news(): boolean {
    return this.#news;
  }

  /** The owner record of an incarnation was published or has changed. */
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

  /** Whether a sign has a higher counter than is known of its incarnation: then it has to be signed. */
  isNews(sign: Sign): boolean {
    return this.#known.isNews(sign);
  }

  /**
   * Takes in a sign of life. If it {@link isNews}, its counter is signed by the incarnation. The age is not signed, so
   * it is believed within bounds: there is at least one heartbeat from one counter to the next, and an incarnation that
   * sends its counter itself was alive a moment ago.
   * @param isDirect  whether the sign comes from the incarnation itself
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
    // It cannot have been gone before it was last heard.
    const goneAt = Math.max(now - goneForMs, incarnation.heardAt);
    if (goneForMs >= 0 && incarnation.goneSince(goneAt)) this.#news ||= incarnation.gone;
  }

  /** Makes a heartbeat of this daemon's own incarnation. Returns its counter. */
  beat(self: Incarnation, identity: Identity, now: LeaseTime): number {
    self.beat(identity, now);
    return self.counter;
  }

  /** The signs of life to send to peers. This daemon hears itself all the time. */
  signs(now: LeaseTime, self?: Incarnation): Sign[] {
    self?.hearSelf(now);
    return [...this.#known.all()].map((one) => this.#signOf(one, now));
  }

  /** The sign of one incarnation; undefined if it is unknown. */
  sign(runId: RunId, now: LeaseTime): Sign | undefined {
    const one = this.#known.get(runId);
    return one && this.#signOf(one, now);
  }

  #signOf(one: Incarnation, now: LeaseTime): Sign {
    const awayMs = this.#absence.ofFormer(one);
    return [
      one.runId,
      one.counter,
      // Rounded down: an age that is rounded up would grow with every daemon that relays it.
      Math.max(0, Math.floor(now - one.heardAt + awayMs)),
      one.gone ? Math.max(0, Math.floor(now - one.goneAt! + awayMs)) : -1,
      ...(one.voucher ?? []),
    ];
  }

  /**
   * This daemon was away for `ms` that its clock does not count. If `former` is given, it is no longer that
   * incarnation. {@link returned} settles what it knows of the others.
   */
  wasAway(ms: number, former?: Incarnation): void {
    this.#absence.begin(this.#known.all(), ms, former);
  }

  /**
   * This daemon is back. If peers have reported what they know (`heard`), an incarnation that they did not mention,
   * such as its own former one, was silent all the while. Without peers, every incarnation has a TTL from now to be
   * heard.
   */
  returned(heard: boolean): void {
    this.#absence.end(heard);
  }

  /** The live incarnations that have published, this daemon's own included. */
  live(): readonly Incarnation[] {
    return (this.#live ??= this.#known.published().filter((one) => !one.lost));
  }

  /** The incarnations that published and were heard within the peer timeout, even if their name was taken. */
  heard(now: LeaseTime): Incarnation[] {
    return this.#known.published().filter((one) => !one.left && now - one.heardAt < this.peerTimeoutMs);
  }

  /** Compares every incarnation's last sign of life with the clock. */
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

  /** Drops an incarnation that no longer matters. */
  forget(incarnation: Incarnation): void {
    this.#known.forget(incarnation);
    this.#absence.forget(incarnation);
    this.#live = undefined;
  }

  /** URLs of forgotten daemons that were lost without leaving. They may come back, so they are called now and then. */
  formerUrls(): DaemonUrl[] {
    return this.#known.formerUrls();
  }

  /**
   * Whether a daemon was lost in the last `withinMs` without leaving, and no later incarnation has its name: it may be
   * alive and cut off, with entries that are unknown here. Also true while an incarnation is known from signs only.
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
