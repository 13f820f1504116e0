/** A service instance: registers, renews at the daemons it knows, fails over, and stops one day. */

import type { Daemon } from '../../src/daemon/core/daemon.js';
import { BenderError } from '../../src/model/errors.js';
import { type Meta, parseId } from '../../src/model/registration.js';
import type { Host, World } from '../helpers/world.js';
import type { Decided, Life, Truth } from './truth.js';

/** ms that a client waits for an answer before it tries the next daemon. */
const patience = 400;

export type Habit = 'sticky' | 'rotating' | 'random';

/** What a daemon answered, when it took the question, and who was in touch with it then. */
interface Answer {
  value: boolean;
  at: number;
  heardBy: Set<string>;
  /** Whether that daemon holds it. */
  held: boolean;
}

/** Something that the service said anew of itself. */
interface Update {
  n: number;
  at: number;
  host: Host | undefined;
  /** Whether the daemon that took it must have known of all before it. */
  isInformed: boolean;
  acknowledgedAt: number | undefined;
}

export class Client {
  readonly life: Life;
  readonly updates: Update[] = [];
  stopped = false;
  #turn: number;
  #generation = 0;
  /** What it says of itself, at each registration. */
  #meta: Meta | undefined;
  /** The update before is answered. */
  #updated: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly truth: Truth,
    id: string,
    ttl: number,
    private readonly habit: Habit,
    private readonly hosts: Host[],
    /** A new instance id for each start of the service, or none. */
    private readonly instance: string | undefined,
  ) {
    this.life = {
      id,
      ttl,
      acks: [],
      deleteSentAt: undefined,
      deletedAt: undefined,
      deletedLives: undefined,
      registering: 0,
      registerSentAt: 0,
      takenLateAt: 0,
      touched: new Map(),
      decided: [],
    };
    truth.lives.set(id, this.life);
    this.#turn = Math.floor(world.random() * hosts.length);
  }

  /** Lives until it is stopped. Renewals are due every third of the TTL, give or take. */
  async run(): Promise<void> {
    await this.#register();
    while (!this.stopped) {
      await this.wait((this.life.ttl / 3) * (0.8 + 0.4 * this.world.random()));
      if (this.stopped) return;
      const known = await this.#anywhere((daemon) => daemon.renew(this.life.id), true);
      if (known === false && !this.stopped) await this.#register();
    }
  }

  /** Ends without a word. */
  stop(): void {
    this.stopped = true;
  }

  /** Deletes its registration; whether it goes on renewing is another question. */
  async deregister(): Promise<void> {
    this.stopped = true;
    // A registration under way could come after it.
    while (this.life.registering > 0) await this.wait(10);
    this.life.deleteSentAt = this.world.time;
    let knewAll = false;
    const deleted = await this.#anywhere((daemon, host) => {
      knewAll = this.truth.knowsAll(host.name, this.life);
      this.life.deletedLives = this.truth.deletable(host, this.life);
      return known(daemon.deregister(this.life.id));
    }, false);
    // A daemon that did not know of it, because it was cut off, has promised nothing.
    if (deleted && knewAll) this.life.deletedAt = this.world.time;
  }

  /** Says something else of itself, at whatever daemon it talks to, when what it said before is answered. */
  update(): Promise<void> {
    return (this.#updated = this.#updated.then(async () => {
      if (this.stopped) return;
      const n = this.updates.length + 1;
      this.#meta = { n };
      const update: Update = {
        n,
        at: this.world.time,
        host: undefined,
        isInformed: false,
        acknowledgedAt: undefined,
      };
      this.updates.push(update);
      const answer = await this.#register((host) => {
        update.host = host;
        update.isInformed = this.truth.isInformed(host.name, this.life);
      });
      if (answer) update.acknowledgedAt = this.world.time;
    }));
  }

  /** What every daemon must show of it at the end; undefined where nothing is certain. */
  get lastUpdate(): Update | undefined {
    const isCertain = ({ isInformed, acknowledgedAt }: Update): boolean =>
      isInformed && acknowledgedAt !== undefined;
    const last = this.updates.at(-1);
    if (this.stopped || !last || !this.updates.slice(-3).every(isCertain)) return undefined;
    return this.truth.outlasted(last.host!.name, last.at, last.acknowledgedAt!) ? last : undefined;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.world.after(ms, resolve));
  }

  /** An operator decides about it at a daemon. Whether the daemon answers or not, the decision may have been taken. */
  async decide(host: Host, draining: boolean): Promise<void> {
    let taken: Decided | undefined;
    const answer = await this.#ask(host, async (daemon) => {
      taken = this.truth.decide(this.life, host, draining);
      return known(daemon.setState(this.life.id, { draining, reason: `at ${this.world.time.toFixed(0)}` }));
    });
    if (taken && answer?.value) taken.acknowledgedAt = this.world.time;
  }

  async #register(onTaken: (host: Host) => void = () => {}): Promise<boolean | undefined> {
    const { id, ttl } = this.life;
    const meta = this.#meta;
    this.life.registering++;
    this.life.registerSentAt = this.world.time;
    const instance = this.instance && `${this.instance}-${this.#generation}`;
    const answer = await this.#anywhere((daemon, host) => {
      onTaken(host);
      // Also where the client has given up waiting: a daemon that was stalled takes it when it goes on.
      this.life.registerSentAt = this.world.time;
      daemon.register(parseId(id), { ttl, ...(meta && { meta }), ...(instance ? { instance } : {}) });
      return true;
    }, true);
    this.life.registering--;
    return answer;
  }

  /** Asks one daemon after the other until one answers. */
  async #anywhere(
    ask: (daemon: Daemon, host: Host) => boolean | Promise<boolean>,
    acknowledges: boolean,
  ): Promise<boolean | undefined> {
    for (let attempt = 0; attempt < 3 * this.hosts.length; attempt++) {
      if (this.habit === 'random') this.#turn = Math.floor(this.world.random() * this.hosts.length);
      else if (this.habit === 'rotating' || attempt > 0) this.#turn = (this.#turn + 1) % this.hosts.length;
      const host = this.hosts[this.#turn]!;
      const answer = await this.#ask(host, (daemon) => ask(daemon, host));
      if (answer === undefined) continue;
      const { value, ...acknowledged } = answer;
      if (value && acknowledges) this.life.acks.push({ host, ...acknowledged });
      return value;
    }
    return undefined;
  }

  /** The answer, and when the daemon took the question; undefined where none came. */
  #ask(host: Host, ask: (daemon: Daemon) => boolean | Promise<boolean>): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const timer = this.world.after(patience, () => resolve(undefined));
      const answer = (value: Answer | undefined): void => {
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
          const onValue = (value: boolean): void => {
            const held = daemon.view.copies(this.life.id).some(({ holder }) => holder === daemon.runId);
            if (host.process === process && !host.stalled) answer({ value, at, heardBy, held });
          };
          void Promise.resolve(ask(daemon)).then(onValue, (error: unknown) => {
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
const known = (command: Promise<unknown>): Promise<boolean> =>
  command.then(
    () => true,
    (error: unknown) => {
      if (error instanceof BenderError && error.code === 'NOT_FOUND') return false;
      throw error;
    },
  );
