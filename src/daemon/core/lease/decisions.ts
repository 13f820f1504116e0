/**
 * What operators decide through this daemon, and the ends of drains that end by themselves. A decision is written at
 * once, whichever daemon holds the entry: beside the entries, where it counts until the holder has copied it. It is no
 * sign of life.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { type Entry, withDecision } from '../../../crdt/entry.js';
import type { Decided } from '../../../crdt/holdings.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId, RegistrationState } from '../../../model/registration.js';
import type { Runtime } from '../runtime.js';
import type { DrainEnds } from './drain-ends.js';
import type { KeptDecisions } from './kept-decisions.js';
import { nextDecision } from './next-decision.js';
import type { OwnEntries } from './own-entries.js';

export interface DecisionsContext {
  readonly runtime: Pick<Runtime, 'wallNow' | 'randomId'>;
  readonly view: View;
  readonly drainEnds: DrainEnds;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

/** Drains that are written again without a pause. */
const handedOnAtOnce = 500;

export class Decisions {
  /** Drains that are to be written again. */
  readonly #toHandOn = new Set<RegistrationId>();

  /** @param reconcile  makes the own entry of an id follow */
  constructor(
    private readonly context: DecisionsContext,
    private readonly kept: KeptDecisions,
    private readonly entries: OwnEntries,
    private readonly reconcile: (id: RegistrationId) => void,
  ) {}

  /** Drains or undrains a registration that is online. Returns the entry as it is now; undefined if it is offline. */
  decide(id: RegistrationId, state: RegistrationState): Entry | undefined {
    const { view, runtime } = this.context;
    const entry = view.winner(id)?.entry;
    const decision = entry && nextDecision(entry.decision, state, runtime);
    if (!entry || !decision) return entry;
    this.#write(id, { life: entry.life, decision });
    return withDecision(entry, decision);
  }

  /** Keeps a decision that a former incarnation of this daemon has kept. */
  keep(id: RegistrationId, decided: Decided): void {
    this.kept.keep(id, decided, this.context.now());
  }

  /** Ends the drains whose time is over. */
  endDrains(): void {
    for (const [id, life, decision] of this.context.drainEnds.takeDue()) this.#write(id, { life, decision });
  }

  /** Writes again how much time is left of each drain that ends by itself, since others go on without this daemon. */
  handOnDrains(): void {
    this.noteDrains();
    while (this.handOnSome());
  }

  /** Notes the drains that end by themselves, for {@link handOnSome}: there may be tens of thousands. */
  noteDrains(): void {
    for (const id of this.context.drainEnds.ids()) this.#toHandOn.add(id);
  }

  /** Writes again how much time is left of some that were noted. Returns whether there are more. */
  handOnSome(): boolean {
    let count = 0;
    for (const id of this.#toHandOn) {
      if (count++ === handedOnAtOnce) return true;
      this.#toHandOn.delete(id);
      this.entries.handOn(id);
      this.kept.handOn(id);
    }
    return false;
  }

  /** Drops what is no longer needed. */
  tidy(): void {
    this.kept.tidy(this.context.now());
    this.context.drainEnds.tidy();
  }

  #write(id: RegistrationId, decided: Decided): void {
    this.keep(id, decided);
    this.reconcile(id);
  }
}
