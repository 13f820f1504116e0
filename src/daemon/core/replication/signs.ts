/**
 * Signs of life, as they are told to peers and heard from them. What peers have heard of this daemon itself is among
 * them.
 */

import type { LeaseTime, MonotonicTime } from '../../../crdt/clocks.js';
import type { RunId } from '../../../crdt/ids.js';
import { aliveText, isSignedBy, type Signatures } from '../identity.js';
import type { Membership } from '../membership/membership.js';
import type { Runtime } from '../runtime.js';
import type { Self } from '../self.js';
import type { Sign } from './frame.js';
import type { Heartbeat } from './heartbeat.js';

/** For how many ms this daemon was not heard, as a peer reports it. */
export interface OwnSilence {
  ms: number;
  /** Whether this daemon's clock must have stood still meanwhile: it was away, and did not notice. */
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
  /** Which members say that this daemon's clock stood still, and when (monotonic ms) each said so. */
  readonly #standstills = new Map<RunId, MonotonicTime>();

  constructor(private readonly context: SignsContext) {}

  /** What this daemon knows of everyone. */
  all(): Sign[] {
    const { membership, now } = this.context;
    return membership.signs(now(), this.context.self().published?.incarnation);
  }

  /** What this daemon knows of one incarnation, for how long it has not heard it among it. */
  of(runId: RunId): Sign | undefined {
    return this.context.membership.sign(runId, this.context.now());
  }

  /**
   * Takes in what a peer knows of everyone. Returns for how long it has not heard this daemon, if it says so.
   * @param teller  who said so, if that is certain
   * @param mayIntroduce  whether incarnations are believed that this daemon has not heard of, beside the teller itself
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

  /** A peer says since when it has not heard this daemon. Only members are believed. */
  #ownSilence([, counter, ageMs]: Sign, teller: RunId | undefined): OwnSilence[] {
    const { runtime, peerTimeoutMs, membership, heartbeat } = this.context;
    const beat = heartbeat.madeAt(counter);
    if (teller === undefined || beat === undefined || membership.get(teller)?.published !== true) return [];
    const since = runtime.now() - beat;
    // A silence that our own clock knows nothing of: it stood still with us.
    if (ageMs > since + peerTimeoutMs) return this.#isStandstill(teller) ? [{ ms: ageMs, stoodStill: true }] : [];
    return [{ ms: Math.min(ageMs, since), stoodStill: false }];
  }

  /**
   * One may be wrong or lie: more than half of those who are heard must say that this daemon's clock stood still. An
   * incarnation whose name another one bears is among them: a liar that takes names must not become the only one to
   * ask.
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

/** Whether the incarnation that a sign is of has signed it. */
const isSignOfLife = (signatures: Signatures, [runId, counter, , , key, signature]: Sign): boolean =>
  key !== undefined &&
  signature !== undefined &&
  isSignedBy(signatures, runId, aliveText(runId, counter), [key, signature]);
