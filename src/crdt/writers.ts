/** How far each writer of a document has come: decides which changes can follow the present state. */

import type { Change } from './change-reader.js';

interface Progress {
  /** How many changes of this writer there are. */
  seq: number;
  /** The lamport of its last write. */
  lamport: number;
}

/** The result of choosing the changes that can be merged. */
export interface Admitted {
  /** The new ones, in order. */
  readonly changes: readonly Change[];
  /** Why one of the others cannot be part of this document. */
  readonly misfit: string | undefined;
  /** How far each writer has come once these are merged. */
  readonly progress: ReadonlyMap<string, Progress>;
}

export class Writers {
  readonly #progress = new Map<string, Progress>();
  /** The highest lamport of any write. */
  #lamport = 0;

  /** @param own  the actor id of this copy */
  constructor(private readonly own: string) {}

  /**
   * Chooses the changes that are new and fit. Changes that follow an unknown change are left out: they will be sent
   * again.
   *
   * @param knows  whether the document has a change
   */
  admit(changes: readonly Change[], knows: (hash: string) => boolean): Admitted {
    const fresh: Change[] = [];
    const hashes = new Set<string>();
    const progress = new Map<string, Progress>();
    let misfit: string | undefined;
    let highest = this.#lamport;
    const isKnown = (hash: string): boolean => hashes.has(hash) || knows(hash);
    for (const change of changes) {
      const { hash, actor, seq, startOp, deps, writes } = change;
      const writer = progress.get(actor) ?? this.#progress.get(actor) ?? { seq: 0, lamport: 0 };
      if (seq <= writer.seq && isKnown(hash)) continue;
      if (!deps.every(isKnown)) continue;
      if (actor === this.own) misfit ??= 'it bears the id of this writer, which did not write it';
      else if (seq !== writer.seq + 1) misfit ??= `number ${seq} of a writer of whom ${writer.seq} are known`;
      else if (startOp <= writer.lamport || startOp > highest + 1) misfit ??= 'its writes are out of order';
      else {
        const last = startOp + writes.length - 1;
        progress.set(actor, { seq, lamport: last });
        highest = Math.max(highest, last);
        hashes.add(hash);
        fresh.push(change);
      }
    }
    return { changes: fresh, misfit, progress };
  }

  /** These changes were merged. */
  merged({ progress }: Pick<Admitted, 'progress'>): void {
    for (const [actor, { seq, lamport }] of progress) this.#wrote(actor, seq, lamport);
  }

  /** The document was loaded with these changes. */
  loaded(changes: readonly Change[]): void {
    for (const { actor, seq, startOp, writes } of changes) this.#wrote(actor, seq, startOp + writes.length - 1);
  }

  /** A change with this many writes was made here. */
  committed(writes: number): void {
    this.#wrote(this.own, (this.#progress.get(this.own)?.seq ?? 0) + 1, this.#lamport + writes);
  }

  #wrote(actor: string, seq: number, lamport: number): void {
    this.#progress.set(actor, { seq, lamport });
    this.#lamport = Math.max(this.#lamport, lamport);
  }
}
