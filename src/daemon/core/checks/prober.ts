/**
 * Probes the instances that have a check and that this daemon is responsible for. A pass is a renewal, also of an
 * orphan, which takes it over. Nothing of a probe is replicated but the health that follows.
 *
 * - A failure renews nothing. After enough of them the instance is marked unhealthy: it goes offline, is kept, and is
 *   probed further. The mark has no higher rev: if another daemon can reach the instance, its copy wins.
 * - An orphan that no daemon can reach is taken over as unhealthy right before it lapses.
 * - A failure while this daemon was stalled is none: the answer may be waiting.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Entry } from '../../../crdt/entry.js';
import type { View } from '../../../crdt/view.js';
import { sameCheck } from '../../../model/check.js';
import { problemText } from '../../../model/problem-text.js';
import { addressOf, type RegistrationId } from '../../../model/registration.js';
import { Deadlines } from '../lease/deadlines.js';
import type { Holder } from '../lease/holder.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { Runtime } from '../runtime.js';
import type { Phase, Self } from '../self.js';
import { lapseTime } from '../view/orphans.js';
import { Duty } from './duty.js';
import { type Lane, Lanes } from './lanes.js';
import { notProbed, slowMs, type Watch, watchOf } from './watch.js';

/** ms by which a probe may begin after it is due. */
const marginMs = 200;

/** ms by which the lease clock may fall behind during a probe. */
const toleratedStallMs = 100;

export interface ProberContext {
  readonly runtime: Pick<Runtime, 'now' | 'after' | 'defer' | 'probes'>;
  readonly view: View;
  readonly membership: Pick<Membership, 'get' | 'live'>;
  readonly self: () => Self;
  readonly phase: () => Phase;
  /** Whether this daemon may be cut off: orphans do not lapse then. */
  readonly isStale: () => boolean;
  /** Runs it as a turn, unless it was due before a suspension ended. */
  readonly onTimer: (run: () => void) => void;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class Prober {
  readonly #duty: Duty;
  readonly #lanes = new Lanes();
  readonly #watches = new Map<RegistrationId, Watch>();
  readonly #due = new Deadlines<RegistrationId>();
  /** The daemons that were live at the last tick. */
  #live: readonly Incarnation[] | undefined;

  constructor(private readonly context: ProberContext) {
    this.#duty = new Duty({ ...context, probes: context.runtime.probes });
  }

  /** What is known of an instance that this daemon probes. */
  watchOn(id: RegistrationId): Readonly<Watch> | undefined {
    return this.#watches.get(id);
  }

  /** Begins the probes that are due. */
  tick(): void {
    const { view, membership, now } = this.context;
    const touched = view.checked.takeTouched();
    const holder = this.#holder();
    if (!holder) return this.#stop();
    const live = membership.live();
    const ids = live === this.#live ? touched : new Set([...view.checked.all, ...touched]);
    this.#live = live;
    for (const id of ids) this.#look(id);
    for (const id of this.#lanes.waiting()) this.#keep(id, this.#watches.get(id)!, holder);
    for (const id of this.#due.takeDue(now())) this.#queue(id);
    this.#begin();
  }

  /**
   * To wait for a place is no failure. One that waits for a TTL may be dead: it is marked unhealthy, and so it is kept.
   */
  #keep(id: RegistrationId, watch: Watch, holder: Holder): void {
    const held = holder.entries.get(id);
    if (!held) return;
    const now = this.context.now();
    if (held.unhealthy) this.#keepUnhealthy(id, watch, holder);
    else if (now < watch.passedAt + held.ttl) holder.renewHeld(id);
    else if (this.#endOf(id, holder) <= now + marginMs) this.#mark(id, watch, holder, notProbed);
  }

  /** Undefined while this daemon holds nothing, or leaves. */
  #holder(): Holder | undefined {
    const { self, phase, runtime } = this.context;
    return phase() === 'running' && runtime.probes ? self().published?.holder : undefined;
  }

  /** Finds out whether this daemon is responsible for an id, and since when. */
  #look(id: RegistrationId): Watch | undefined {
    const winner = this.context.view.winner(id);
    const at = winner && this.#duty.beginsAt(id, winner);
    const known = this.#watches.get(id);
    if (!winner || at === undefined) return this.#forget(id);
    const { life, check } = winner.entry;
    if (known?.life === life && sameCheck(known.check, check)) {
      if (!known.hasBegun) this.#expect(id, known, Math.min(known.dueAt, at));
      return known;
    }
    this.#forget(id);
    const watch = watchOf(life, check!, at, this.context.now());
    this.#watches.set(id, watch);
    this.#due.set(id, at);
    // Another daemon may have probed it until now: there is to be time for as many failures as it takes.
    this.#holder()?.renewHeld(id);
    return watch;
  }

  #expect(id: RegistrationId, watch: Watch, at: LeaseTime): void {
    watch.dueAt = at;
    this.#due.set(id, at);
  }

