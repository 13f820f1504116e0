/**
 * Who has called lately: they may be no members, or not yet, and get a link for as long as they keep calling. There are
 * at most {@link guestsKept} of them, so that whoever reaches the port cannot make this daemon keep more and more.
 */

/** ms that a link is kept to somebody who does not call any more. */
const guestFor = 10_000;

/** Guests at a time; whoever called longest ago makes room. */
export const guestsKept = 256;

export class Guests {
  /** When each called last, by URL, in that order. */
  readonly #calledAt = new Map<string, number>();

  has(url: string): boolean {
    return this.#calledAt.has(url);
  }

  /** @returns the URL of the guest that makes room for this one, if one has to */
  welcome(url: string, now: number): string | undefined {
    this.#calledAt.delete(url);
    this.#calledAt.set(url, now);
    if (this.#calledAt.size <= guestsKept) return undefined;
    const [oldest] = this.#calledAt.keys();
    this.#calledAt.delete(oldest!);
    return oldest;
  }

  /** Forgets those who have not called for some time. */
  expire(now: number): void {
    for (const [url, calledAt] of this.#calledAt) {
      if (now - calledAt <= guestFor) return;
      this.#calledAt.delete(url);
    }
  }
}
