/** What a daemon knows of an instance that it probes. */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { LifeId } from '../../../crdt/ids.js';
import type { Check } from '../../../model/check.js';

/** ms that a probe of an instance that is not slow takes at most. */
export const slowMs = 1000;

/** The message of an instance that has waited for too long. */
export const notProbed = 'not probed in time: too many other checks are slow or fail';

export interface Watch {
  readonly life: LifeId;
  readonly check: Check;
  /** When (lease-clock ms) the next probe is due. */
  dueAt: LeaseTime;
  hasBegun: boolean;
  /** Failures and passes in a row. */
  fails: number;
  passes: number;
  failingSince: LeaseTime | undefined;
  /** What the last probe said, if it failed. */
  problem: string | undefined;
  /** When it last passed, or was first seen. */
  passedAt: LeaseTime;
  /** Whether the last probe was slow, or the first one may be. */
  isSlow: boolean;
  /** Ends the probe that is under way. */
  over?: AbortController | undefined;
}

/** Of an instance that is seen for the first time `now`, and is to be probed `at` (lease-clock ms). */
export const watchOf = (life: LifeId, check: Check, at: LeaseTime, now: LeaseTime): Watch => ({
  life,
  check,
  dueAt: at,
  hasBegun: false,
  fails: 0,
  passes: 0,
  failingSince: undefined,
  problem: undefined,
  passedAt: now,
  isSlow: check.timeout > slowMs,
});
