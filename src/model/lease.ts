/** What is known of the leases on registrations. */

import type { RegistrationId } from './registration.js';

/** The lease on one registration, in the answer to `GET /leases`. Each holder knows its own leases only. */
export interface LeaseInfo {
  id: RegistrationId;
  /** ms that it stays registered without a renewal. */
  ttl: number;
  /** The name of the daemon that holds it. */
  holder: string;
  /** ms until it ends, unless it is renewed; absent if the holder has not said. */
  remaining?: number;
  /** The holder is lost: after this time it ends, unless it is renewed at another daemon. */
  lost?: true;
  /** What the probes of its check have found; absent without a check, or if the holder has not said. */
  probes?: ProbeResults;
}

export interface ProbeResults {
  /** ms since it passed last, or since the holder began to probe it. */
  passedAgo: number;
  /** Failures in a row. */
  fails: number;
  /** What the last probe said, if it failed. */
  problem?: string;
}
