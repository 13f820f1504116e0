/**
 * What a daemon answers from: for each id the entry with the highest rev (then run id) among the copies that
 * count, over all holdings that it knows.
 *
 * An operator's decision on a life counts wherever it stands: in a copy of that life, also one that counts no
 * more, or in the holdings of the daemon at which it was made, from which the holders take it in.
 *
 * A copy counts while its holder is alive or its time as an orphan is not over, and nobody has released its
 * life. An id is online while a copy of it counts. The view is told what changes, copy by copy, and never
 * rebuilt; whatever the order in which the news arrive, the same news give the same view. What `flush`
 * answers is each difference once: per id, `online` and `offline` strictly alternate.
 */

import { type OfflineReason, previousOf, type RegistrationEvent } from '../model/events.js';
import { type Address, parseId, type Registration, type RegistrationId } from '../model/registration.js';
import { type Decision, type Entry, isDraining, laterDecision, sameValue, withDecision } from './entry.js';
import type { Decided } from './holdings.js';
import { OnlineIndex } from './online-index.js';

/** One holder's entry for an id. */
export interface Copy {
  readonly holder: string;
  entry: Entry;
  /** Its holder was lost and its time is over: it counts no more unless the holder comes back. */
  lapsed: boolean;
}

/** All that is known of one id. */
interface Known {
  readonly id: RegistrationId;
  copies: readonly Copy[];
  /** The copy that the id is answered from; undefined while it is offline. */
  winner: Copy | undefined;
}

/**
 * What an id was answered from, and what it is answered from now; undefined where it is offline. Its event is made when
 * somebody wants it: of most, nobody does.
 */
export class Transition {
  constructor(
    readonly id: RegistrationId,
    readonly before: Entry | undefined,
    readonly now: Entry | undefined,
    /** Why it is offline now. */
    readonly reason: OfflineReason | undefined,
  ) {}

  toEvent(): RegistrationEvent {
    const { id, before, now, reason } = this;
    if (now === undefined)
      return { type: 'offline', registration: toRegistration(id, before!), reason: reason! };
    if (before === undefined) return { type: 'online', registration: toRegistration(id, now) };
    return updated(id, before, now);
  }
}

export class View {
  readonly #known = new Map<string, Known>();
  /** Life -> how many holdings say that it is released. */
  readonly #releases = new Map<string, number>();
  /** What each holder has released of an id. */
  readonly #releasedBy = new Map<string, readonly string[]>();
  /** Decisions that stand beside the entries, by id and by who says so. */
  readonly #decided = new Map<string, Map<string, Decided>>();
  /** What each id that was touched since the last flush was answered from at that flush. */
  readonly #before = new Map<RegistrationId, Entry | undefined>();
  readonly online = new OnlineIndex();

  /** The copy that `id` is answered from. */
  winner(id: string): Copy | undefined {
    return this.#known.get(id)?.winner;
  }

  copies(id: string): readonly Copy[] {
    return this.#known.get(id)?.copies ?? [];
  }

  /** The highest rev that any copy of `id` has, counting or not; 0 where there is none. */
  highestRev(id: string): number {
    return this.copies(id).reduce((highest, { entry }) => Math.max(highest, entry.rev), 0);
  }

  isReleased(life: string): boolean {
    return this.#releases.has(life);
  }

  /** `holder` has this entry for `id`, or (undefined) none any more. A new entry counts anew. */
  set(holder: string, id: string, entry: Entry | undefined, lapsed = false): void {
    const known = this.#known.get(id) ?? { id: id as RegistrationId, copies: [], winner: undefined };
    const others = known.copies.filter((copy) => copy.holder !== holder);
    this.#touch(known);
    known.copies = entry === undefined ? others : [...others, { holder, entry, lapsed }];
    if (known.copies.length === 0) this.#known.delete(id);
    else this.#known.set(id, known);
    this.#elect(known);
  }

  /** The orphan's time is over (true), or its holder has come back (false). */
  setLapsed(holder: string, id: string, lapsed: boolean): void {
    const known = this.#known.get(id);
    const copy = known?.copies.find((one) => one.holder === holder);
    if (!known || !copy || copy.lapsed === lapsed) return;
    this.#touch(known);
    copy.lapsed = lapsed;
    this.#elect(known);
  }

