/**
 * One random run: daemons, services that live and die, and a seeded sequence of faults; then quiet, and the
 * question whether everybody agrees on the truth.
 */

import type { Daemon } from '../../src/daemon/core/daemon.js';
import { type Host, World } from '../helpers/world.js';
import { Checker } from './checker.js';
import { Client, type Habit } from './client.js';
import { Liar } from './liar.js';
import { bearable, Truth } from './truth.js';

export interface Outcome {
  seed: number;
  violations: string[];
  faults: string[];
  /** ms until all views were equal after the last fault was over. */
  converged: number;
  /** How often a daemon was found to show what must have been decided. */
  decisions: number;
}

/** Faults that a run may draw from. */
export const allFaults = [
  'crash',
  'restart',
  'stop',
  'pause',
  'busy',
  'partition',
  'one-way',
  'bridge',
  'link',
  'loss',
  'wall-clock',
  'delay',
  'liar',
] as const;
export type Fault = (typeof allFaults)[number];

/** ms that messages take when nothing is wrong. */
const calm: [number, number] = [0.2, 3];

export interface ScenarioOptions {
  seed: number;
  faults?: readonly Fault[];
  /** Called with each line of what happens. */
  narrate?: (line: string) => void;
}

class Scenario {
  readonly world: World;
  readonly truth: Truth;
  readonly checker: Checker;
  readonly clients: Client[] = [];
  readonly happened: string[] = [];
  readonly hosts: Host[] = [];
  /** By name, the processes that must have heard of it. */
  readonly acknowledgedBackends = new Map<string, { host: Host; process: number }[]>();
  #serial = 0;

  constructor(private readonly options: ScenarioOptions) {
    this.world = new World(options.seed, { delay: calm, loss: 0, duplication: 0.02 });
    this.truth = new Truth(this.world);
    this.checker = new Checker(this.world, this.truth);
  }

