/** Reads every daemon's event stream as it is written and says where it is not what was promised. */

import { isDraining } from '../../src/crdt/entry.js';
import type { Daemon } from '../../src/daemon/core/daemon.js';
import type { LoggedEvent } from '../../src/daemon/core/events/event-log.js';
import { endedReason } from '../../src/daemon/core/lease/drain-ends.js';
import type { OfflineEvent } from '../../src/model/events.js';
import type { Host, World } from '../helpers/world.js';
import type { Client } from './client.js';
import { DrainChecks } from './drain-checks.js';
import { announcing, type Life, type Truth } from './truth.js';
import { drains } from './rule-writes.js';
import { asId, type Registration } from '../../src/model/registration.js';

/** ms that a message may take. */
const travel = 5;

/** ms after a pause, or a long piece of work, in which a daemon hears, message by message, what it has missed. */
const catchingUp = 100;

export class Checker {
  readonly violations: string[] = [];
  /** Run ids of those whose documents cannot be read. */
  readonly liars = new Set<string>();
  readonly drains: DrainChecks;
  /** Told of each registration that goes offline at a daemon. */
  onOffline: (host: Host, event: OfflineEvent) => void = () => undefined;
  /** Whether views may differ about this id for a while. */
  isUncertain: (id: string) => boolean = () => false;
  /** What each daemon's events say is online. */
  readonly #pictures = new Map<Daemon, Set<string>>();

  constructor(
    private readonly world: World,
    private readonly truth: Truth,
  ) {
    this.drains = new DrainChecks(world, truth, (what) => this.report('drains end', what));
  }

  /** Follows a daemon that has just started. */
  watch(host: Host, daemon: Daemon): void {
    // As over HTTP: there is nothing to read before the first complete picture, nor while a daemon joins again.
    if (!daemon.synced || daemon.phase !== 'running') {
      this.world.after(1, () => {
        if (host.daemon === daemon) this.watch(host, daemon);
      });
      return;
    }
    const picture = new Set<string>(daemon.registrations({}).map(({ id }) => id));
    this.#pictures.set(daemon, picture);
    daemon.events.subscribe((logged) => {
      if (logged.event.type === 'online') this.#onOnline(host, daemon, logged.event.registration);
      this.#onEvent(host, picture, logged);
    });
  }

  report(invariant: string, what: string): void {
    this.violations.push(`${this.world.time.toFixed(0)} ms: ${invariant}: ${what}`);
  }

  #onEvent(host: Host, picture: Set<string>, { event }: LoggedEvent): void {
    if (event.type === 'updated' && event.reason === endedReason && !event.registration.draining) {
      const life = this.truth.lives.get(event.registration.id);
      if (life) this.drains.onEnd(host, picture, life);
    }
    if (event.type !== 'online' && event.type !== 'offline') return;
    const { id } = event.registration;
    if (picture.has(id) === (event.type === 'online'))
      this.report('exactly once', `${host.name} says ${event.type} again for ${id}`);
    if (event.type === 'online') picture.add(id);
    else picture.delete(id);
    if (event.type === 'offline') this.onOffline(host, event);
    const life = this.truth.lives.get(id);
    if (!life) return;
    if (event.type === 'offline') this.#onOffline(host, picture, life, event);
    const last = this.truth.lastSign(life);
    const isGhost = life.registering === 0 && this.world.time > this.truth.hauntsUntil(life);
    if (event.type === 'online' && isGhost && !this.#isCatchingUp(host, last))
      this.report('no ghosts', `${host.name} says online of ${id}, last acknowledged at ${last.toFixed(0)}`);
    const present = host.daemon?.view.winner(id)?.entry.life;
    const isDeleted = life.deletedLives === undefined || life.deletedLives.has(present ?? '');
    if (event.type === 'online' && life.deletedAt !== undefined && this.world.time > life.deletedAt + travel)
      if (
        isDeleted &&
        life.registering === 0 &&
        life.registerSentAt < life.deletedAt &&
        !this.#isCatchingUp(host, life.deletedAt)
      )
        this.report('deletes stay', `${host.name} says online of ${id}, deleted at ${life.deletedAt.toFixed(0)}`);
  }

