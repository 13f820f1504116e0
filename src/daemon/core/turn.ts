/**
 * One input and everything that follows from it, in this order and nowhere else:
 *
 * 1. awake      after a suspension, queued requests are dropped (`Daemon.awake`)
 * 2. input      documents, leases and membership change; arrivals from peers are taken into the view
 * 3. liveness   if membership has news, or at a tick: lost, back, isolated
 * 4. reconcile  own entries follow the ids that changed elsewhere
 * 5. publish    queued events (daemon-*, catalog), then the view's difference: each into the EventLog once
 * 6. arm        one alarm for the earliest deadline
 * 7. push       relays what peers brought, and checks pending deliveries; own holdings and the catalog are
 *               committed, if they were written, once at the end of this event-loop turn, and pushed then
 *
 * Inputs nest: an input inside a turn joins it. If the input throws, the rest of 2 and 3 to 7 still run. A step that
 * throws is logged, and the others still run, since the input has been applied by then.
 *
 * The inputs are the commands (register, renew, deregister, drain, catalog writes), a frame or an answer received, the
 * settlement of forwarded renewals, the alarm, the tick, and the end of a join. The renewal of an entry that is held
 * here is no turn: it only moves a deadline, which no step reads.
 */

import type { Log } from './log.js';
import type { Runtime } from './runtime.js';

/** What follows from an input: see the order above. */
export interface TurnSteps {
  /** 2. Takes arrivals from peers into the view. */
  takeIn(): void;
  /** Whether anything was heard that may change what {@link review} finds. */
  hasNews(): boolean;
  /** 3. Compares every incarnation's last sign of life with the clock. */
  review(): void;
  /** 4. Makes own entries follow what changed elsewhere. */
  reconcile(): void;
  /** 5. Publishes what changed. */
  publish(): void;
  /** 6. Sets the alarm. */
  arm(): void;
  /** 7. Passes on what peers have brought. */
  relay(): void;
  /** Whether something was written here that is not committed. */
  isDirty(): boolean;
  /** 7. Commits what was written here, and pushes it. */
  commit(): void;
}

export class Turn {
  #running = false;
  #input = 'the start';
  #reviewDue = false;
  #commitDue = false;

  constructor(
    /** Called at each turn, since the steps and the inputs need each other. */
    private readonly steps: () => TurnSteps,
    private readonly runtime: Pick<Runtime, 'defer'>,
    private readonly log: Pick<Log, 'error'>,
  ) {}

  /** The current input or, between turns, the last one: for the log of a daemon that fails. */
  get doing(): string {
    return this.#running ? this.#input : `nothing, after ${this.#input}`;
  }

  /**
   * Takes one input; returns what it returns, and throws what it throws.
   *
   * @param name  of the input, for {@link doing}
   */
  run<T>(input: () => T, name = 'a timer'): T {
    if (this.#running) return input();
    this.#running = true;
    this.#input = name;
    try {
      return input();
    } finally {
      this.#follow();
      this.#running = false;
    }
  }

  /** Makes this turn review liveness, whether or not there is news. */
  review(): void {
    this.#reviewDue = true;
  }

  /** Commits now, for a caller that waits until every peer has the write. */
  commit(): void {
    this.#commitDue = false;
    this.steps().commit();
  }

  #follow(): void {
    const steps = this.steps();
    this.#attempt('take in', () => steps.takeIn());
    this.#attempt('review', () => {
      if (!this.#reviewDue && !steps.hasNews()) return;
      this.#reviewDue = false;
      steps.review();
    });
    this.#attempt('reconcile', () => steps.reconcile());
    this.#attempt('publish', () => steps.publish());
    this.#attempt('arm', () => steps.arm());
    this.#attempt('relay', () => steps.relay());
    this.#attempt('commit', () => this.#commitLater(steps));
  }

  /** Commits once for everything that is written until then. */
  #commitLater(steps: TurnSteps): void {
    if (this.#commitDue || !steps.isDirty()) return;
    this.#commitDue = true;
    this.runtime.defer(() => this.#attempt('commit', () => this.commit()));
  }

  #attempt(step: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.log.error({ step, err: error }, 'a step of a turn failed');
    }
  }
}
