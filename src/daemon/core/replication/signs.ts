/**
 * Signs of life: composes those that are sent to peers, and takes in those that peers send. The latter include what
 * peers have heard of this daemon itself.
 */

import type { LeaseTime, MonotonicTime } from '../../../crdt/clocks.js';
import type { RunId } from '../../../crdt/ids.js';
import { aliveText, isSignedBy, type Signatures } from '../identity.js';
import type { Membership } from '../membership/membership.js';
import type { Runtime } from '../runtime.js';
import type { Self } from '../self.js';
import type { Sign } from './frame.js';
import type { Heartbeat } from './heartbeat.js';

/** How long this daemon was not heard, as a peer reports it. */
export interface OwnSilence {
  ms: number;
  /** Whether this daemon's clock must have stood still meanwhile: it was suspended, and did not notice. */
  stoodStill: boolean;
}

export interface SignsContext {
  readonly runtime: Pick<Runtime, 'now' | keyof Signatures>;
  readonly membership: Membership;
  readonly heartbeat: Pick<Heartbeat, 'madeAt'>;
  readonly self: () => Self;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
  readonly peerTimeoutMs: number;
}

export class Signs {
  /** The members that report that this daemon's clock stood still, and when each last did. */
  readonly #standstills = new Map<RunId, MonotonicTime>();

  constructor(private readonly context: SignsContext) {}

  /** The signs of all known incarnations. */
  all(): Sign[] {
    const { membership, now } = this.context;
    return membership.signs(now(), this.context.self().published?.incarnation);
  }

  /** The sign of one incarnation. */
  of(runId: RunId): Sign | undefined {
    return this.context.membership.sign(runId, this.context.now());
  }

  /**
   * Takes in the signs that a peer sends. Returns how long it has not heard this daemon, if it reports that.
   * @param teller  run id of the sender, if it is proven
   * @param mayIntroduce  whether signs of unknown incarnations are believed, beside the sender's own
   */
  hear(signs: readonly Sign[], teller: RunId | undefined, mayIntroduce: boolean): OwnSilence[] {
    const { membership, runtime, now } = this.context;
    const { runId } = this.context.self();
    const silences: OwnSilence[] = [];
    let introduced = 0;
    for (const sign of signs) {
      if (sign[0] === runId) {
        silences.push(...this.#ownSilence(sign, teller));
        continue;
      }
      const isUnknown = membership.get(sign[0]) === undefined;
      if (isUnknown && sign[0] !== teller && (!mayIntroduce || ++introduced > membership.introductions)) continue;
      if (!membership.isNews(sign) || isSignOfLife(runtime, sign)) membership.hear(sign, now(), sign[0] === teller);
    }
    return silences;
  }

  /** A peer reports how long it has not heard this daemon. Only members are believed. */
  #ownSilence([, counter, ageMs]: Sign, teller: RunId | undefined): OwnSilence[] {
    const { runtime, peerTimeoutMs, membership, heartbeat } = this.context;
    const beat = heartbeat.madeAt(counter);
    if (teller === undefined || beat === undefined || membership.get(teller)?.published !== true) return [];
    const since = runtime.now() - beat;
    // A silence that our own clock did not see: it stood still.
    if (ageMs > since + peerTimeoutMs) return this.#isStandstill(teller) ? [{ ms: ageMs, stoodStill: true }] : [];
    return [{ ms: Math.min(ageMs, since), stoodStill: false }];
  }

  /**
   * One member may be wrong or lie: more than half of the members that are heard must report that this daemon's clock
   * stood still. Incarnations whose name was taken count as well: a liar that takes names must not become the only
   * member.
   */
  #isStandstill(teller: RunId): boolean {
    const { membership, runtime, peerTimeoutMs } = this.context;
    const { runId } = this.context.self();
    const others = membership.heard(this.context.now()).filter((one) => one.runId !== runId);
    if (!others.some((one) => one.runId === teller)) return false;
    const now = runtime.now();
    this.#standstills.set(teller, now);
    for (const [who, at] of this.#standstills)
      if (now - at >= peerTimeoutMs || !others.some((one) => one.runId === who)) this.#standstills.delete(who);
    if (2 * this.#standstills.size <= others.length) return false;
    this.#standstills.clear();
    return true;
  }
}

/** Whether a sign is signed by the incarnation that it is of. */
const isSignOfLife = (signatures: Signatures, [runId, counter, , , key, signature]: Sign): boolean =>
  key !== undefined &&
  signature !== undefined &&
  isSignedBy(signatures, runId, aliveText(runId, counter), [key, signature]);