  /** `holder` says that these lives of `id` are released, or (none) that it says so no more. */
  setReleased(holder: string, id: string, lives: readonly string[]): void {
    const known = this.#known.get(id);
    if (known) this.#touch(known);
    const key = `${holder} ${id}`;
    for (const life of this.#releasedBy.get(key) ?? []) this.#countRelease(life, -1);
    for (const life of lives) this.#countRelease(life, 1);
    if (lives.length > 0) this.#releasedBy.set(key, lives);
    else this.#releasedBy.delete(key);
    if (known) this.#elect(known);
  }

  /** `holder` says that this was decided of `id`, or (undefined) that it says so no more. */
  setDecided(holder: string, id: string, decided: Decided | undefined): void {
    const known = this.#known.get(id);
    if (known) this.#touch(known);
    const said = this.#decided.get(id) ?? new Map<string, Decided>();
    if (decided) said.set(holder, decided);
    else said.delete(holder);
    if (said.size > 0) this.#decided.set(id, said);
    else this.#decided.delete(id);
    if (known) this.#elect(known);
  }

  /** The latest decision on this life of `id`, wherever it stands. */
  decision(id: string, life: string): Decision | undefined {
    let latest: Decision | undefined;
    for (const { entry } of this.copies(id))
      if (entry.life === life) latest = laterDecision(latest, entry.decision);
    for (const decided of this.#decided.get(id)?.values() ?? [])
      if (decided.life === life) latest = laterDecision(latest, decided.decision);
    return latest;
  }

  /** The difference to the last flush, one for an id at most. */
  flush(): Transition[] {
    const transitions: Transition[] = [];
    for (const [id, before] of this.#before) {
      const now = this.winner(id)?.entry;
      if (before === now || (before && now && sameValue(before, now))) continue;
      const reason = before && !now ? this.#reason(id, before) : undefined;
      transitions.push(new Transition(id, before, now, reason));
    }
    this.#before.clear();
    return transitions;
  }

  /** Why `entry`, which was online, is not: by what is left of it. */
  #reason(id: string, { life }: Entry): OfflineReason {
    if (this.isReleased(life)) return 'deregistered';
    return this.copies(id).some((copy) => copy.lapsed) ? 'daemon-lost' : 'expired';
  }

  #countRelease(life: string, by: 1 | -1): void {
    const count = (this.#releases.get(life) ?? 0) + by;
    if (count > 0) this.#releases.set(life, count);
    else this.#releases.delete(life);
  }

  #touch({ id, winner }: Known): void {
    if (!this.#before.has(id)) this.#before.set(id, winner?.entry);
  }

  #elect(known: Known): void {
    let winner: Copy | undefined;
    for (const copy of known.copies) {
      if (copy.lapsed || this.isReleased(copy.entry.life)) continue;
      if (winner === undefined || outranks(copy, winner)) winner = copy;
    }
    const before = known.winner;
    const entry = winner && withDecision(winner.entry, this.decision(known.id, winner.entry.life));
    known.winner = winner && entry !== winner.entry ? { ...winner, entry: entry! } : winner;
    if (before?.entry !== entry) this.online.put(known.id, entry);
  }
}

/** Whether `a` comes before `b`: a higher rev, or the same by the greater run id. Every daemon agrees. */
export const outranks = (a: Copy, b: Copy): boolean =>
  a.entry.rev > b.entry.rev || (a.entry.rev === b.entry.rev && a.holder > b.holder);

/** An entry as clients see it. */
export function toRegistration(
  id: RegistrationId,
  entry: Entry,
  { app, version, host, port }: Address = parseId(id),
): Registration {
  const { ttl, meta, decision, registered } = entry;
  const draining = isDraining(entry);
  const registration: Registration = {
    resource: 'Registration',
    id,
    app,
    version,
    host,
    port,
    ttl,
    meta,
    draining,
    registered,
  };
  if (draining && decision?.reason !== undefined) registration.drainReason = decision.reason;
  return registration;
}

function updated(id: RegistrationId, before: Entry, now: Entry): RegistrationEvent {
  const registration = toRegistration(id, now);
  const previous = previousOf(toRegistration(id, before), registration);
  const isDecision = before.life === now.life && before.decision?.turn !== now.decision?.turn;
  const reason = isDecision ? now.decision?.reason : undefined;
  return { type: 'updated', registration, previous, ...(reason === undefined ? {} : { reason }) };
}
