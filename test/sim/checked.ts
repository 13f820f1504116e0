/**
 * Services that are registered once and never renew: the daemons probe them. They can be reached from everywhere, and
 * fail and recover at moments of their own.
 */

import { completeCheck, leastTtl } from '../../src/model/check.js';
import type { OfflineEvent } from '../../src/model/events.js';
import { hostPort, parseId } from '../../src/model/registration.js';
import { dice, type Health, type Host } from '../helpers/world.js';
import type { Stage } from './stage.js';

/** ms that everybody must have been in touch to be sure of knowing the same. */
const acquaintance = 2500;

interface CheckedService {
  readonly id: string;
  /** `HOST:PORT`. */
  readonly at: string;
  readonly ttl: number;
  /** Since when (virtual ms) it has been as it is. */
  since: number;
  /**
   * The hosts that must know of it, each with the moment since which it has been up: one that goes on without an
   * interruption can do all that is needed to keep it online, whatever happens to the others.
   */
  readonly witnesses: Map<string, number>;
}

export class CheckedServices {
  readonly #services = new Map<string, CheckedService>();
  readonly #random: () => number;
  #isOver = false;

  constructor(
    private readonly stage: Stage,
    seed: number,
  ) {
    // Of its own, so that services that renew do the same with and without these.
    this.#random = dice(seed * 3 + 7);
    stage.checker.onOffline = (host, event) => this.#onOffline(host, event);
    stage.checker.isUncertain = (id) => this.#isUncertain(id);
  }

  /** Registers so many, at daemons that run. */
  begin(count: number): void {
    for (let index = 1; index <= count; index++) this.#spawn(index);
    if (count > 0) this.#review();
  }

  /** All of them are gone from now on. */
  end(): void {
    this.#isOver = true;
    for (const service of this.#services.values()) this.#become(service, undefined);
  }

  /** Whether every daemon shows those that have been well, and none that have failed, for long enough. */
  check(): void {
    const { running, checker } = this.stage;
    for (const service of this.#services.values()) {
      if (this.#isUncertain(service.id)) continue;
      const isWell = this.#isWell(service);
      for (const { name, daemon } of running)
        if ((daemon!.registration(service.id) !== undefined) !== isWell)
          checker.report('checks', `${service.id} is ${isWell ? 'well' : 'not well'}, other than ${name} shows`);
    }
  }

  #spawn(serial: number): void {
    const host = this.stage.running[this.#below(this.stage.running.length)];
    const upSince = host && this.stage.truth.upSince.get(host.name);
    if (host?.daemon?.phase !== 'running' || upSince === undefined) return;
    const check = completeCheck({
      http: '/healthz',
      interval: 1000 + 1000 * this.#below(2),
      timeout: 500,
      fails: 1 + this.#below(3),
    });
    const id = `probed${serial}/1.0.0/10.1.0.${serial}/80`;
    const address = parseId(id);
    const witnesses = new Map([[host.name, upSince]]);
    const service = { id, at: hostPort(address), ttl: leastTtl(check), since: this.stage.world.time, witnesses };
    this.stage.world.instances.set(service.at, 'healthy');
    host.daemon.register(address, { check });
    this.#services.set(id, service);
    this.#change(service);
  }

  /** It is well for some seconds, and then not for some, or only for a moment. */
  #change(service: CheckedService): void {
    const { world } = this.stage;
    const isWell = this.#isWell(service);
    const lasts = isWell || this.#random() < 0.6 ? 5000 + this.#below(40_000) : this.#below(1500);
    world.after(lasts, () => {
      if (this.#isOver) return;
      const ills: (Health | undefined)[] = [undefined, 'failing', 'silent'];
      this.#become(service, isWell ? ills[this.#below(ills.length)] : 'healthy');
      this.#change(service);
    });
  }

  #become(service: CheckedService, health: Health | undefined): void {
    const { world } = this.stage;
    if (health) world.instances.set(service.at, health);
    else world.instances.delete(service.at);
    service.since = world.time;
    this.stage.note(`${service.id} is ${health ?? 'gone'}`);
  }

  /** Brings the witnesses up to date, again and again. */
  #review(): void {
    const { world, truth } = this.stage;
    const isCalm = world.network.loss === 0 && world.late.part === 0;
    for (const { witnesses } of this.#services.values()) {
      for (const [name, upSince] of witnesses) if (truth.upSince.get(name) !== upSince) witnesses.delete(name);
      if (!isCalm || witnesses.size === 0) continue;
      for (const [name, upSince] of truth.upSince)
        if ([...truth.companions(name, acquaintance)].some((other) => witnesses.has(other)))
          witnesses.set(name, upSince);
    }
    world.after(100, () => this.#review());
  }

  #onOffline({ name }: Host, { registration: { id }, reason, detail }: OfflineEvent): void {
    const service = this.#services.get(id);
    const { world, truth, checker } = this.stage;
    if (!service || !this.#isWell(service) || world.time < service.since + this.#settling(service)) return;
    const upSince = truth.upSince.get(name);
    if (upSince !== undefined && service.witnesses.get(name) === upSince)
      checker.report('checks', `${name} says ${reason} (${String(detail)}) of ${id}, which is well`);
  }

  #isWell({ at }: CheckedService): boolean {
    return this.stage.world.instances.get(at) === 'healthy';
  }

  /** Whether nothing can be said of it: it has just changed, or the daemons that knew it have all been interrupted. */
  #isUncertain(id: string): boolean {
    const service = this.#services.get(id);
    if (!service) return false;
    const { truth, world } = this.stage;
    const isWitnessed = [...service.witnesses].some(([name, upSince]) => truth.upSince.get(name) === upSince);
    return world.time < service.since + this.#settling(service) || (this.#isWell(service) && !isWitnessed);
  }

  /** ms after which everybody must know how it is: its holder may have been lost meanwhile. */
  #settling({ ttl }: CheckedService): number {
    return 2 * ttl + 6000;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
