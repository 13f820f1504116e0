/**
 * The commands on registrations: register, renew, deregister, drain. Each is one turn, whichever daemon holds the
 * entry.
 */

import type { DaemonName } from '../../crdt/ids.js';
import { holdingsName } from '../../crdt/holdings.js';
import { toRegistration } from '../../crdt/transition.js';
import type { View } from '../../crdt/view.js';
import { daemonApp } from '../../model/daemon.js';
import { ConflictError, InvalidError, NotFoundError, NotReadyError, ReplacedError } from '../../model/errors.js';
import {
  type Address,
  asId,
  formatId,
  type Registration,
  type RegistrationId,
  type RegistrationOptions,
  type RegistrationState,
  type Renewal,
  renewEvery,
} from '../../model/registration.js';
import { inBatches } from './batches.js';
import { admitCheck } from './checks/admission.js';
import type { Comeback } from './lease/comeback.js';
import type { Holder } from './lease/holder.js';
import type { TtlAdvice } from './lease/ttl-advice.js';
import type { Isolation } from './membership/isolation.js';
import type { Membership } from './membership/membership.js';
import type { Registry } from './registry.js';
import type { Deliveries } from './replication/deliveries.js';
import type { ForwardedRenewal } from './replication/frame.js';
import type { Inquiry } from './replication/inquiry.js';
import { commandForMs } from './replication/timing.js';
import type { Runtime } from './runtime.js';
import type { Self } from './self.js';
import type { Tally } from './tally.js';
import type { Turn } from './turn.js';

/** Renewals of one request that are taken without a pause. */
const renewalsAtOnce = 1000;

export interface CommandsContext {
  readonly turn: Turn;
  readonly runtime: Pick<Runtime, 'defer' | 'probes'>;
  readonly view: View;
  readonly membership: Membership;
  readonly isolation: Isolation;
  readonly comeback: Comeback;
  readonly inquiry: Inquiry;
  readonly deliveries: Deliveries;
  readonly ttlAdvice: TtlAdvice;
  readonly self: () => Self;
  readonly tally: Pick<Tally, 'renewals'>;
}

export class Commands {
  constructor(private readonly context: CommandsContext) {}

