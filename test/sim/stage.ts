/**
 * Where a run takes place: hosts whose daemons start, end, pause and go on, with the bookkeeping of what that means.
 */

import type { Daemon } from '../../src/daemon/core/daemon.js';
import { type Host, World } from '../helpers/world.js';
import { Checker } from './checker.js';
import { bearable, Truth } from './truth.js';
import type { Variety } from './variety.js';

/** ms that messages take when nothing is wrong. */
const calm: [number, number] = [0.2, 3];

export class Stage {
  readonly world: World;
  readonly truth: Truth;
  readonly checker: Checker;
  readonly hosts: Host[] = [];
  readonly happened: string[] = [];
  /** What the daemon at each place is called, where that is not the name of the place. */
  readonly #names = new Map<string, string>();
  /** Places that nobody comes back to. */
  readonly #abandoned = new Set<Host>();

  constructor(
    seed: number,
    private readonly variety: Variety,
    private readonly narrate: (line: string) => void = () => {},
  ) {
    this.world = new World(seed, { delay: calm, loss: 0, duplication: 0.02 });
    this.world.hold = variety.hold;
    this.truth = new Truth(this.world);
    this.truth.drift = variety.drift;
    this.checker = new Checker(this.world, this.truth);
  }

  /** Places at which a daemon is, or will be again. */
  get places(): Host[] {
    return this.hosts.filter((host) => !this.#abandoned.has(host));
  }

  get running(): Host[] {
    return this.places.filter(({ daemon, stalled }) => daemon && !stalled);
  }

  /** Whether something may happen to this one: it runs, and so do more than half of the others. */
  isFit(host: Host): boolean {
    return host.daemon !== undefined && !host.stalled && this.running.length > Math.ceil(this.places.length / 2);
  }

  nameOf({ name }: Host): string {
    return this.#names.get(name) ?? name;
  }

  /**
   * Starts a daemon and waits until it has joined; it keeps the name of the one before it, unless it is given another.
   */
  async boot(place: string, name?: string): Promise<void> {
    const host = this.world.host(place);
    if (!this.hosts.includes(host)) {
      this.hosts.push(host);
      host.rate = 1 + (2 * this.world.random() - 1) * this.variety.drift;
    }
    if (name !== undefined) this.#names.set(place, name);
    const others = this.places.filter((other) => other !== host);
    const seeds = others.filter(() => this.chance(0.5));
    const isThere = (other: Host): boolean => other.daemon !== undefined && !other.stalled;
    const canReach = (other: Host): boolean =>
      isThere(other) && !this.world.cut.has(`${place}>${other.name}`) && !this.world.cut.has(`${other.name}>${place}`);
    // Who knows of nobody but the dead, or the unreachable, is alone until they come back, whatever the network could
    // do.
    for (const isEnough of [canReach, isThere])
      if (!seeds.some(isEnough)) seeds.push(...others.filter(isEnough).slice(0, 1));
    const started = this.world.start(place, {
      name: this.nameOf(host),
      peers: (seeds.length > 0 ? seeds : others.slice(0, 1)).map(({ url }) => url),
      historySlack: 2 + this.below(20),
    });
    const daemon = host.daemon!;
    await this.world.complete(started.catch(() => undefined as unknown as Daemon));
    if (host.daemon === daemon) this.checker.watch(host, daemon);
    this.truth.survey();
  }

  /** The process is gone without a word. */
  end(host: Host): void {
    this.truth.incident(host.name);
    this.world.kill(host.name);
    this.truth.survey();
  }

  /** Nobody comes back to this place. */
  abandon(host: Host): void {
    this.end(host);
    this.#abandoned.add(host);
  }

  pause(host: Host): void {
    this.truth.incident(host.name);
    this.world.pause(host.name);
    this.truth.survey();
  }

  /** Its machine is suspended: it is paused, and its monotonic clock with it. */
  suspend(host: Host): void {
    this.pause(host);
    host.suspended = true;
  }

  /** A daemon is busy with one piece of work. It does not say so, and goes on as the same incarnation. */
  block(host: Host, ms: number): void {
    this.truth.incident(host.name);
    this.world.block(host.name);
    if (ms <= bearable) this.truth.busy(host.name, ms);
    else this.truth.survey();
  }

  /** It goes on, if it is stalled. */
  goOn(host: Host): void {
    if (!host.stalled) return;
    this.truth.incident(host.name);
    const { daemon, process, busy } = host;
    const runId = daemon?.phase === 'running' ? daemon.runId : undefined;
    if (busy) this.world.unblock(host.name);
    else this.world.resume(host.name);
    this.truth.wentOnAt.set(host.name, this.world.time);
    if (busy && runId)
      this.world.after(200, () => {
        if (host.process === process && !host.stalled && daemon!.runId !== runId)
          this.checker.report('busy is not paused', `${host.name} went on as another incarnation`);
      });
    this.truth.survey();
  }

  /** The network is whole. */
  repair(): void {
    this.world.heal();
    this.world.network.loss = 0;
    this.world.network.delay = calm;
    this.world.late = { part: 0, most: 0 };
  }

  note(what: string): void {
    const line = `${this.world.time.toFixed(0)} ms: ${what}`;
    this.happened.push(line);
    this.narrate(line);
  }

  below = (limit: number): number => Math.floor(this.world.random() * limit);
  chance = (part: number): boolean => this.world.random() < part;
  pick = <T>(from: readonly T[]): T => from[this.below(from.length)]!;

  shuffled<T>(all: readonly T[]): T[] {
    return all
      .map((one) => ({ one, key: this.world.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ one }) => one);
  }
}
