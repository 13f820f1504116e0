/** The incarnations that this daemon knows, and those that it has forgotten. Both are bounded, whatever peers send. */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { DaemonName, DaemonUrl, RunId } from '../../../crdt/ids.js';
import type { Sign } from '../replication/frame.js';
import { Forgotten } from './forgotten.js';
import { Incarnation } from './incarnation.js';

/** How many incarnations are known at a time: the most that a faulty peer can make this daemon keep. */
const maxIncarnations = 2000;

export class KnownIncarnations {
  readonly #known = new Map<RunId, Incarnation>();
  readonly #forgotten = new Forgotten();

  all(): IterableIterator<Incarnation> {
    return this.#known.values();
  }

  /** The incarnations that have published which daemon they are. */
  published(): Incarnation[] {
    return [...this.#known.values()].filter((one) => one.published);
  }

  get(runId: RunId): Incarnation | undefined {
    return this.#known.get(runId);
  }

  isForgotten(runId: RunId): boolean {
    return this.#forgotten.has(runId);
  }

  /** Returns the incarnation of this run id, a new one if necessary; undefined if it is forgotten, or one too many. */
  meet(runId: RunId, now: LeaseTime): Incarnation | undefined {
    const known = this.#known.get(runId);
    if (known || this.#forgotten.has(runId)) return known;
    if (this.#known.size >= maxIncarnations && !this.#makeRoom()) return undefined;
    const met = new Incarnation(runId, now);
    this.#known.set(runId, met);
    return met;
  }

  /** Forgets the first one met of the incarnations that have published nothing. Returns false if there is none. */
  #makeRoom(): boolean {
    for (const { runId, published } of this.#known.values()) if (!published) return this.#known.delete(runId);
    return false;
  }

  /** This daemon itself, however many are known. */
  meetSelf(runId: RunId, now: LeaseTime): Incarnation {
    const self = this.#known.get(runId) ?? new Incarnation(runId, now);
    this.#known.set(runId, self);
    return self;
  }

  /** How many unknown incarnations one frame may introduce. */
  get introductions(): number {
    return 64 + 4 * this.#known.size;
  }

  /** Whether a sign has a higher counter than is known of its incarnation. */
  isNews([runId, counter]: Sign): boolean {
    const past = this.#forgotten.counterOf(runId) ?? this.#known.get(runId)?.counter;
    return past === undefined || counter > past;
  }

  /** Forgets an incarnation, and remembers that it did. */
  forget(incarnation: Incarnation): void {
    this.#known.delete(incarnation.runId);
    this.#forgotten.add(incarnation);
  }

  /** Makes a forgotten incarnation unknown again if a sign shows that it is alive. Returns whether it does. */
  recall([runId, counter, ageMs, goneForMs]: Sign, peerTimeoutMs: number): boolean {
    const past = this.#forgotten.counterOf(runId)!;
    if (counter <= past || ageMs >= peerTimeoutMs || goneForMs >= 0) return false;
    this.#forgotten.delete(runId);
    return true;
  }

  /** URLs of the forgotten daemons that were lost without leaving. They may come back. */
  formerUrls(): DaemonUrl[] {
    return this.#forgotten.urls();
  }

  /** Names of the forgotten daemons that were lost without leaving after `since`. */
  namesLostAfter(since: LeaseTime): DaemonName[] {
    return this.#forgotten.namesLostAfter(since);
  }
}
