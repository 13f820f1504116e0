/** Waiting until peers have documents as they are now. */

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
    /** The links to those who are to have them, at the moment. */
    private readonly members: () => readonly Link[],
  ) {}

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when everyone (or, with `any`, somebody) who is alive has these documents as they are now, or after
   * `withinMs`, whichever comes first. One that is no longer there is not waited for: a later epoch has taken its
   * place.
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

  /** To be called after each exchange, and when members come or go. */
  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #has(link: Link, { name, heads }: { name: DocumentName; heads: Heads }): boolean {
    const document = this.documents.get(name);
    return document === undefined || document.covers(link.sync.theirs(name) ?? [], heads);
  }
}