  async run(): Promise<Outcome> {
    const size = 3 + this.#below(5);
    for (let index = 0; index < size; index++) await this.#boot(`d${index}`);
    await this.world.advance(2000);
    this.truth.survey();
    for (let index = 3 + this.#below(6); index > 0; index--) this.#spawn();
    await this.world.advance(6000 + this.#below(8000));

    this.#scheduleOrders();
    for (let index = 2 + this.#below(4); index > 0; index--) {
      await this.#trouble();
      await this.world.advance(this.#below(6000));
      if (this.#chance(0.6)) this.#spawn();
      if (this.#chance(0.5)) await this.#endOne();
      if (this.#chance(0.3)) this.#writeCatalog();
      this.#scheduleOrders();
    }
    await this.#calm();
    const converged = await this.#converge();
    await this.world.advance(9000);
    this.checker.checkStories();
    const alive = new Set(this.clients.filter(({ stopped }) => !stopped).map(({ life }) => life.id));
    this.checker.checkTruth(alive);
    const decisions = this.checker.checkDecisions();
    for (const client of this.clients) client.stop();
    await this.world.advance(14_000);
    this.checker.checkTruth(new Set());
    this.#checkCatalog();
    this.checker.checkLogs();
    const difference = this.checker.difference();
    if (difference) this.checker.report('convergence', difference);
    const { violations } = this.checker;
    return { seed: this.options.seed, violations, faults: this.happened, converged, decisions };
  }

  /** Ends all faults and brings everyone back. */
  async #calm(): Promise<void> {
    this.#repair();
    for (const host of this.hosts) if (host.stalled) this.#resume(host);
    for (const host of this.hosts) if (!host.daemon) await this.#boot(host.name);
    this.truth.survey();
    this.#note('calm');
  }

  /** ms until all views are equal and stay so for a moment. */
  async #converge(): Promise<number> {
    const begun = this.world.time;
    while (this.world.time - begun < 2000) {
      if (!this.checker.difference()) return this.world.time - begun;
      await this.world.advance(20);
    }
    // Services come and go meanwhile: what differs for a moment only is on its way.
    for (let index = 0; index < 20; index++) {
      if (!this.checker.difference()) return this.world.time - begun;
      await this.world.advance(20);
    }
    this.checker.report('convergence', `views differ 2 s after the last fault\n${this.checker.difference()}`);
    return this.world.time - begun;
  }

  async #boot(name: string): Promise<void> {
    const host = this.world.host(name);
    if (!this.hosts.includes(host)) this.hosts.push(host);
    const others = this.hosts.filter((other) => other !== host);
    const seeds = others.filter(() => this.#chance(0.5));
    // Who knows of nobody but the dead is alone until they come back, whatever the network could do.
    if (!seeds.some(({ daemon }) => daemon)) seeds.push(...others.filter(({ daemon }) => daemon).slice(0, 1));
    const started = this.world.start(name, {
      peers: (seeds.length > 0 ? seeds : others.slice(0, 1)).map(({ url }) => url),
      historySlack: 2 + this.#below(20),
    });
    const daemon = host.daemon!;
    await this.world.complete(started.catch(() => undefined as unknown as Daemon));
    if (host.daemon === daemon) this.checker.watch(host, daemon);
    this.truth.survey();
  }

  #spawn(): void {
    const habit = this.#pick<Habit>(['sticky', 'rotating', 'random']);
    const ttl = this.#pick([2000, 4000, 4000, 7000]);
    const id = `app${this.#below(3)}/1.${this.#below(2)}.0/10.0.0.${++this.#serial}/80`;
    const client = new Client(
      this.world,
      this.truth,
      id,
      ttl,
      habit,
      this.hosts,
      this.#chance(0.5) ? `i${this.#serial}` : undefined,
    );
    this.clients.push(client);
    void client.run();
  }

  async #endOne(): Promise<void> {
    const client = this.#pick(this.clients.filter(({ stopped }) => !stopped));
    if (!client) return;
    if (this.#chance(0.5)) client.stop();
    else await this.world.complete(client.deregister());
    this.#note(`end of ${client.life.id}${client.life.deletedAt === undefined ? '' : ', deleted'}`);
  }

  /** Updates and decisions at moments of the next seconds, whatever happens then. */
  #scheduleOrders(): void {
    for (let index = this.#below(3); index > 0; index--)
      void this.world.after(this.#below(7000), () => {
        const client = this.#pick(this.clients.filter(({ stopped }) => !stopped));
        // Several within a second now and then.
        for (let n = 1 + this.#below(3); client && n > 0; n--)
          void this.world.after(this.#below(1500), () => void (client.stopped || client.update(n)));
      });
    for (let index = this.#below(4); index > 0; index--)
      void this.world.after(this.#below(7000), () => {
        const client = this.#pick(this.clients.filter(({ stopped }) => !stopped));
        const host = this.#pick(this.hosts);
        const draining = this.#chance(0.7);
        if (!client) return;
        this.#note(`${draining ? 'drain' : 'undrain'} of ${client.life.id} at ${host.name}`);
        void client.decide(host, draining);
      });
  }

  #writeCatalog(): void {
    const host = this.#pick(
      this.hosts.filter(({ daemon, stalled }) => daemon?.phase === 'running' && !stalled),
    );
    if (!host?.daemon) return;
    const name = `backend${this.#below(3)}`;
    const version = `1.${this.#below(100)}.0`;
    try {
      if (host.daemon.catalog.backends.list().some((one) => one.name === name))
        host.daemon.catalog.backends.update(name, { version }, 'sim', { atLeast: 0 });
      else host.daemon.catalog.backends.create({ name, app: 'app0', version }, 'sim');
    } catch (error) {
      this.checker.report('catalog', String(error));
    }
    const { process } = host;
    // Worth promising once it had a moment to leave the daemon that took it.
    void this.world.after(500, () => {
      if (host.process !== process || host.stalled) return;
      const companions = this.truth.companions(host.name, 400);
      const heard = this.hosts.filter((one) => one === host || companions.has(one.name));
      this.acknowledgedBackends.set(name, [
        ...(this.acknowledgedBackends.get(name) ?? []),
        ...heard.map((one) => ({ host: one, process: one.process })),
      ]);
    });
  }

  #checkCatalog(): void {
    for (const { daemon, name } of this.hosts)
      for (const [backend, heard] of this.acknowledgedBackends)
        // While one that has it survives.
        if (
          heard.some((one) => one.host.process === one.process) &&
          !daemon!.catalog.backends.list().some((one) => one.name === backend)
        )
          this.checker.report('catalog', `${name} does not know ${backend}, which was acknowledged`);
  }

  async #trouble(): Promise<void> {
    const fault = this.#pick(this.options.faults ?? allFaults);
    const host = this.#pick(this.hosts);
    const running = this.hosts.filter(({ daemon, stalled }) => daemon && !stalled);
    const fragile = running.length <= Math.ceil(this.hosts.length / 2);
    const lasts = 300 + this.#below(9000);
    const names = this.hosts.map(({ name }) => name);
    const shuffled = names
      .map((name) => ({ name, key: this.world.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ name }) => name);
    const size = 1 + this.#below(names.length - 1);
    switch (fault) {
      case 'crash':
        if (!host.daemon || host.stalled || fragile) return;
        this.#note(`crash of ${host.name}`);
        this.#end(host);
        return;
      case 'restart': {
        if (!host.daemon || host.stalled || fragile) return;
        const away = 50 + this.#below(6000);
        this.#note(`restart of ${host.name}, away for ${away} ms`);
        this.#end(host);
        await this.world.advance(away);
        await this.#boot(host.name);
        return;
      }
      case 'stop':
        if (!host.daemon || host.stalled || fragile || host.daemon.phase !== 'running') return;
        this.#note(`stop of ${host.name}`);
        this.truth.incident(host.name);
        await this.world.complete(host.daemon.stop());
        this.#end(host);
        await this.world.advance(100 + this.#below(4000));
        await this.#boot(host.name);
        return;
      case 'pause':
        if (!host.daemon || host.stalled || fragile) return;
        this.#note(`pause of ${host.name} for ${lasts} ms`);
        this.truth.incident(host.name);
        this.world.pause(host.name);
        this.truth.survey();
        await this.world.advance(lasts);
        if (host.paused) this.#resume(host);
        return;
      case 'busy': {
        if (!host.daemon || host.stalled || fragile) return;
        const turn = 100 + this.#below(this.#chance(0.5) ? bearable - 100 : 9900);
        this.#note(`${host.name} is busy for ${turn} ms`);
        this.#block(host, turn);
        await this.world.advance(turn);
        if (host.busy) this.#resume(host);
        return;
      }
      case 'partition':
        this.#note(
          `partition ${shuffled.slice(0, size).join()} | ${shuffled.slice(size).join()} for ${lasts} ms`,
        );
        this.world.partition(shuffled.slice(0, size), shuffled.slice(size));
        break;
      case 'one-way':
        this.#note(`nothing from ${shuffled[0]} to ${shuffled[1]} for ${lasts} ms`);
        this.world.cut.add(`${shuffled[0]}>${shuffled[1]}`);
        break;
      case 'bridge':
        this.#note(
          `only ${shuffled[0]} between ${shuffled.slice(1, 1 + size).join()} | ${shuffled.slice(1 + size).join()} for ${lasts} ms`,
        );
        this.world.partition(shuffled.slice(1, 1 + size), shuffled.slice(1 + size));
        break;
      case 'link':
        this.#note(`no link ${shuffled[0]} | ${shuffled[1]} for ${lasts} ms`);
        this.world.partition([shuffled[0]!], [shuffled[1]!]);
        break;
      case 'loss':
        this.world.network.loss = 0.05 + 0.15 * this.world.random();
        this.#note(`loss of ${(100 * this.world.network.loss).toFixed(0)} % for ${lasts} ms`);
        break;
      case 'delay': {
        const most = 20 + this.#below(120);
        this.#note(`delays of up to ${most} ms for ${lasts} ms`);
        this.world.network.delay = [0.2, most];
        break;
      }
      case 'liar':
        this.#note(`a liar for ${lasts} ms`);
        await new Liar(this.world, this.hosts, this.#below(2 ** 31)).run(lasts);
        // Its silence is found.
        await this.world.advance(3000);
        return;
      case 'wall-clock':
        host.wallOffset += (this.world.random() - 0.5) * 7_200_000;
        this.#note(`wall clock of ${host.name} jumps`);
        return;
    }
    this.truth.survey();
    await this.world.advance(lasts);
    if (this.#chance(0.3)) await this.#hurt(host);
    this.#repair();
    this.truth.survey();
    this.#note('healed');
  }

  /** A daemon crashes or is paused while something else is wrong already. */
  async #hurt(host: Host): Promise<void> {
    const running = this.hosts.filter(({ daemon, stalled }) => daemon && !stalled);
    if (!host.daemon || host.stalled || running.length <= Math.ceil(this.hosts.length / 2)) return;
    const what = this.#below(3);
    if (what === 0) {
      this.#note(`crash of ${host.name} meanwhile`);
      this.#end(host);
    } else if (what === 1) {
      this.#note(`${host.name} is busy meanwhile`);
      this.#block(host, Infinity);
    } else {
      this.#note(`pause of ${host.name} meanwhile`);
      this.truth.incident(host.name);
      this.world.pause(host.name);
      this.truth.survey();
    }
    await this.world.advance(this.#below(5000));
    if (host.stalled) this.#resume(host);
  }

  /** A daemon is busy with one piece of work. It does not say so, and goes on as the same incarnation. */
  #block(host: Host, ms: number): void {
    this.truth.incident(host.name);
    this.world.block(host.name);
    if (ms <= bearable) this.truth.busy(host.name, ms);
    else this.truth.survey();
  }

  #repair(): void {
    this.world.heal();
    this.world.network.loss = 0;
    this.world.network.delay = calm;
  }

  #end(host: Host): void {
    this.truth.incident(host.name);
    this.world.kill(host.name);
    this.truth.survey();
  }

  #resume(host: Host): void {
    this.truth.incident(host.name);
    const { daemon, process, busy } = host;
    const runId = daemon?.phase === 'running' ? daemon.runId : undefined;
    if (busy) this.world.unblock(host.name);
    else this.world.resume(host.name);
    if (busy && runId)
      this.world.after(200, () => {
        if (host.process === process && !host.stalled && daemon!.runId !== runId)
          this.checker.report('busy is not paused', `${host.name} went on as another incarnation`);
      });
    this.truth.survey();
  }

  #note(what: string): void {
    const line = `${this.world.time.toFixed(0)} ms: ${what}`;
    this.happened.push(line);
    this.options.narrate?.(line);
  }

  #below = (limit: number): number => Math.floor(this.world.random() * limit);
  #chance = (part: number): boolean => this.world.random() < part;
  #pick = <T>(from: readonly T[]): T => from[this.#below(from.length)]!;
}

export const runScenario = (options: ScenarioOptions): Promise<Outcome> => new Scenario(options).run();
