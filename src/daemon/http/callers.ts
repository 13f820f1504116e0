/** Counts connections: in all, and from each address. */

/** How many there may be. */
export interface Cap {
  total: number;
  /** From one address, behind which there may be a whole data centre. */
  perAddress: number;
}

export class Callers {
  #total = 0;
  readonly #ofAddress = new Map<string, number>();

  constructor(private readonly cap: Cap) {}

  get total(): number {
    return this.#total;
  }

  /** Which cap is reached for one more from `address`; undefined if none is. */
  reached(address: string): 'total' | 'address' | undefined {
    if (this.#total >= this.cap.total) return 'total';
    return (this.#ofAddress.get(address) ?? 0) >= this.cap.perAddress ? 'address' : undefined;
  }

  enter(address: string): void {
    this.#total++;
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
  }

  leave(address: string): void {
    this.#total--;
    const ofAddress = this.#ofAddress.get(address)! - 1;
    if (ofAddress > 0) this.#ofAddress.set(address, ofAddress);
    else this.#ofAddress.delete(address);
  }
}
