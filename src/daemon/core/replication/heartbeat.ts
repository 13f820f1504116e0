/** This daemon's heartbeats: counted, signed, and sent over the links with a digest of all documents. */

import type { LeaseTime, MonotonicTime } from '../../../crdt/clocks.js';
import { type Membership } from '../membership/membership.js';
import type { Runtime, Timer } from '../runtime.js';
import type { Self } from '../self.js';
import type { LinkTable } from './link-table.js';

/** How many heartbeats are remembered. */
const beatsKept = 64;

export interface HeartbeatContext {
  readonly runtime: Pick<Runtime, 'now' | 'after'>;
  readonly membership: Membership;
  readonly links: LinkTable;
  readonly self: () => Self;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
  /** Whether this daemon is not just back from a suspension. */
  readonly isAwake: () => boolean;
  /** Called after each heartbeat. */
  readonly onBeat: () => void;
}

export class Heartbeat {
  #timer: Timer | undefined;
  /** When the last heartbeat was made. */
  #madeAt: MonotonicTime = -Infinity;
  /** When (monotonic ms) each of the last heartbeats was made, by counter. */
  readonly #beats = new Map<number, number>();

  /** @param everyMs  from one to the next */
  constructor(
    private readonly context: HeartbeatContext,
    readonly everyMs: number,
  ) {}

  /** Makes a heartbeat in every period from now on. */
  start(): void {
    if (this.#timer === undefined) this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Makes a heartbeat if it is overdue because the timer has not run. */
  beatIfDue(): void {
    if (this.context.runtime.now() - this.#madeAt >= this.everyMs) this.beat();
  }

  beat(): void {
    const { runtime, membership, links, now } = this.context;
    const { published, identity } = this.context.self();
    this.#madeAt = runtime.now();
    if (published) {
      const counter = membership.beat(published.incarnation, identity, now());
      this.#beats.set(counter, runtime.now());
      this.#beats.delete(counter - beatsKept);
    }
    links.choose();
    for (const link of links.wanted()) link.heartbeat();
    this.context.onBeat();
  }

  /** When the heartbeat with this counter was made, if that is still known. */
  madeAt(counter: number): MonotonicTime | undefined {
    return this.#beats.get(counter);
  }

  #schedule(): void {
    this.#timer = this.context.runtime.after(this.everyMs, () => {
      this.#schedule();
      if (this.context.isAwake()) this.beat();
    });
  }
}
