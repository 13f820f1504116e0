/** The options of a pool, and what it returns. */

import type { Weighted } from '../../model/weights.js';
import type { NearOptions } from '../resolve-options.js';
import type { Timers } from '../timers.js';
import type { LeaveOut } from './outliers.js';
import type { Picking } from './strategies.js';

/** With `near`, instances elsewhere are picked also when all near ones have just failed. */
export interface PoolOptions extends NearOptions {
  /** How `pick` chooses; default `weighted`. */
  pick?: Picking | undefined;
  /** Closes the pool. */
  signal?: AbortSignal | undefined;
  /** How long an instance is left out after {@link Pool.failed}; a longer time spares callers more failures. */
  leaveOut?: LeaveOut | undefined;
  timers?: Timers | undefined;
}

export interface PoolStatus {
  /**
   * `waiting`: nothing is known yet. `fresh`: as a daemon says now. `kept`: as of `forMs` ago, since no daemon says
   * anything that can be trusted.
   */
  state: 'waiting' | 'fresh' | 'kept';
  /** Milliseconds that it has been waiting or kept; 0 if it is fresh. */
  forMs: number;
  /** What is wrong, or why there is no instance. */
  reason?: string;
}

/** The state of a pool after a change. */
export interface PoolUpdate {
  instances: readonly Weighted[];
  status: PoolStatus;
}

/** An instance that a request is sent to. */
export interface Acquired {
  instance: Weighted;
  /** Says that the request is over. */
  release: () => void;
}
