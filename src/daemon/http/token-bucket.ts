/** A rate: so many per second in the long run, and bursts of so many at once. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly now = () => performance.now(),
  ) {
    this.#tokens = burst;
    this.#at = now();
  }

  /**
   * Takes one. Returns 0, or the seconds (rounded up) after which there is one again.
   *
   * @param ahead  how many may be taken before they are there
   */
  take(ahead = 0): number {
    const now = this.now();
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#tokens + ahead < 1) return Math.ceil((1 - ahead - this.#tokens) / this.perSecond);
    this.#tokens--;
    return 0;
  }
}
