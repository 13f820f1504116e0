/**
 * What really happened: which daemon acknowledged what, what was deleted, which daemons could talk to each
 * other since when. The checker compares every daemon's events with this.
 */

import type { Host, World } from '../helpers/world.js';
import { asId } from '../../src/model/registration.js';

/** An answer that a client has received. */
export interface Acknowledged {
  at: number;
  host: Host;
  /** The hosts that had been able to exchange with it for a second then: they must have heard of it. */
  heardBy: ReadonlySet<string>;
  /** Whether the daemon that gave it holds what it is about. */
  held: boolean;
}

/** What an operator asked a daemon to decide. */
export interface Decided {
  draining: boolean;
  /** ms after which the drain ends by itself; undefined if it does not. */
  forMs: number | undefined;
  host: Host;
  takenAt: number;
  /**
   * The life that it was about, by the daemon that took it; undefined where that had to ask its peers, and it may be
   * any.
   */
  life: string | undefined;
  /** The hosts that had been able to exchange with it for some seconds when it was taken. */
  heardBy: ReadonlySet<string>;
  /** Whether those were all that ran. */
  heardByAll: boolean;
  /** When it was acknowledged; undefined while it was not. */
  acknowledgedAt: number | undefined;
}

/** One registration as its client knows it. */
export interface Life {
  readonly id: string;
  readonly ttl: number;
  /** Answered registrations and renewals, in order. */
  acks: Acknowledged[];
  /** When a delete was sent, and when it was answered; undefined while there was none. */
  deleteSentAt: number | undefined;
  deletedAt: number | undefined;
  /** The lives that it was about; undefined where it was about all that there may have been. */
  deletedLives: ReadonlySet<string> | undefined;
  /** Registrations under way: they may come true at any moment. */
  registering: number;
  /** When a registration was last sent. */
  registerSentAt: number;
  /** When a daemon last took a question whose client had given up: one that waited while the daemon was busy. */
  takenLateAt: number;
  /** When each host last took a question about it, whether the answer arrived or not. */
  readonly touched: Map<string, number>;
  /** Decisions that a daemon has taken, in that order. */
  decided: Decided[];
  /** When another version was sent to be registered at its address; undefined while there was none. */
  replacedAt: number | undefined;
  /** The instances that said goodbye, or undefined among them if one without a name did. */
  readonly goodbyes: Set<string | undefined>;
  /** The instances that others have followed at this address. */
  readonly former: Set<string | undefined>;
  /**
   * When a daemon first took the registration of the present instance; Infinity while none has. Until then, what was
   * acknowledged was said of those before it, and they may end.
   */
  begunAt: number;
  /** Until when it is not certain which of two instances at this address is the later one. */
  contestedUntil: number;
}

/**
 * ms that a daemon may be busy and all that is renewed at it stays online everywhere: its peers take it for lost after
 * 1600 ms at the earliest, and what it holds lasts there for its TTL of 2000 ms or more, and a grace.
 */
export const bearable = 2500;

/** ms by which leases age in one piece of work at most. */
const aging = 200;

/** ms for which daemons must have been in touch to be sure of knowing the same. */
const acquaintance = 2500;

/** ms after which the announcement of a registration must have arrived at all that are in touch. */
export const announcing = 1000;

/** ms for which a link rests after an exchange that brought changes, at most. */
const resting = 10;

/**
 * ms beyond its TTL for which the orphan of a lost holder may be news to a daemon: until the loss is noticed, and a
 * bit.
 */
const haunting = 2000 + 1000 + 500;

/** A daemon that goes within this many ms of answering may take its answer with it. */
const afterthought = 200;