  register(address: Address, options: RegistrationOptions): ReturnType<Registry['register']> {
    if (address.app === daemonApp)
      throw new InvalidError(`'app' must not be '${daemonApp}': those are the daemons themselves`);
    const { turn, ttlAdvice, tally, view, runtime } = this.context;
    const id = formatId(address);
    const admitted = admitCheck(address, options, view.winner(id)?.entry, runtime.probes);
    const { outcome, entry } = turn.run(() => this.#holder().register(id, admitted), 'a registration');
    ttlAdvice.see(entry.ttl);
    if (outcome === 'renewed') tally.renewals++;
    const registration = toRegistration(id, entry, view.rules, address);
    return { outcome, registration: Object.assign(registration, { renewEvery: renewEvery(entry.ttl) }) };
  }

  /**
   * Right after a long piece of work, what is known of other holders is out of date: they may have ended the life that
   * is renewed, and no longer know it. So the peers are asked first.
   */
  renewKnown(asked: string, instance?: string): boolean {
    return this.#renew(asked, instance, !this.context.comeback.listening);
  }

  async renew(id: string, instance?: string): Promise<boolean> {
    if (this.renewKnown(id, instance)) return true;
    await this.context.inquiry.ask();
    if (this.#renew(id, instance)) return true;
    const error = this.#notFound(id, instance);
    if (error instanceof ReplacedError) throw error;
    return false;
  }

  async renewAll(wanted: readonly Renewal[]): Promise<Renewal[]> {
    const { turn, runtime, inquiry } = this.context;
    const renewSome = (some: readonly Renewal[]): Renewal[] =>
      turn.run(() => some.filter(({ id, instance }) => !this.renewKnown(id, instance)), 'renewals');
    const renewRest = (some: readonly Renewal[]): Renewal[] =>
      turn.run(() => some.filter(({ id, instance }) => !this.#renew(id, instance)), 'renewals');
    const missing = await inBatches(runtime, wanted, renewalsAtOnce, renewSome);
    if (missing.length > 0) await inquiry.ask();
    return inBatches(runtime, missing, renewalsAtOnce, renewRest);
  }

  inquire(): Promise<void> {
    return this.context.inquiry.ask();
  }

  replacedBy({ id: asked, instance }: Renewal): RegistrationId | undefined {
    const { view } = this.context;
    const id = asId(asked);
    return instance === undefined ? undefined : view.winner(id) ? id : view.siblings(id)[0];
  }

  /** Takes renewals that a member forwards; returns the indices of those that are not held here. */
  acceptForwarded(renewals: readonly ForwardedRenewal[]): number[] {
    const { comeback, self } = this.context;
    // They have waited too: their sender has taken over the entries long ago.
    const holder = comeback.listening ? undefined : self().published?.holder;
    return holder?.acceptForwarded(renewals) ?? renewals.map((_, index) => index);
  }

  async deregister(asked: string, instance?: string): Promise<void> {
    const id = asId(asked);
    await this.#commandAbout(id, instance, (holder) => {
      const copies = this.context.view.copies(id);
      const meant = copies.filter(({ entry }) => instance === undefined || entry.instance === instance);
      holder.release(id, meant);
    });
  }

  async setState(asked: string, state: RegistrationState, instance?: string): Promise<Registration> {
    const id = asId(asked);
    const entry = await this.#commandAbout(id, instance, (holder) => holder.decisions.decide(id, state)!);
    return toRegistration(id, entry, this.context.view.rules);
  }

  async setHealth(asked: string, unhealthy: string | null, instance?: string): Promise<void> {
    const id = asId(asked);
    await this.#commandAbout(id, instance, (holder) => holder.register(id, { unhealthy }));
  }

  forgetDaemon(name: DaemonName): void {
    const { membership, isolation, turn } = this.context;
    const ofName = [...membership.all()].filter(
      ({ holdings, dismissed }) => holdings?.owner?.name === name && !dismissed,
    );
    if (ofName.length === 0) throw new NotFoundError(`daemon '${name}' is not known`);
    if (ofName.some(({ lost }) => !lost)) throw new ConflictError(`daemon '${name}' is alive: stop it instead`);
    for (const one of ofName) one.dismiss();
    turn.run(() => {
      isolation.forget(name);
      turn.review();
    }, 'a command');
  }

  /**
   * The renewal of an entry that is held here is no turn: it only moves a deadline, which no step of a turn reads.
   * @param elsewhere  whether what another daemon holds is renewed as well
   */
  #renew(asked: string, instance: string | undefined, elsewhere = true): boolean {
    const id = asId(asked);
    if (id.startsWith(`${daemonApp}/`)) return this.context.view.winner(id) !== undefined;
    const holder = this.context.self().published?.holder;
    if (!holder) return false;
    const { turn, tally } = this.context;
    const isKnown =
      holder.renewHeld(id, instance) || (elsewhere && turn.run(() => holder.renew(id, instance), 'a renewal'));
    if (isKnown) tally.renewals++;
    return isKnown;
  }

  #holder(): Holder {
    const holder = this.context.self().published?.holder;
    if (!holder) throw new NotReadyError('this daemon is joining its cluster: ask again, or another one');
    return holder;
  }

  /** Applies a command to a registration, or to one instance of it, and waits until every peer has heard of it. */
  async #commandAbout<T>(id: RegistrationId, instance: string | undefined, command: (holder: Holder) => T): Promise<T> {
    if (id.startsWith(`${daemonApp}/`)) throw new InvalidError(`'${id}' is a daemon itself: stop it instead`);
    const { turn, view, inquiry, deliveries } = this.context;
    const isThere = (): boolean => {
      const entry = view.winner(id)?.entry;
      return entry !== undefined && (instance === undefined || entry.instance === instance);
    };
    if (!isThere()) await inquiry.ask();
    if (!isThere()) throw this.#notFound(id, instance);
    const holder = this.#holder();
    const name = holdingsName(this.context.self().runId, holder.own.epoch);
    const result = turn.run(() => command(holder), 'a delete or a drain');
    turn.commit();
    await deliveries.delivered([name], commandForMs);
    if (holder !== this.context.self().published?.holder)
      throw new NotReadyError(
        'this daemon was suspended meanwhile, and it is unknown whether the others have heard: ask again',
      );
    return result;
  }

  /** Why this instance is not there: another one has its address, or no daemon knows it. */
  #notFound(id: string, instance: string | undefined): NotFoundError {
    const other = this.replacedBy({ id, instance });
    return other === undefined
      ? new NotFoundError(`registration '${id}' is not online`)
      : new ReplacedError(`instance '${instance}' of '${id}' was replaced by '${other}'`, other);
  }
}