  /** What a rule drains that this daemon knows of is never online without that. */
  #onOnline(host: Host, daemon: Daemon, registration: Registration): void {
    const rule = daemon.catalog.drainRules.list().find((one) => drains(one, registration));
    if (rule && !registration.draining)
      this.report('drain rules', `${host.name} says online of ${registration.id}, which ${rule.name} drains`);
  }

  #onOffline(host: Host, picture: Set<string>, life: Life, event: OfflineEvent): void {
    const { reason, registration } = event;
    const { id, instance } = registration;
    const what = `${host.name} says ${reason} of ${id} (${String(instance)})`;
    if (reason === 'deregistered' && !life.goodbyes.has(instance))
      this.report('instances', `${what}, which has not said goodbye`);
    if (life.former.has(instance) || life.replacedAt !== undefined) {
      // Another instance is told in the same breath, if it is known why this one ends; else it may be on its way, as
      // may another version, even if it registers a moment later.
      const isAtOnce = reason === 'replaced' && life.replacedAt === undefined;
      this.world.after(isAtOnce ? 1 : announcing + travel, () =>
        this.#checkSuccessor(host, picture, id, { what, isAtOnce }),
      );
      return;
    }
    if (reason === 'replaced' && life.contestedUntil === -Infinity)
      this.report('instances', `${what}, which nothing has followed`);
    if (!this.truth.mustBeOnline(life, host.name)) return;
    const acks = life.acks.slice(-3).map(({ at, host: by }) => `${at.toFixed(0)} by ${by.name}`);
    this.report('no flapping', `${what}, acknowledged at ${acks.join(', ')}`);
  }

  /**
   * Whether what has followed at the address of `id` is online, if it must be.
   * @param told  what was told of the one before, and whether its successor is told in the same breath
   */
  #checkSuccessor(
    host: Host,
    picture: Set<string>,
    id: string,
    { what, isAtOnce }: { what: string; isAtOnce: boolean },
  ): void {
    if (!host.daemon || this.#pictures.get(host.daemon) !== picture) return;
    const { truth } = this;
    for (const life of truth.lives.values())
      if (addressOf(life.id) === addressOf(id) && !picture.has(life.id) && (isAtOnce || truth.isTold(life)))
        if (truth.mustBeOnline(life, host.name)) this.report('instances', `${what}, and nothing of ${life.id}`);
  }

  /**
   * Whether a daemon took nothing at `time`, or could not be reached, and is only now telling, in its order, what
   * happened before.
   */
  #isCatchingUp({ name }: Host, time: number): boolean {
    const { upSince, wentOnAt } = this.truth;
    const since = [upSince.get(name) ?? Infinity, wentOnAt.get(name) ?? -Infinity, this.truth.reconnectedAt(name)];
    return since.some((at) => at > time && this.world.time <= at + catchingUp);
  }

  /** Whether each running daemon's events add up to what it answers. */
  checkStories(): void {
    for (const [name, { daemon }] of this.world.hosts) {
      const picture = daemon && this.#pictures.get(daemon);
      if (!picture) continue;
      const view = daemon.registrations({}).map(({ id }) => id);
      if (view.join() !== [...picture].sort().join())
        this.report('exactly once', `${name}'s events add up to something else than its view`);
    }
  }

  /** Whether all running daemons answer the same. */
  difference(): string | undefined {
    const views = [...this.world.hosts.values()].flatMap(({ name, daemon, stalled }) =>
      daemon?.phase === 'running' && !stalled ? [{ name, view: summary(daemon, this.#mayLinger) }] : [],
    );
    const [first, ...others] = views;
    const other = others.find(({ view }) => view !== first!.view);
    return other && `${first!.name}: ${first!.view}\n${other.name}: ${other.view}`;
  }

  /**
   * Whether what was decided, and acknowledged, is what every daemon shows. Answers how many decisions it could tell
   * of.
   */
  checkDecisions(): number {
    let checked = 0;
    for (const life of this.truth.lives.values()) {
      const lasting = this.truth.lastingDecision(life);
      for (const { name, daemon } of this.world.hosts.values()) {
        const entry = daemon?.phase === 'running' ? daemon.view.winner(asId(life.id))?.entry : undefined;
        if (!entry) continue;
        const draining = isDraining(entry);
        if (lasting && entry.life === lasting.life) {
          checked++;
          if (!this.drains.mayShow(lasting, draining))
            this.report(
              'decisions stay',
              `${name} shows draining: ${draining} for ${life.id}, other than ${lasting.host.name} acknowledged at ${lasting.acknowledgedAt?.toFixed(0)}`,
            );
        }
        const isOfIt = (of: string | undefined): boolean => of === undefined || of === entry.life;
        if (draining && !life.decided.some((one) => one.draining && isOfIt(one.life)))
          this.report('decisions stay', `${name} shows ${life.id} as draining, which nobody decided of its life`);
      }
    }
    return checked;
  }

  /** Whether the last acknowledged update is what every daemon shows. Returns how many it could tell of. */
  checkUpdates(clients: readonly Client[]): number {
    let checked = 0;
    for (const { life, lastUpdate } of clients) {
      if (!lastUpdate) continue;
      const { n, host, acknowledgedAt } = lastUpdate;
      for (const { name, daemon } of this.world.hosts.values()) {
        const entry = daemon?.phase === 'running' ? daemon.view.winner(asId(life.id))?.entry : undefined;
        if (!entry) continue;
        checked++;
        if (entry.meta.n !== n)
          this.report(
            'updates stay',
            `${name} shows ${String(entry.meta.n)} of ${life.id}, other than ${n}, which ${host!.name} acknowledged at ${acknowledgedAt!.toFixed(0)}`,
          );
      }
    }
    return checked;
  }

  /**
   * Whether a registration that nobody renews any more may still be shown by a daemon that was suspended. If such a
   * daemon hears nobody when it goes on, all that it held gets a TTL from then.
   */
  readonly #mayLinger = (id: string): boolean => {
    if (this.isUncertain(id)) return true;
    const life = this.truth.lives.get(id);
    if (!life || this.world.time < this.truth.lastSign(life) + life.ttl) return false;
    return [...this.truth.wentOnAt.values()].some((at) => this.world.time < at + life.ttl + lingering);
  };

  /** Whether a daemon logged what only a fault of its own explains, or gave up its name. */
  checkLogs(): void {
    const isOfLiar = (line: string): boolean => [...this.liars].some((liar) => line.includes(liar));
    for (const { name, fatal, logged } of this.world.hosts.values()) {
      if (fatal) this.report('names', `${name}: ${fatal.message}`);
      for (const line of logged)
        if (line.startsWith('error ') && !isOfLiar(line)) this.report('log', `${name}: ${line}`);
    }
  }

  /** Whether no daemon shows two versions of an app at one address. */
  checkAddresses(): void {
    for (const { name, daemon } of this.world.hosts.values()) {
      const ids = daemon?.phase === 'running' ? daemon.registrations({}).map(({ id }) => id) : [];
      const places = new Map(ids.map((id) => [addressOf(id), id]));
      for (const id of ids)
        if (places.get(addressOf(id)) !== id)
          this.report('instances', `${name} shows ${id} and ${places.get(addressOf(id))}`);
    }
  }

  /** Whether what is online everywhere is what is being renewed. */
  checkTruth(alive: ReadonlySet<string>): void {
    for (const { name, daemon } of this.world.hosts.values()) {
      if (daemon?.phase !== 'running') continue;
      const online = new Set<string>(daemon.registrations({}).map(({ id }) => id));
      for (const id of this.truth.lives.keys()) {
        if (alive.has(id) && !online.has(id)) this.report('convergence', `${id} is renewed but not online at ${name}`);
        if (!alive.has(id) && online.has(id)) this.report('timely expiry', `${id} is still online at ${name}`);
      }
    }
  }
}

/** App, host and port. */
const addressOf = (id: string): string => {
  const [app, , ...address] = id.split('/');
  return [app, ...address].join('/');
};

/** ms beyond a TTL for which such a registration may linger: it joins first, and an orphan has its grace. */
const lingering = 1500;

const summary = (daemon: Daemon, isLeftOut: (id: string) => boolean): string =>
  [
    ...daemon
      .registrations({})
      .filter(({ id }) => !isLeftOut(id))
      .map(({ id, ttl, meta, draining, drainReason = '', drainRule = '', drainUntil = '' }) =>
        id.startsWith('bender/')
          ? id
          : `${id} ${ttl} ${JSON.stringify(meta)} ${draining} ${drainReason} ${drainRule} ${drainUntil}`,
      ),
    ...[...daemon.catalog.backends.list(), ...daemon.catalog.drainRules.list()].map((one) => JSON.stringify(one)),
  ].join('; ');
