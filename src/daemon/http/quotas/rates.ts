/** How much one token, or all callers, may still do in this second. */

import { catalogBurstSeconds, requestBurstSeconds } from '../load-limits.js';
import { TokenBucket } from '../token-bucket.js';

export class Rates {
  readonly requests: TokenBucket | undefined;
  readonly catalogWrites: TokenBucket | undefined;
  /** Requests that renewals may use in advance. */
  readonly ahead: number;

  constructor(
    { requests, catalogWrites }: { requests: number | undefined; catalogWrites: number | undefined },
    now?: () => number,
  ) {
    this.ahead = (requests ?? 0) * requestBurstSeconds;
    this.requests = requests === undefined ? undefined : new TokenBucket(requests, this.ahead, now);
    this.catalogWrites =
      catalogWrites === undefined
        ? undefined
        : new TokenBucket(catalogWrites, catalogWrites * catalogBurstSeconds, now);
  }

  /** Returns 0, or the seconds after which to try again. */
  takeRequest(isUrgent: boolean): number {
    return this.requests?.take(isUrgent ? this.ahead : 0) ?? 0;
  }

  /** The same for a change of the catalog. */
  takeCatalogWrite(): number {
    return this.catalogWrites?.take() ?? 0;
  }
}
