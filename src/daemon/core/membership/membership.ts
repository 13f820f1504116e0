/**
 * Which incarnations this daemon knows, and whether they are alive, as far as this observer can tell.
 *
 * An incarnation is lost when its heartbeat counter has not moved for the peer timeout, when a later
 * incarnation of its name has published, or when it said that it is leaving. Nobody writes that down: each
 * observer finds it by itself, from counters and ages that are relayed by everyone, and takes it back when
 * the counter moves again. For one and the same counter value the greater age is right, since every
 * observer's age is an underestimate: so daemons agree, and a joiner inherits what the others know.
 *
 * Times are those of the lease clock, in ms.
 */

import type { Holdings } from '../../../crdt/holdings.js';
import type { Sign } from '../replication/frame.js';
import { aliveText, type Identity, type Proof } from '../identity.js';

export class Incarnation {
  /** Its heartbeat counter, the highest that was heard. */
  counter = 0;
  /** When the counter was last seen to move, here or by whoever relayed it. */
  heardAt: number;
  /** Whether it said that it is leaving, or a later incarnation of its name has published. */
  gone = false;
  /** Since when, as far as anybody noticed. Says nothing while `gone` is false. */
  goneAt: number | undefined;
  /** As of the last {@link Membership.review}. */
  lost = false;
  /** When it was lost, as of the last review; meaningless while it is not. */
  lostAt = 0;
  /** Whether it had been forgotten, as one that was lost for long enough, before it was heard again. */
  revived = false;
  /** ms: the longest TTL of any entry or release that it ever had. */
  longestTtl = 0;
  holdings: Holdings | undefined;
  /** What shows that it has counted to {@link counter}; undefined while that is not known. */
  voucher: Proof | undefined;
  /** When (ms) its counter can have moved at the earliest, whatever is said. */
  floor = -Infinity;
  /** The counter that it has told this daemon itself last. */
  told = -1;
  /** By whom it seems to be replaced, and how far it had counted then: if it goes on counting it is not. */
  replacedBy: { runId: string; counter: number; at: number } | undefined;
  /** How often in a row its holdings had to be fetched anew. */
  fetchedAnew = 0;

  constructor(
    readonly runId: string,
    readonly metAt: number,
  ) {
    this.heardAt = metAt;
  }

  /** Vouches for the present counter: for this daemon's own incarnation. */
  sign(identity: Identity): void {
    this.voucher = [identity.key, identity.sign(aliveText(this.runId, this.counter))];
  }

  /** Whether it said goodbye. */
  get left(): boolean {
    return this.holdings?.owner?.leaving === true;
  }

  /** Whether a later incarnation of its name took its place while it was heard: that one holds nothing of what this one held. */
  wasReplacedAlive(peerTimeout: number): boolean {
    return this.lost && this.gone && !this.left && this.goneAt! < this.heardAt + peerTimeout;
  }

  /** Whether it has said who it is. */
  get published(): boolean {
    return this.holdings?.owner !== undefined;
  }
}

/** What a review found. */
export interface Review {
  lost: Incarnation[];
  /** Still lost, but since another time than was thought. */
  moved: Incarnation[];
  back: Incarnation[];
}

/** What is remembered of an incarnation that nothing matters of any more; its name and URL if it was lost without a word. */
interface Former {
  counter: number;
  lostAt: number;
  name?: string | undefined;
  url?: string | undefined;
}

/** Incarnations that nothing matters of any more, remembered so that no relay brings them back. */
const remembered = 1000;
/** Incarnations known at a time; what a confused peer can make this daemon keep. */
const known = 2000;

/** ms by which relayed ages may differ without being news. */
const noise = 50;

export class Membership {
  readonly #incarnations = new Map<string, Incarnation>();
  /** The answer of {@link live}, until something that it depends on changes. */
  #live: readonly Incarnation[] | undefined;
  #news = false;
  readonly #forgotten = new Map<string, Former>();
  /** By incarnation that no peer has spoken of since this daemon was away, for how many ms it was. */
  readonly #away = new Map<Incarnation, number>();
  /** This daemon's own incarnation before that. */
  #former: Incarnation | undefined;

