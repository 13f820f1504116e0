/**
 * Static stability: whether this daemon hears so few of the others that it must consider itself cut off.
 *
 * The known daemons, itself included, are those that were live for 10 s within the last 60 s and did not leave. Hearing
 * fewer than half of them (exactly half is not fewer) is isolation. While it lasts, the window of 60 s stands still;
 * the 10 s do not, so that daemons that came back under other names count as well. It ends when half are heard again
 * for long enough that their documents have arrived; when an operator has forgotten enough of the missing ones; or
 * after `isolatedForMs`, when the daemons that are left count as all.
 */

import type { DaemonName } from '../../../crdt/ids.js';
import type { LeaseTime } from '../../../crdt/clocks.js';
/** How long a daemon must be live to count as known. */
const provenMs = 10_000;

/** How long it counts after that. */
const memoryMs = 60_000;

/** How long half must be heard before isolation ends: their documents have to arrive before anything lapses. */
const steadyMs = 1000;

/** Default of the setting, in ms. */
export const defaultIsolatedForMs = 10 * 60_000;

/** What is known of one daemon. */
interface Acquaintance {
  liveSince: LeaseTime | undefined;
  /** When it last counted as known, on a clock that stands still during isolation. */
  provenAt: LeaseTime | undefined;
}

export class Isolation {
  readonly #known = new Map<DaemonName, Acquaintance>();
  /** When it began; undefined while this daemon is not isolated. */
  #since: LeaseTime | undefined;
  /** Since when half have been heard again. */
  #halfSince: LeaseTime | undefined;
  /** How long all isolations together have lasted, and until when that is settled. */
  #stoodStillMs = 0;
  #reviewedAt: LeaseTime = 0;

  /** @param isolatedForMs  how long an isolation lasts at most */
  constructor(private readonly isolatedForMs: number) {}

  get isolated(): boolean {
    return this.#since !== undefined;
  }

  /** Whether the last isolation has ended because it lasted for too long, although no daemon came back. */
  gaveUp = false;

  /** How many other daemons are known, and how many of them are heard, as of the last review. */
  counts = { known: 0, heard: 0 };

  /**
   * Compares the live daemons with the known ones.
   * @param live  names of the daemons that are live, this one's included
   * @param left  names of those that announced that they leave
   */
  review(now: LeaseTime, live: ReadonlySet<DaemonName>, left: ReadonlySet<DaemonName>): void {
    if (this.isolated) this.#stoodStillMs += now - this.#reviewedAt;
    this.#reviewedAt = now;
    const clock = now - this.#stoodStillMs;
    for (const name of left) if (!live.has(name)) this.#known.delete(name);
    for (const name of live) {
      const one = this.#known.get(name) ?? { liveSince: now, provenAt: undefined };
      one.liveSince ??= now;
      if (now - one.liveSince >= provenMs) one.provenAt = clock;
      this.#known.set(name, one);
    }
    let [known, heard] = [0, 0];
    for (const [name, one] of this.#known) {
      if (!live.has(name)) one.liveSince = undefined;
      const isKnown = one.provenAt !== undefined && clock - one.provenAt <= memoryMs;
      if (!isKnown && one.liveSince === undefined) this.#known.delete(name);
      if (isKnown) known++;
      if (isKnown && live.has(name)) heard++;
    }
    this.counts = { known: Math.max(0, known - 1), heard: Math.max(0, heard - 1) };
    this.#decide(now, 2 * heard < known);
  }

  /** Forgets a daemon: it is no longer expected. */
  forget(name: DaemonName): void {
    this.#known.delete(name);
  }

  #decide(now: LeaseTime, cutOff: boolean): void {
    if (cutOff) {
      this.#since ??= now;
      this.gaveUp = false;
      this.#halfSince = undefined;
      if (now - this.#since < this.isolatedForMs) return;
      // No daemon came back: those that are left count as all.
      for (const [name, { liveSince }] of this.#known) if (liveSince === undefined) this.#known.delete(name);
      this.#since = undefined;
      this.gaveUp = true;
    } else if (this.isolated) {
      this.#halfSince ??= now;
      if (now - this.#halfSince >= steadyMs) this.#since = undefined;
    }
  }
}