  #forget(id: RegistrationId): undefined {
    this.#watches.get(id)?.over?.abort();
    this.#watches.delete(id);
    this.#due.delete(id);
    this.#lanes.forget(id);
  }

  #stop(): void {
    for (const id of [...this.#watches.keys()]) this.#forget(id);
    this.#live = undefined;
  }

  #queue(id: RegistrationId): void {
    const watch = this.#look(id);
    if (!watch) return;
    const at = this.#due.get(id);
    if (at !== undefined && at > this.context.now()) return;
    // One at a time: the next one follows when the present one is over.
    if (watch.over) return this.#due.set(id, this.context.now());
    this.#due.delete(id);
    this.#lanes.wait(this.#laneOf(id, watch), id);
  }

  /** A failure alone is none of the lane of those that fail: others that fail must not keep it from passing again. */
  #laneOf(id: RegistrationId, { isSlow }: Watch): Lane {
    if (this.context.view.winner(id)?.entry.unhealthy) return 'failing';
    return isSlow ? 'slow' : 'steady';
  }

  #begin(): void {
    for (const { id, lane } of this.#lanes.take()) this.#probe(id, this.#watches.get(id)!, lane);
  }

  #probe(id: RegistrationId, watch: Watch, lane: Lane): void {
    const { runtime, now, onTimer } = this.context;
    const { check } = watch;
    const [real, lease] = [runtime.now(), now()];
    const over = (watch.over = new AbortController());
    watch.hasBegun = true;
    // From when it was due, not from now: the times by which each is late must not add up beyond the TTL.
    this.#expect(id, watch, Math.max(watch.dueAt + check.interval, lease + check.interval / 2));
    let isOver = false;
    const end = (problem?: string): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      over.abort();
      watch.over = undefined;
      this.#lanes.free(lane, id);
      watch.isSlow = now() - lease > slowMs;
      const stalledMs = runtime.now() - real - (now() - lease);
      onTimer(() => this.#settle(id, watch, problem, stalledMs > toleratedStallMs));
      this.#begin();
    };
    // The answer that is here already is taken first.
    const late = (): void => runtime.defer(() => end(`no answer within ${check.timeout} ms`));
    const timer = runtime.after(check.timeout, late);
    const { host, port } = addressOf(id);
    runtime.probes!.probe({ host, port, check }, over.signal).then(
      () => end(),
      (error: unknown) => end(problemText(error)),
    );
  }

  #settle(id: RegistrationId, watch: Watch, problem: string | undefined, wasStalled: boolean): void {
    const holder = this.#holder();
    if (!holder || this.#watches.get(id) !== watch || this.#look(id) !== watch) return;
    if (problem === undefined) this.#passed(id, watch, holder);
    else if (wasStalled) this.#expect(id, watch, this.context.now());
    else this.#failed(id, watch, holder, problem);
  }

  #passed(id: RegistrationId, watch: Watch, holder: Holder): void {
    watch.fails = 0;
    watch.problem = undefined;
    watch.failingSince = undefined;
    watch.passes++;
    watch.passedAt = this.context.now();
    const { unhealthy } = this.#entry(id, watch, holder);
    if (unhealthy && watch.passes >= watch.check.passes) this.#mark(id, watch, holder, undefined);
    else holder.renew(id);
  }

  #failed(id: RegistrationId, watch: Watch, holder: Holder, problem: string): void {
    watch.passes = 0;
    watch.fails++;
    watch.problem = problem;
    watch.failingSince ??= this.context.now();
    const { check } = watch;
    if (this.#entry(id, watch, holder).unhealthy) this.#keepUnhealthy(id, watch, holder);
    else if (watch.fails >= check.fails && holder.entries.get(id)) this.#mark(id, watch, holder, problem);
    else if (this.#endOf(id, holder) <= watch.dueAt + check.timeout + marginMs) this.#mark(id, watch, holder, problem);
  }

  #keepUnhealthy(id: RegistrationId, { check, failingSince }: Watch, holder: Holder): void {
    const now = this.context.now();
    if (now - (failingSince ?? now) < check.deregisterAfter) holder.renew(id);
  }

  /** When the lease of an entry ends that is held here, or when an orphan lapses. */
  #endOf(id: RegistrationId, holder: Holder): LeaseTime {
    const { view, membership, isStale } = this.context;
    const held = holder.entries.get(id);
    if (held) return holder.entries.renewedAt(id) + held.ttl;
    const winner = view.winner(id)!;
    const lost = membership.get(winner.holder);
    return lost && !isStale() ? lapseTime(lost, winner.entry) : Infinity;
  }

  /** Writes the health of an instance, and holds it. */
  #mark(id: RegistrationId, watch: Watch, holder: Holder, unhealthy: string | undefined): void {
    const { view } = this.context;
    if (!holder.entries.get(id)) holder.takeOver([{ id, entry: view.winner(id)!.entry }]);
    const held = holder.entries.get(id);
    if (held?.life !== watch.life) return;
    // The other daemon has reached it lately, and finds out by itself whether it still can.
    if (unhealthy !== undefined && this.#duty.isHeldElsewhere(id, held)) holder.entries.drop(id);
    else holder.entries.mark(id, held, unhealthy);
  }

  /** As this daemon holds it, or as the lost daemon did. */
  #entry(id: RegistrationId, { life }: Watch, holder: Holder): Entry {
    const held = holder.entries.get(id);
    return held?.life === life ? held : this.context.view.winner(id)!.entry;
  }
}