export class Truth {
  readonly lives = new Map<string, Life>();
  readonly #incidents = new Map<string, number[]>();
  /** Since when two hosts have been able to exchange, directly or through others; by `A B`. */
  readonly #connectedSince = new Map<string, number>();
  /** When two hosts last stopped being so. */
  readonly #partedAt = new Map<string, number>();
  /** When a daemon lost touch with each host, or the host itself was gone. */
  readonly #losses = new Map<string, number[]>();
  /** Since when each host's daemon has been running without interruption. */
  readonly upSince = new Map<string, number>();
  /** When each host's daemon last went on after it had taken nothing for a while. */
  readonly wentOnAt = new Map<string, number>();
  /** By which part the clocks of daemons may be faster or slower than time. */
  drift = 0;
  /** When anything was last done to the cluster. */
  disturbedAt = 0;

  constructor(private readonly world: World) {}

  /** Pieces of work of each host that were short enough to be borne. */
  readonly #spells = new Map<string, { from: number; to: number }[]>();

  /** A daemon is busy from now on, for so long; not to be called for what is more than {@link bearable}. */
  busy(host: string, ms: number): void {
    const from = this.world.time;
    this.#spells.set(host, [...(this.#spells.get(host) ?? []), { from, to: from + ms }]);
  }

  /** ms between two moments by which leases did not age, because their holder was busy, no longer than can be borne. */
  #busyBetween(host: string, from: number, to: number): number {
    return (this.#spells.get(host) ?? []).reduce(
      (sum, spell) => sum + Math.max(0, Math.min(to, spell.to) - Math.max(from, spell.from) - aging),
      0,
    );
  }

  /** A daemon crashed, stopped, stalled or resumed. */
  incident(host: string): void {
    this.#incidents.set(host, [...(this.#incidents.get(host) ?? []), this.world.time]);
    this.disturbedAt = this.world.time;
  }

  /** To be called after each change of which daemons can talk to each other. */
  survey(): void {
    const { hosts, cut, time } = this.world;
    this.disturbedAt = time;
    const up = [...hosts.values()].filter(({ daemon, stalled }) => daemon?.phase === 'running' && !stalled);
    for (const host of hosts.values()) {
      if (!up.includes(host)) this.upSince.delete(host.name);
      else if (!this.upSince.has(host.name)) this.upSince.set(host.name, time);
    }
    const pairs = new Set<string>();
    for (const start of up) {
      const reached = new Set([start]);
      for (const at of reached)
        for (const to of up)
          if (!cut.has(`${at.name}>${to.name}`) && !cut.has(`${to.name}>${at.name}`)) reached.add(to);
      for (const { name } of reached) pairs.add(`${start.name} ${name}`);
    }
    for (const pair of this.#connectedSince.keys()) {
      if (pairs.has(pair)) continue;
      this.#connectedSince.delete(pair);
      this.#partedAt.set(pair, time);
      const [host] = pair.split(' ') as [string];
      this.#losses.set(host, [...(this.#losses.get(host) ?? []), time]);
    }
    for (const pair of pairs) if (!this.#connectedSince.has(pair)) this.#connectedSince.set(pair, time);
  }

  /** The hosts that have been able to exchange with `host` for so many ms. */
  companions(host: string, forMs = 1000): Set<string> {
    const since = (other: string): number => this.#connectedSince.get(`${host} ${other}`) ?? Infinity;
    return new Set([...this.world.hosts.keys()].filter((other) => since(other) <= this.world.time - forMs));
  }

  /** When `host` last came in touch with another one. */
  reconnectedAt(host: string): number {
    let at = -Infinity;
    for (const [pair, since] of this.#connectedSince) if (pair.startsWith(`${host} `)) at = Math.max(at, since);
    return at;
  }

  /**
   * Whether `host` has been in touch with everyone who may have made something of this registration lately, for so many
   * ms.
   */
  knowsAll(host: string, { touched, ttl }: Life, forMs?: number): boolean {
    const companions = this.companions(host, forMs);
    return [...touched].every(([name, at]) => companions.has(name) || this.world.time - at > 2 * ttl + 3500);
  }

  /**
   * Whether a daemon that takes an update now must know of those before it, and can tell the holder of this one. Where
   * two of them cannot reach each other, updates that are made at both at once are ordered by chance.
   */
  isInformed(host: string, life: Life): boolean {
    return this.#isCalm && this.knowsAll(host, life, acquaintance);
  }

  /** Whether every daemon can reach every other one at once, and nothing has happened to any for a while. */
  get #isCalm(): boolean {
    const { network, late, cut, time } = this.world;
    const isWhole = network.loss === 0 && late.part === 0 && cut.size === 0;
    return isWhole && time - this.disturbedAt >= acquaintance;
  }

  /**
   * Whether the last registration has had the time to get to all that are in touch. A link has one exchange in flight:
   * it leaves with the next. If a link is cut, or messages are lost, it takes other ways, with heartbeats.
   */
  #isSpread({ registerSentAt }: Life): boolean {
    const spreading = this.#isCalm ? 3 * this.world.network.delay[1] + resting : acquaintance;
    return this.world.time - registerSentAt >= spreading;
  }

  /** Whether the present instance has been registered for so long that its announcement must have arrived. */
  isTold({ begunAt }: Life): boolean {
    return this.world.time - begunAt >= announcing;
  }

  /** Whether nothing happened to a daemon from when it took something until a moment after it was acknowledged. */
  outlasted(host: string, takenAt: number, acknowledgedAt: number): boolean {
    const incidents = this.#incidents.get(host) ?? [];
    return incidents.every((at) => at < takenAt - 1 || at > acknowledgedAt + afterthought);
  }

  /**
   * The lives that a delete at `host` ends now: those that are known there, and no others that may have begun
   * where it has not been in touch for long enough to know (views may differ for 2 s after a split), or a moment ago.
   * Undefined where it must know of all: then it is all.
   */
  deletable(host: Host, life: Life): ReadonlySet<string> | undefined {
    if (this.knowsAll(host.name, life, acquaintance) && this.#isSpread(life)) return undefined;
    return new Set(host.daemon?.view.copies(asId(life.id)).map(({ entry }) => entry.life));
  }

  /** A daemon takes a decision now. */
  decide({ id, decided }: Life, host: Host, draining: boolean, forMs: number | undefined): Decided {
    const heardBy = this.companions(host.name, acquaintance);
    const running = [...this.world.hosts.values()].filter(({ daemon, stalled }) => daemon && !stalled);
    const taken: Decided = {
      draining,
      forMs,
      host,
      takenAt: this.world.time,
      life: host.daemon?.view.winner(asId(id))?.entry.life,
      heardBy,
      heardByAll: running.every(({ name }) => heardBy.has(name)),
      acknowledgedAt: undefined,
    };
    decided.push(taken);
    return taken;
  }

  /**
   * The decision that must hold at the end for the life that it is about: the last one, if it was acknowledged by a
   * daemon that must have known of all before it, and that lived on or was in touch with everyone. Undefined where
   * nothing is certain.
   */
  lastingDecision({ decided }: Life): Decided | undefined {
    const last = decided.at(-1);
    if (last?.acknowledgedAt === undefined || last.life === undefined) return undefined;
    const isKnown = (one: Decided): boolean =>
      last.heardBy.has(one.host.name) && (one.acknowledgedAt ?? one.takenAt) + acquaintance <= last.takenAt;
    if (!decided.slice(0, -1).every(isKnown)) return undefined;
    const incidents = (this.#incidents.get(last.host.name) ?? []).filter((at) => at >= last.takenAt - 1);
    const isTold = last.heardByAll && incidents.every((at) => at > last.acknowledgedAt! + afterthought * 5);
    return incidents.length === 0 || isTold ? last : undefined;
  }

  /**
   * Whether the end of a drain is due at `observer`: a daemon that heard of the drain at once has been running ever
   * since, is in touch with `observer`, and nobody has decided anything else.
   */
  isEndDue({ decided }: Life, drain: Decided, observer: string): boolean {
    if (drain.acknowledgedAt === undefined || decided.at(-1) !== drain) return false;
    const before = decided.slice(0, -1);
    if (!before.every(({ host, takenAt }) => drain.heardBy.has(host.name) && takenAt + acquaintance <= drain.takenAt))
      return false;
    const companions = this.companions(observer, acquaintance);
    const isUnbroken = (name: string): boolean =>
      (this.upSince.get(name) ?? Infinity) <= drain.takenAt &&
      (this.#incidents.get(name) ?? []).every((at) => at < drain.takenAt - 1);
    return [...drain.heardBy].some((name) => companions.has(name) && isUnbroken(name));
  }

  /** Whether an answer is worth what it says: the daemon that gave it lived on for a moment. */
  counts({ at, host }: Acknowledged): boolean {
    return !this.#incidents.get(host.name)?.some((incident) => incident >= at - 1 && incident <= at + afterthought);
  }

  /**
   * Where an instance began at a daemon that may not have known all of the one before, it counts when that one cannot
   * be about any more, from its next answer on.
   */
  settleContest(life: Life, { at, host }: Acknowledged): void {
    if (life.contestedUntil === Infinity) life.contestedUntil = at + 2 * life.ttl + 3500;
    if (at <= life.contestedUntil || life.contestedUntil === -Infinity || !this.isInformed(host.name, life)) return;
    life.contestedUntil = -Infinity;
    life.acks = life.acks.slice(-1);
  }

  /** When a registration last said anything, as far as its client knows. */
  lastSign({ acks, registerSentAt, takenLateAt }: Life): number {
    return Math.max(registerSentAt, takenLateAt, acks.at(-1)?.at ?? 0);
  }

  /**
   * Until when a service that is dead may be news to a daemon that joins, say. Its holder may have been lost as late as
   * the lease ended, and the orphan counts for a TTL from there.
   */
  hauntsUntil(life: Life): number {
    const last = this.lastSign(life);
    const losses = [...life.touched.keys()].flatMap((host) => this.#losses.get(host) ?? []);
    return Math.max(last, ...losses.filter((at) => at <= last + life.ttl)) + life.ttl * (1 + this.drift) + haunting;
  }

  /**
   * Whether a registration was kept alive so well, at daemons connected to `observer`, that it must be online
   * there now: every gap of the last while is at most TTL - 500 ms, and nobody deleted it.
   */
  mustBeOnline({ acks, ttl, deleteSentAt, replacedAt, begunAt, contestedUntil }: Life, observer: string): boolean {
    const now = this.world.time;
    if (deleteSentAt !== undefined || replacedAt !== undefined || contestedUntil !== -Infinity) return false;
    if (begunAt > now) return false;
    const window = now - 2 * ttl - 3000;
    let next = now;
    // A lease ends sooner where the clock is fast.
    const lasts = ttl * (1 - this.drift);
    let allowed = lasts - 1;
    const upSince = this.upSince.get(observer) ?? Infinity;
    for (let index = acks.length - 1; index >= 0; index--) {
      const ack = acks[index]!;
      if (!this.counts(ack)) continue;
      // Who holds it does not let it expire while it cannot hear renewals.
      const excused = ack.held ? this.#busyBetween(ack.host.name, ack.at, next) : 0;
      if (next - ack.at - excused > allowed) return false;
      if (!ack.heardBy.has(observer) || upSince > ack.at - 1000) return false;
      // What a daemon answers right before it is cut off may not get any further.
      const partedAt = this.#partedAt.get(`${ack.host.name} ${observer}`) ?? -Infinity;
      if (partedAt >= ack.at - 1 && partedAt <= ack.at + afterthought) continue;
      if (ack.at < window) return true;
      next = ack.at;
      allowed = lasts - 500;
    }
    // The chain goes back to the registration itself.
    return acks.length > 0 && now - next >= announcing;
  }
}
