/**
 * Points in time (ms) on the three clocks, which are never compared with one another. The compiler rejects a time of
 * one clock where that of another is expected. A sum or difference is a plain number: a duration, or a time of the
 * clock that it was made from.
 */

/**
 * On the lease clock, which is slower than time while the daemon is stalled: leases, ages and deadlines
 * (lease-clock.ts).
 */
export type LeaseTime = number & { readonly __clock?: 'lease' };

/** On the monotonic clock of the process: intervals, and measurements of peers and of the daemon itself. */
export type MonotonicTime = number & { readonly __clock?: 'monotonic' };

/** Unix ms by the clock of a host: shown to people, never used for decisions. */
export type WallTime = number & { readonly __clock?: 'wall' };
