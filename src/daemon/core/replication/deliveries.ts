/** Waits until peers have documents in their present state. */

import type { Heads } from '../../../crdt/document.js';
import type { DocumentName } from '../../../crdt/ids.js';
import type { Documents } from '../../../crdt/sync-message.js';
import type { Link } from './link.js';
import type { Runtime } from '../runtime.js';

export class Deliveries {
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly runtime: Pick<Runtime, 'after'>,
    private readonly documents: Pick<Documents, 'get'>,
    /** Links to the present members. */
    private readonly members: () => readonly Link[],
  ) {}

  /** How many deliveries are pending. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when every live member (with `any`: one of them) has these documents in their present state, or after
   * `withinMs`. A document that no longer exists is not waited for: a later epoch has replaced it.
   */
  delivered(names: readonly DocumentName[], withinMs: number, any = false): Promise<void> {
    const wanted = names.map((name) => ({ name, heads: this.documents.get(name)!.heads }));
    return new Promise((resolve) => {
      const timer = this.runtime.after(withinMs, () => done());
      const done = (): void => {
        timer.cancel();
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        const links = this.members();
        const hasAll = (link: Link): boolean => wanted.every((one) => this.#has(link, one));
        if (any && links.length > 0 ? links.some(hasAll) : links.every(hasAll)) done();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Checks the pending deliveries. Call it after each exchange, and when members come or go. */
  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #has(link: Link, { name, heads }: { name: DocumentName; heads: Heads }): boolean {
    const document = this.documents.get(name);
    return document === undefined || document.covers(link.sync.theirs(name) ?? [], heads);
  }
}
