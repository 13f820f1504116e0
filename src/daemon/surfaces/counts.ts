/** How much the surfaces have answered, for the metrics. */

export class SurfaceCounts {
  readonly #answers = new Map<string, Map<number, number>>();
  readonly #leftOut = new Map<string, number>();

  /** @param status  of HTTP; for DNS its response code */
  answered(surface: string, status: number): void {
    let ofSurface = this.#answers.get(surface);
    if (!ofSurface) this.#answers.set(surface, (ofSurface = new Map<number, number>()));
    ofSurface.set(status, (ofSurface.get(status) ?? 0) + 1);
  }

  leftOut(surface: string): void {
    this.#leftOut.set(surface, (this.#leftOut.get(surface) ?? 0) + 1);
  }

  /** Answers since the start, by surface and status. */
  get answers(): ReadonlyMap<string, ReadonlyMap<number, number>> {
    return this.#answers;
  }

  /** Entries that were left out of answers since the start, by surface: once for each time that an answer was made. */
  get entriesLeftOut(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }
}
