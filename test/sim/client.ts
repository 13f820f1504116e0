/** A service instance: registers, renews at the daemons it knows, fails over, and stops one day. */

import { ReplacedError } from '../../src/model/errors.js';
import { type Meta, parseId, type RegistrationState } from '../../src/model/registration.js';
import type { Host, World } from '../helpers/world.js';
import { type Answer, Caller, type Habit, known } from './caller.js';
import type { Decided, Life, Truth } from './truth.js';

/** Something that the service said anew of itself. */
interface Update {
  n: number;
  at: number;
  host: Host | undefined;
  /** Whether the daemon that took it must have known of all before it. */
  isInformed: boolean;
  acknowledgedAt: number | undefined;
  /** How many ms a message could take when it was taken: for so long it may be on its way to the holder. */
  travel: number;
}

/** What to do when a daemon takes the first registration of a client, and when that is answered. */
interface FirstRegistration {
  onTaken?: (host: Host) => void;
  onRegistered?: (answer: Answer<true>) => void;
}

export class Client {
  readonly life: Life;
  readonly updates: Update[] = [];
  stopped = false;
  readonly #caller: Caller;
  #generation = 0;
  /** Whether a registration of its present start was answered. */
  #isAcknowledged = false;
  /** What it says of itself, at each registration. */
  #meta: Meta | undefined;
  /** The update before is answered. */
  #updated: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly truth: Truth,
    id: string,
    ttl: number,
    habit: Habit,
    hosts: readonly Host[],
    /** What each start of the service is called, with a number behind it; undefined if they have no names. */
    private readonly name: string | undefined,
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
      replacedAt: undefined,
      goodbyes: new Set(),
      former: new Set(),
      begunAt: Infinity,
      contestedUntil: -Infinity,
    };
    truth.lives.set(id, this.life);
    this.#caller = new Caller(world, truth, this.life, habit, hosts);
  }

  /** The name of the present start of the service. */
  get instance(): string | undefined {
    return this.name && `${this.name}-${this.#generation}`;
  }

  /** Lives until it is stopped. Renewals are due every third of the TTL, give or take. */
  async run({ onTaken, onRegistered }: FirstRegistration = {}): Promise<void> {
    const answer = await this.#register(onTaken);
    if (answer) onRegistered?.(answer);
    while (!this.stopped) {
      await this.wait((this.life.ttl / 3) * (0.8 + 0.4 * this.world.random()));
      if (this.stopped) return;
      const { instance } = this;
      const renewal = await this.#caller.anywhere((daemon) => daemon.renew(this.life.id, instance).catch(replaced));
      if (renewal?.value === true && instance === this.instance) this.#acknowledged(renewal);
      else if (renewal?.value === false && !this.stopped) await this.#register();
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
    this.life.goodbyes.add(this.instance);
    const deleted = await this.#caller.anywhere((daemon, host) => {
      knewAll = this.truth.knowsAll(host.name, this.life);
      this.life.deletedLives = this.truth.deletable(host, this.life);
      return known(daemon.deregister(this.life.id, this.instance));
    });
    // A daemon that did not know of it, because it was cut off, has promised nothing.
    if (deleted?.value && knewAll) this.life.deletedAt = this.world.time;
  }

  /**
   * Another process takes the place of this one at its address, and says something else. @param onStart  called when it
   * registers
   */
  restart(onStart: () => void): Promise<void> {
    return this.update(() => {
      this.life.former.add(this.instance);
      this.#generation++;
      this.#isAcknowledged = false;
      this.life.begunAt = Infinity;
      onStart();
    });
  }

  /** Says something else of itself, at whatever daemon it talks to, when what it said before is answered. */
  update(onStart?: () => void): Promise<void> {
    return (this.#updated = this.#updated.then(async () => {
      if (this.stopped) return;
      onStart?.();
      const n = this.updates.length + 1;
      this.#meta = { n };
      const update: Update = {
        n,
        at: this.world.time,
        host: undefined,
        isInformed: false,
        acknowledgedAt: undefined,
        travel: 0,
      };
      this.updates.push(update);
      const answer = await this.#register((host) => {
        update.host = host;
        update.travel = this.world.network.delay[1];
        update.isInformed = this.truth.isInformed(host.name, this.life);
      });
      if (answer) update.acknowledgedAt = this.world.time;
    }));
  }

  /** What every daemon must show of it at the end; undefined where nothing is certain. */
  get lastUpdate(): Update | undefined {
    const isCertain = ({ isInformed, acknowledgedAt }: Update): boolean => isInformed && acknowledgedAt !== undefined;
    const last = this.updates.at(-1);
    const recent = this.updates.slice(-3);
    // Through another daemon it may reach the holder before the one that was said first.
    const overtakes = recent.some(({ host, at }, index) => {
      const before = recent[index - 1];
      return before && before.host !== host && at < (before.acknowledgedAt ?? at) + before.travel;
    });
    if (this.stopped || !last || overtakes || !recent.every(isCertain)) return undefined;
    return this.truth.outlasted(last.host!.name, last.at, last.acknowledgedAt!) ? last : undefined;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.world.after(ms, resolve));
  }

  /** An operator decides about it at a daemon. Whether the daemon answers or not, the decision may have been taken. */
  async decide(
    host: Host,
    { draining, forMs }: RegistrationState,
    onTaken: (taken: Decided) => void = () => undefined,
  ): Promise<void> {
    let taken: Decided | undefined;
    const answer = await this.#caller.ask(host, async (daemon) => {
      taken = this.truth.decide(this.life, host, draining, forMs);
      onTaken(taken);
      const reason = `at ${this.world.time.toFixed(0)}`;
      return known(daemon.setState(this.life.id, { draining, reason, ...(forMs !== undefined && { forMs }) }));
    });
    if (taken && answer?.value) taken.acknowledgedAt = this.world.time;
  }

  async #register(onTaken: (host: Host) => void = () => {}): Promise<Answer<true> | undefined> {
    const { id, ttl } = this.life;
    const meta = this.#meta;
    this.life.registering++;
    this.life.registerSentAt = this.world.time;
    const { instance } = this;
    const isFollowing = this.life.former.size > 0 && !this.#isAcknowledged;
    const answer = await this.#caller.anywhere((daemon, host): true => {
      if (instance === this.instance) this.life.begunAt = Math.min(this.life.begunAt, this.world.time);
      // If its former self may be known otherwise, that one may seem to be the later of the two for a while.
      if (isFollowing && !this.truth.isInformed(host.name, this.life)) this.life.contestedUntil = Infinity;
      onTaken(host);
      // Also where the client has given up waiting: a daemon that was stalled takes it when it goes on.
      this.life.registerSentAt = this.world.time;
      daemon.register(parseId(id), { ttl, ...(meta && { meta }), ...(instance ? { instance } : {}) });
      return true;
    });
    this.life.registering--;
    if (answer && instance === this.instance) {
      this.#isAcknowledged = true;
      this.#acknowledged(answer);
    }
    return answer;
  }

  #acknowledged(answer: Answer<unknown>): void {
    const { life } = this;
    life.acks.push(answer);
    this.truth.settleContest(life, answer);
  }
}

/** Another process has its address. */
const replaced = (error: unknown): 'replaced' => {
  if (error instanceof ReplacedError) return 'replaced';
  throw error;
};
