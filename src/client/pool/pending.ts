/** How many requests each instance has at present. */

export class Pending {
  readonly #counts = new Map<string, number>();

  of(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  /** Counts a request, until the returned function is called. Further calls of it do nothing. */
  add(id: string): () => void {
    this.#counts.set(id, this.of(id) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = this.of(id) - 1;
      if (left > 0) this.#counts.set(id, left);
      else this.#counts.delete(id);
    };
  }
}
