/** How a process talks to daemons about one registration: it asks one, waits for a while, and tries the next. */

import type { Daemon } from '../../src/daemon/core/daemon.js';
import { BenderError } from '../../src/model/errors.js';
import type { Host, World } from '../helpers/world.js';
import type { Life, Truth } from './truth.js';
import { asId } from '../../src/model/registration.js';

/** ms that a client waits for an answer before it tries the next daemon. */
const patience = 400;

export type Habit = 'sticky' | 'rotating' | 'random';

/** What a daemon answered, when it took the question, and which daemons were in touch with it then. */
export interface Answer<T> {
  value: T;
  at: number;
  host: Host;
  heardBy: Set<string>;
  /** Whether that daemon holds it. */
  held: boolean;
}

type Ask<T> = (daemon: Daemon, host: Host) => T | Promise<T>;

export class Caller {
  #turn: number;

  constructor(
    private readonly world: World,
    private readonly truth: Truth,
    private readonly life: Life,
    private readonly habit: Habit,
    private readonly hosts: readonly Host[],
  ) {
    this.#turn = Math.floor(world.random() * hosts.length);
  }

  /** Asks one daemon after the other until one answers. */
  async anywhere<T>(ask: Ask<T>): Promise<Answer<T> | undefined> {
    for (let attempt = 0; attempt < 3 * this.hosts.length; attempt++) {
      if (this.habit === 'random') this.#turn = Math.floor(this.world.random() * this.hosts.length);
      else if (this.habit === 'rotating' || attempt > 0) this.#turn = (this.#turn + 1) % this.hosts.length;
      const answer = await this.ask(this.hosts[this.#turn]!, ask);
      if (answer) return answer;
    }
    return undefined;
  }

  /** The answer, and when the daemon took the question; undefined where none came. */
  ask<T>(host: Host, ask: Ask<T>): Promise<Answer<T> | undefined> {
    return new Promise((resolve) => {
      const timer = this.world.after(patience, () => resolve(undefined));
      const answer = (value: Answer<T> | undefined): void => {
        this.world.after(this.#delay(), () => {
          timer.cancel();
          resolve(value);
        });
      };
      const process = host.process;
      const sentAt = this.world.time;
      this.world.after(
        this.#delay(),
        () => {
          const daemon = host.daemon;
          if (daemon?.phase !== 'running') return answer(undefined);
          if (!daemon.awake()) return answer(undefined);
          const at = this.world.time;
          // Its client has given up by now, and does not count on it; the daemon cannot know.
          if (at - sentAt > patience) this.life.takenLateAt = at;
          const heardBy = this.truth.companions(host.name);
          this.life.touched.set(host.name, at);
          const onValue = (value: T): void => {
            const held = daemon.view.copies(asId(this.life.id)).some(({ holder }) => holder === daemon.runId);
            if (host.process === process && !host.stalled) answer({ value, at, host, heardBy, held });
          };
          void Promise.resolve(ask(daemon, host)).then(onValue, (error: unknown) => {
            // It was suspended meanwhile and promises nothing.
            if (!(error instanceof BenderError) || error.code !== 'NOT_READY') throw error;
            answer(undefined);
          });
        },
        host,
      );
    });
  }

  #delay(): number {
    return 0.2 + this.world.random();
  }
}

/** False where the daemon says that there is no such registration. */
export const known = (command: Promise<unknown>): Promise<boolean> =>
  command.then(
    () => true,
    (error: unknown) => {
      if (error instanceof BenderError && error.code === 'NOT_FOUND') return false;
      throw error;
    },
  );
