/**
 * The view, from which a daemon serves reads: for each id the entry with the highest rev (then the healthy one, then
 * the one with the greater run id) among the copies that count, over all known holdings.
 *
 * An operator's decision on a life counts wherever it is stored: in a copy of that life, even one that no longer
 * counts, or in the holdings of the daemon at which it was made, from which the holders copy it.
 *
 * A copy counts while its holder is alive or it has not lapsed as an orphan, unless its life is released. An id is
 * online while a copy of it counts. The view is updated copy by copy, and never rebuilt; the same updates give the same
 * view in any order. `flush` returns each difference once: per id, `online` and `offline` strictly alternate.
 */

import type { OfflineReason } from '../model/events.js';
import { addressOf, type RegistrationId } from '../model/registration.js';
import { limits } from '../model/limits.js';
import type { LeaseTime } from './clocks.js';
import { type Decision, laterDecision } from './decision.js';
import { DrainRules, sameRule } from './drain-rules.js';
import { type Entry, isDraining, sameValue, withDecision } from './entry.js';
import type { Decided } from './holdings.js';
import { CheckedIds } from './checked-ids.js';
import { KnownVersions } from './known-versions.js';
import type { LifeId, RunId } from './ids.js';
import { OnlineIndex } from './online-index.js';
import { Releases } from './releases.js';
import { type RulesOfId, Transition, unruled } from './transition.js';

/** One holder's entry for an id. */
export interface Copy {
  readonly holder: RunId;
  entry: Entry;
  /** Its holder was lost and its time is over: it no longer counts, unless the holder comes back. */
  lapsed: boolean;
}

/** Everything that is known of one id. */
interface Known {
  readonly id: RegistrationId;
  copies: readonly Copy[];
  /** The winning copy; undefined while the id is offline. */
  winner: Copy | undefined;
  /** The last lease that ended at a holder while others had copies: its life, and when it was last renewed. */
  ended?: { life: LifeId; renewedAt: LeaseTime };
}

export class View {
  readonly #known = new Map<RegistrationId, Known>();
  readonly #releases = new Releases();
  readonly #versions = new KnownVersions();
  /** Why each id went offline whose last copy ceased to count since the last flush. */
  readonly #ended = new Map<RegistrationId, OfflineReason>();
  /** Decisions that are stored beside the entries, by id and holder. */
  readonly #decided = new Map<RegistrationId, Map<RunId, Decided>>();
  /** For each id that was touched since the last flush: its winning entry at that flush. */
  readonly #before = new Map<RegistrationId, Entry | undefined>();
  /** The drain rules, now and at the last flush. */
  #rules = DrainRules.none;
  #rulesBefore = DrainRules.none;
  readonly #goneListeners: ((id: RegistrationId) => void)[] = [];
  readonly #changeListeners: ((id: RegistrationId) => void)[] = [];
  readonly online = new OnlineIndex();
  /** The entries that are offline only because they are unhealthy. */
  readonly unhealthy = new OnlineIndex();
  readonly checked = new CheckedIds();

  /** @param now  lease-clock ms */
  constructor(private readonly now: () => LeaseTime = () => 0) {}

  /** Calls `listener` with each id of which no copy counts any longer, at once. It must not throw. */
  onGone(listener: (id: RegistrationId) => void): void {
    this.#goneListeners.push(listener);
  }

  /** Calls `listener` with each id whose winning entry has changed, healthy or not, at once. It must not throw. */
  onChange(listener: (id: RegistrationId) => void): void {
    this.#changeListeners.push(listener);
  }

  get rules(): DrainRules {
    return this.#rules;
  }

