/**
 * Slows down an address that shows wrong tokens: beyond a burst it may show one per second. A right token from the same
 * address is never slowed down, since others may share the address.
 */

import { TokenBucket } from '../token-bucket.js';

const perSecond = 1;

/** Addresses that are remembered; beyond that, those that failed first are forgotten. */
const mostAddresses = 10_000;

export class FailureBrake {
  readonly #byAddress = new Map<string, TokenBucket>();

  /** @param burst  wrong tokens that an address may show at once */
  constructor(
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A wrong token has come from this address. Returns 0, or the seconds after which it may try again. */
  fail(address: string): number {
    let bucket = this.#byAddress.get(address);
    if (!bucket) {
      if (this.#byAddress.size >= mostAddresses) this.#forgetFirst();
      bucket = new TokenBucket(perSecond, this.burst, this.now);
      this.#byAddress.set(address, bucket);
    }
    return bucket.take();
  }

  get size(): number {
    return this.#byAddress.size;
  }

  #forgetFirst(): void {
    const [first] = this.#byAddress.keys();
    this.#byAddress.delete(first!);
  }
}
