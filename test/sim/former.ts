/**
 * A process whose place at its address another one has taken, and that does not know: it may go on renewing for a
 * moment, and says goodbye late. Nothing that it says may end, or renew, what has followed it.
 */

import { ReplacedError } from '../../src/model/errors.js';
import type { Daemon } from '../../src/daemon/core/daemon.js';
import type { Stage } from './stage.js';
import { Caller, known } from './caller.js';
import type { Life } from './truth.js';
import { asId } from '../../src/model/registration.js';

/** ms by which a goodbye comes late at most. */
const latest = 5000;

export class Former {
  readonly #caller: Caller;

  constructor(
    private readonly stage: Stage,
    private readonly life: Life,
    private readonly instance: string | undefined,
  ) {
    this.#caller = new Caller(stage.world, stage.truth, life, 'random', stage.hosts);
  }

  async run(): Promise<void> {
    const { below, chance, world } = this.stage;
    // Without a name, its renewals would be those of its successor.
    for (let left = this.instance && chance(0.4) ? 1 + below(3) : 0; left > 0; left--) {
      await new Promise<void>((resolve) => void world.after(this.life.ttl / 3, resolve));
      await this.#caller.anywhere((daemon) => this.#renew(daemon));
    }
    if (chance(0.7)) world.after(below(latest), () => void this.#sayGoodbye());
  }

  /** Where its successor is not known, this is a sign of life. */
  async #renew(daemon: Daemon): Promise<boolean> {
    const { life, instance } = this;
    const isSuccessorThere = this.#isFollowed(daemon);
    life.takenLateAt = this.stage.world.time;
    const renewed = await daemon.renew(life.id, instance).catch((error: unknown) => {
      if (error instanceof ReplacedError) return false;
      throw error;
    });
    if (renewed && isSuccessorThere) this.#report(`${String(instance)} was renewed`, daemon);
    return renewed;
  }

  async #sayGoodbye(): Promise<void> {
    const { life, instance } = this;
    life.goodbyes.add(instance);
    await this.#caller.anywhere(async (daemon) => {
      const isFollowed = this.#isFollowed(daemon);
      const done = await known(daemon.deregister(life.id, instance));
      if (done && isFollowed) this.#report(`the goodbye of ${String(instance)} was taken`, daemon);
      return done;
    });
  }

  /** Whether this daemon shows another instance under its id, or another version at its address. */
  #isFollowed({ view }: Daemon): boolean {
    const { life, instance } = this;
    const winner = view.winner(asId(life.id));
    return winner ? winner.entry.instance !== instance : view.siblings(asId(life.id)).length > 0;
  }

  #report(what: string, { settings }: Daemon): void {
    this.stage.checker.report('instances', `${what} at ${settings.name}, for ${this.life.id}`);
  }
}