  /** From now on these rules drain. */
  setRules(rules: DrainRules): void {
    if (rules === this.#rules) return;
    this.#rules = rules;
    for (const id of [...this.online.drainBy(rules), ...this.unhealthy.drainBy(rules)]) {
      this.#touch(this.#known.get(id)!);
      for (const listener of this.#changeListeners) listener(id);
    }
  }

  /** The winning copy of `id`. It is offline nevertheless if the entry is unhealthy. */
  winner(id: RegistrationId): Copy | undefined {
    return this.#known.get(id)?.winner;
  }

  copies(id: RegistrationId): readonly Copy[] {
    return this.#known.get(id)?.copies ?? [];
  }

  /** The rev for the next write of `id`: above that of every copy, whether it counts or not. */
  nextRev(id: RegistrationId): number {
    const highest = this.copies(id).reduce((rev, { entry }) => Math.max(rev, entry.rev), 0);
    return Math.min(highest + 1, limits.rev);
  }

  isReleased(life: LifeId): boolean {
    return this.#releases.has(life);
  }

  /** Whether it was released because another version or instance was registered at its address. */
  isReplaced(life: LifeId): boolean {
    return this.#releases.isReplaced(life);
  }

  /** Other versions of the same app that are online at the same address: there should be none. */
  siblings(id: RegistrationId): RegistrationId[] {
    return this.knownSiblings(id).filter((other) => this.winner(other) !== undefined);
  }

  /** The same, including those of which only copies of lost daemons are left: they may come back with their daemon. */
  knownSiblings(id: RegistrationId): RegistrationId[] {
    return this.#versions.siblings(id).filter((other) => this.#known.has(other));
  }

  /**
   * `holder` has this entry for `id`, or (undefined) none. A new entry counts, even if the former one had lapsed.
   *
   * @param why  the reason of the offline event, if no copy of the id is left
   */
  set(
    holder: RunId,
    id: RegistrationId,
    entry: Entry | undefined,
    lapsed = false,
    why: OfflineReason = lapsed ? 'daemon-lost' : 'expired',
  ): void {
    const known = this.#known.get(id) ?? { id, copies: [], winner: undefined };
    const others = known.copies.filter((copy) => copy.holder !== holder);
    if (entry === undefined && why === 'expired') this.#noteEnd(known, holder);
    this.#touch(known);
    known.copies = entry === undefined ? others : [...others, { holder, entry, lapsed }];
    if (known.copies.length === 0) {
      if (this.#known.delete(id)) this.#versions.delete(id);
    } else if (!this.#known.has(id)) {
      this.#known.set(id, known);
      this.#versions.add(id);
    }
    this.#elect(known, why);
  }

  /**
   * The orphan has lapsed (true), or its holder has come back (false).
   *
   * @param heardAt  when the holder was last heard: it may have taken renewals until then
   */
  setLapsed(holder: RunId, id: RegistrationId, lapsed: boolean, heardAt = Infinity): void {
    const known = this.#known.get(id);
    const copy = known?.copies.find((one) => one.holder === holder);
    if (!known || !copy || copy.lapsed === lapsed) return;
    this.#touch(known);
    copy.lapsed = lapsed;
    const { life, renewedAt } = known.ended ?? { life: '', renewedAt: -Infinity };
    const isExpiry = life === copy.entry.life && renewedAt >= heardAt;
    this.#elect(known, isExpiry ? 'expired' : 'daemon-lost');
  }

  /** `holder` has a release of these lives of `id` (some of them replaced), or (none) no longer has one. */
  setReleased(holder: RunId, id: RegistrationId, lives: readonly LifeId[], replaced: readonly LifeId[] = []): void {
    const known = this.#known.get(id);
    if (known) this.#touch(known);
    this.#releases.set(holder, id, { lives, replaced });
    if (!known) return;
    const isReplaced = known.winner !== undefined && this.isReplaced(known.winner.entry.life);
    this.#elect(known, isReplaced ? 'replaced' : 'deregistered');
  }

  /** `holder` has this decision on `id`, or (undefined) no longer has one. */
  setDecided(holder: RunId, id: RegistrationId, decided: Decided | undefined): void {
    const known = this.#known.get(id);
    if (known) this.#touch(known);
    const said = this.#decided.get(id) ?? new Map<RunId, Decided>();
    if (decided) said.set(holder, decided);
    else said.delete(holder);
    if (said.size > 0) this.#decided.set(id, said);
    else this.#decided.delete(id);
    if (known) this.#elect(known, 'expired');
  }

  /** The latest decision on this life of `id`, wherever it is stored. */
  decision(id: RegistrationId, life: LifeId): Decision | undefined {
    let latest: Decision | undefined;
    for (const { entry } of this.copies(id)) if (entry.life === life) latest = laterDecision(latest, entry.decision);
    for (const decided of this.#decided.get(id)?.values() ?? [])
      if (decided.life === life) latest = laterDecision(latest, decided.decision);
    return latest;
  }

  /**
   * The difference to the last flush: at most one transition per id, or two if an instance was replaced by another one,
   * which went offline and online.
   */
  flush(): Transition[] {
    const transitions: Transition[] = [];
    for (const [id, before] of this.#before) {
      const winner = this.winner(id)?.entry;
      const now = shown(winner);
      if (!before && !now) continue;
      const rules = this.#rulesOf(id);
      const isSame = before === now || (before && now && sameValue(before, now));
      if (isSame && (isDraining(now!) || sameRule(rules.before, rules.now))) continue;
      const isReplaced = before !== undefined && now !== undefined && before.instance !== now.instance;
      if (isReplaced) transitions.push(new Transition(id, before, undefined, 'replaced', undefined, rules));
      const reason = before && !now ? this.#reason(id, before, winner) : undefined;
      const detail = reason === 'unhealthy' ? winner?.unhealthy : undefined;
      transitions.push(new Transition(id, isReplaced ? undefined : before, now, reason, detail, rules));
    }
    this.#rulesBefore = this.#rules;
    this.#before.clear();
    this.#ended.clear();
    return transitions;
  }

  /** The drain rules that hold for `id`, at the last flush and now. */
  #rulesOf(id: RegistrationId): RulesOfId {
    if (this.#rulesBefore === DrainRules.none && this.#rules === DrainRules.none) return unruled;
    const { app, version } = addressOf(id);
    const [before, now] = [this.#rulesBefore.of(app, version), this.#rules.of(app, version)];
    return before || now ? { before, now } : unruled;
  }

  /** Why the entry is no longer online: it is unhealthy or released, or what happened to its last copy. */
  #reason(id: RegistrationId, { life }: Entry, winner: Entry | undefined): OfflineReason {
    if (winner) return 'unhealthy';
    if (this.isReplaced(life)) return 'replaced';
    return this.isReleased(life) ? 'deregistered' : (this.#ended.get(id) ?? 'expired');
  }

  /** A lease of `holder` ended. This matters if the copy of a lost daemon counts for longer. */
  #noteEnd(known: Known, holder: RunId): void {
    const copy = known.copies.find((one) => one.holder === holder);
    if (copy && !copy.lapsed && known.copies.length > 1)
      known.ended = { life: copy.entry.life, renewedAt: this.now() - copy.entry.ttl };
  }

  #touch({ id, winner }: Known): void {
    if (!this.#before.has(id)) this.#before.set(id, shown(winner?.entry));
  }

  /** @param why  the reason of the offline event, if no copy counts now */
  #elect(known: Known, why: OfflineReason): void {
    let winner: Copy | undefined;
    for (const copy of known.copies) {
      if (copy.lapsed || this.isReleased(copy.entry.life)) continue;
      if (winner === undefined || outranks(copy, winner)) winner = copy;
    }
    const before = known.winner;
    const entry = winner && withDecision(winner.entry, this.decision(known.id, winner.entry.life));
    known.winner = winner && entry !== winner.entry ? { ...winner, entry: entry! } : winner;
    this.checked.see(known.id, !!entry?.check);
    if (shown(before?.entry) !== shown(entry)) this.online.put(known.id, shown(entry));
    if (ill(before?.entry) !== ill(entry)) this.unhealthy.put(known.id, ill(entry));
    if (before?.entry !== entry) for (const listener of this.#changeListeners) listener(known.id);
    if (!before || winner) return;
    this.#ended.set(known.id, why);
    for (const listener of this.#goneListeners) listener(known.id);
  }
}

/** The entry, if it is online. */
const shown = (entry: Entry | undefined): Entry | undefined => (entry?.unhealthy ? undefined : entry);

/** The entry, if it would be online if it were healthy. */
const ill = (entry: Entry | undefined): Entry | undefined => (entry?.unhealthy ? entry : undefined);

/**
 * Whether `a` wins over `b`: a higher rev, then the healthy one, then the greater run id. All daemons agree. A holder
 * that cannot reach the instance marks its copy without a higher rev, so it is online while a holder can.
 */
export function outranks(a: Copy, b: Copy): boolean {
  if (a.entry.rev !== b.entry.rev) return a.entry.rev > b.entry.rev;
  const isHealthy = !a.entry.unhealthy;
  return isHealthy === !b.entry.unhealthy ? a.holder > b.holder : isHealthy;
}