  constructor(private readonly peerTimeout: number) {}

  /** Whether anything was heard since the last {@link review} that one may answer otherwise. Silence is none: time does that. */
  get news(): boolean {
    return this.#news;
  }

  /** An incarnation says other things of itself than it did, or has begun to. */
  changed(): void {
    this.#news = true;
    this.#live = undefined;
  }

  all(): Iterable<Incarnation> {
    return this.#incarnations.values();
  }

  get(runId: string): Incarnation | undefined {
    return this.#incarnations.get(runId);
  }

  isForgotten(runId: string): boolean {
    return this.#forgotten.has(runId);
  }

  /** The incarnation of this run id, made known if it is not; undefined where it is forgotten, or one too many. */
  meet(runId: string, now: number): Incarnation | undefined {
    const incarnation = this.#incarnations.get(runId);
    if (incarnation || this.#forgotten.has(runId)) return incarnation;
    if (this.#incarnations.size >= known && !this.#makeRoom()) return undefined;
    const met = new Incarnation(runId, now);
    this.#incarnations.set(runId, met);
    return met;
  }

  /** Of those who have published nothing, whoever was met first goes. Returns false if there is none. */
  #makeRoom(): boolean {
    for (const { runId, published } of this.#incarnations.values())
      if (!published) return this.#incarnations.delete(runId);
    return false;
  }

  /** This daemon itself, however many are known. */
  meetSelf(runId: string, now: number): Incarnation {
    const self = this.#incarnations.get(runId) ?? new Incarnation(runId, now);
    this.#incarnations.set(runId, self);
    return self;
  }

  /** How many unknown incarnations one frame may tell of. */
  get introductions(): number {
    return 64 + 4 * this.#incarnations.size;
  }

  /** Whether a sign says that an incarnation has counted further than is known: then it has to be signed. */
  isNews([runId, counter]: Sign): boolean {
    const past = this.#forgotten.get(runId) ?? this.#incarnations.get(runId);
    return past === undefined || counter > past.counter;
  }

  /**
   * Takes a sign of life, of which the counter is signed by its owner if it {@link isNews}. The age is anybody's word, so it is believed
   * within bounds: one counter follows another by a heartbeat at least, and an incarnation that tells its counter itself has
   * just been alive.
   * @param isDirect  whether the incarnation itself says so
   */
  hear([runId, counter, age, gone, key, signature]: Sign, now: number, isDirect = false): void {
    const saidAt = now - Math.max(0, age);
    const past = this.#forgotten.get(runId);
    if (past) {
      if (counter <= past.counter || age >= this.peerTimeout || gone >= 0) return;
      this.#forgotten.delete(runId);
    }
    const beat = this.peerTimeout / 5;
    const isNew = !this.#incarnations.has(runId);
    const incarnation = this.meet(runId, now);
    if (!incarnation) return;
    const away = this.#heardSinceAway(incarnation, counter, gone);
    incarnation.revived ||= past !== undefined;
    const before = incarnation.heardAt;
    if (isNew || counter > incarnation.counter) {
      const beats = counter - incarnation.counter;
      incarnation.floor = incarnation.voucher ? Math.min(now, before - away + beats * beat) : -Infinity;
      incarnation.counter = counter;
      incarnation.heardAt = Math.max(saidAt, incarnation.floor);
      if (key && signature) incarnation.voucher = [key, signature];
    } else if (counter === incarnation.counter) {
      incarnation.heardAt = Math.max(Math.min(before, saidAt), incarnation.floor);
    }
    if (isDirect && counter >= incarnation.counter && counter > incarnation.told) {
      incarnation.told = counter;
      incarnation.floor = Math.max(incarnation.floor, now - beat);
      incarnation.heardAt = Math.max(incarnation.heardAt, incarnation.floor);
    }
    if (isNew || incarnation.heardAt !== before)
      this.#news ||= incarnation.lost || now - incarnation.heardAt >= this.peerTimeout;
    // It was not gone while it was heard.
    const goneAt = Math.max(now - gone, incarnation.heardAt);
    if (gone >= 0 && !(incarnation.goneAt! <= goneAt)) {
      incarnation.goneAt = goneAt;
      this.#news ||= incarnation.gone;
    }
  }

  /**
   * A peer speaks of an incarnation. If this daemon was away and has heard nothing of it since, that counts as it is said, if the peer
   * knows all that was known here before; what was known here is older by the time away. Returns that time (ms).
   *
   * What peers say of this daemon's former self counts only with the rest, in {@link returned}: they may never have heard its last sign.
   */
  #heardSinceAway(incarnation: Incarnation, counter: number, gone: number): number {
    const away = this.#away.get(incarnation) ?? 0;
    const isBehind = counter < incarnation.counter;
    if (away === 0 || incarnation === this.#former || (isBehind && gone < 0)) return away;
    this.#away.delete(incarnation);
    incarnation.floor -= away;
    if (isBehind) incarnation.heardAt -= away;
    return away;
  }

  /** What to tell others. */
  signs(now: number): Sign[] {
    return [...this.#incarnations.values()].map((one) => this.#signOf(one, now));
  }

  /** What to tell of one incarnation; undefined if it is not known. */
  sign(runId: string, now: number): Sign | undefined {
    const one = this.#incarnations.get(runId);
    return one && this.#signOf(one, now);
  }

  #signOf(one: Incarnation, now: number): Sign {
    // Nobody but this daemon can know it of its former self. What it has heard of others may be older than that, or newer.
    const away = (one === this.#former && this.#away.get(one)) || 0;
    return [
      one.runId,
      one.counter,
      // Rounded down: an age that is rounded up grows with every daemon that hands it on.
      Math.max(0, Math.floor(now - one.heardAt + away)),
      one.gone ? Math.max(0, Math.floor(now - one.goneAt! + away)) : -1,
      ...(one.voucher ?? []),
    ];
  }

  /**
   * This daemon was away for `ms` that its clock does not count, and is not `former` any more, if that is given. What it believes of
   * the others is decided by {@link returned}.
   */
  wasAway(ms: number, former = this.#former): void {
    this.#former = former;
    for (const one of this.#incarnations.values()) this.#away.set(one, (this.#away.get(one) ?? 0) + ms);
  }

  /**
   * This daemon is back. If peers have told what they know (`heard`), an incarnation that they did not speak of, its own former
   * one for example, has been silent for as long as it was away. Without peers it cannot know: then everyone gets a TTL from now to be heard.
   */
  returned(heard: boolean): void {
    for (const [one, ms] of heard ? this.#away : []) {
      one.heardAt -= ms;
      one.floor = -Infinity;
      if (one.goneAt !== undefined) one.goneAt -= ms;
    }
    this.#away.clear();
    this.#former = undefined;
  }

  /** The live incarnations that have published, this daemon's own included. */
  live(): readonly Incarnation[] {
    return (this.#live ??= this.#published().filter((one) => !one.lost));
  }

  /** Compares everyone with the clock. */
  review(now: number, self: Incarnation | undefined): Review {
    this.#news = false;
    this.#replace(now);
    const review: Review = { lost: [], moved: [], back: [] };
    for (const one of this.#incarnations.values()) {
      if (one === self) continue;
      const silentAt = one.heardAt + this.peerTimeout;
      const lostAt = one.gone ? Math.min(one.goneAt!, silentAt) : silentAt;
      if (lostAt > now) {
        if (one.lost) review.back.push(one);
        one.lost = false;
      } else {
        if (!one.lost) review.lost.push(one);
        else if (Math.abs(lostAt - one.lostAt) > noise) review.moved.push(one);
        else continue;
        one.lost = true;
        one.lostAt = lostAt;
      }
    }
    if (review.lost.length + review.back.length > 0) this.#live = undefined;
    return review;
  }

  /** Nothing in it matters any more. */
  forget(incarnation: Incarnation): void {
    this.#incarnations.delete(incarnation.runId);
    this.#away.delete(incarnation);
    this.#live = undefined;
    const { counter, lostAt, left, holdings } = incarnation;
    const { name, url } = holdings?.owner ?? {};
    this.#forgotten.set(incarnation.runId, left ? { counter, lostAt } : { counter, lostAt, name, url });
    for (const runId of this.#forgotten.keys()) {
      if (this.#forgotten.size <= remembered) break;
      this.#forgotten.delete(runId);
    }
  }

  /** Where daemons were that were lost without a word: they may come back, and somebody has to ask. */
  formerUrls(): string[] {
    return [...this.#forgotten.values()].flatMap(({ url }) => url ?? []);
  }

  /**
   * Whether a daemon was lost without a word in the last `withinMs`, and no later incarnation bears its name: it may be alive and
   * cut off, with things that are unknown here. Also while one is only hearsay.
   */
  isAnyoneMissing(now: number, withinMs: number): boolean {
    const names = new Set(this.live().map(({ holdings }) => holdings!.owner!.name));
    const isMissing = (name: string | undefined, lostAt: number): boolean =>
      name !== undefined && now - lostAt < withinMs && !names.has(name);
    for (const { published, lost, left, lostAt, holdings } of this.#incarnations.values())
      if (!published || (lost && !left && isMissing(holdings?.owner?.name, lostAt))) return true;
    return [...this.#forgotten.values()].some(({ name, lostAt }) => isMissing(name, lostAt));
  }

  /** The highest generation known for a name; 0 where there is none. */
  highestGeneration(name: string): number {
    let highest = 0;
    for (const { holdings } of this.#incarnations.values())
      if (holdings?.owner?.name === name) highest = Math.max(highest, holdings.owner.generation);
    return highest;
  }

  /**
   * Whoever is leaving, or bears a name of which a later incarnation has published, is gone. But a silent
   * incarnation replaces nobody who is heard: it may be one of long ago that its successor never knew of.
   */
  #replace(now: number): void {
    const silent = (one: Incarnation): boolean => now - one.heardAt >= this.peerTimeout;
    const latest = new Map<string, Incarnation>();
    for (const one of this.#published()) {
      const other = latest.get(one.holdings!.owner!.name);
      if (!other || isLater(one, other)) latest.set(one.holdings!.owner!.name, one);
    }
    for (const one of this.#published()) {
      const last = latest.get(one.holdings!.owner!.name)!;
      const replaced = last !== one && (silent(one) ? one.gone || !silent(last) : !silent(last));
      if (!replaced) one.replacedBy = undefined;
      else if (one.replacedBy?.runId !== last.runId)
        one.replacedBy = { runId: last.runId, counter: one.counter, at: now };
      // Another one may bear its name. If it goes on, it is no former one.
      const goesOn =
        one.replacedBy !== undefined &&
        one.counter > one.replacedBy.counter + 1 &&
        one.heardAt > one.replacedBy.at + this.peerTimeout / 5;
      one.gone = one.left || (replaced && !goesOn);
      if (one.gone) one.goneAt ??= now;
      else one.goneAt = undefined;
    }
  }

  #published(): Incarnation[] {
    return [...this.#incarnations.values()].filter((one) => one.published);
  }
}

/** Whether `a` is the later incarnation of the two: the higher generation, or the same by the greater run id. */
export function isLater(a: Incarnation, b: Incarnation): boolean {
  const [left, right] = [a.holdings!.owner!, b.holdings!.owner!];
  return left.generation > right.generation || (left.generation === right.generation && a.runId > b.runId);
}
