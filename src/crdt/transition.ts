/** Turns entries into what clients and watchers see: registrations, and events when an entry has changed. */

import { type OfflineReason, previousOf, type RegistrationEvent } from '../model/events.js';
import { type Address, addressOf, type Registration, type RegistrationId } from '../model/registration.js';
import type { DrainRule } from '../model/drain-rule.js';
import type { DrainRules } from './drain-rules.js';
import { type Entry, isDraining } from './entry.js';

/**
 * The entry with which an id was online, and the one with which it is online now; undefined if it is offline. The event
 * is made on demand: most are never read.
 */
export class Transition {
  constructor(
    readonly id: RegistrationId,
    readonly before: Entry | undefined,
    readonly now: Entry | undefined,
    /** Why it is offline now. */
    readonly reason: OfflineReason | undefined,
    /** The message of its health check, if that is why. */
    readonly detail?: string,
    /** The drain rules that hold for it. Not all rules of then: events are kept for long. */
    private readonly rules: RulesOfId = unruled,
  ) {}

  get type(): RegistrationEvent['type'] {
    return this.now === undefined ? 'offline' : this.before === undefined ? 'online' : 'updated';
  }

  toEvent(): RegistrationEvent {
    const { id, before, now, reason, detail, rules } = this;
    if (now === undefined)
      return {
        type: 'offline',
        registration: registrationOf(id, before!, rules.before),
        reason: reason!,
        ...(detail === undefined ? {} : { detail }),
      };
    if (before === undefined) return { type: 'online', registration: registrationOf(id, now, rules.now) };
    return this.#updated(before, now);
  }

  #updated(before: Entry, now: Entry): RegistrationEvent {
    const { id, rules } = this;
    const address = addressOf(id);
    const registration = registrationOf(id, now, rules.now, address);
    const previous = previousOf(registrationOf(id, before, rules.before, address), registration);
    const isDecision = before.life === now.life && before.decision?.turn !== now.decision?.turn;
    const reason = isDecision ? now.decision?.reason : undefined;
    return { type: 'updated', registration, previous, ...(reason === undefined ? {} : { reason }) };
  }
}

/** The drain rules that hold for an id, then and now. */
export interface RulesOfId {
  before: DrainRule | undefined;
  now: DrainRule | undefined;
}

/** Shared by all ids for which no rule holds. */
export const unruled: RulesOfId = Object.freeze({ before: undefined, now: undefined });

/** An entry as clients see it under these rules. */
export const toRegistration = (
  id: RegistrationId,
  entry: Entry,
  rules: DrainRules,
  address: Address = addressOf(id),
): Registration => registrationOf(id, entry, rules.of(address.app, address.version), address);

/** A decision on an entry goes before a rule that drains it as well. */
function registrationOf(
  id: RegistrationId,
  entry: Entry,
  itsRule: DrainRule | undefined,
  { app, version, host, port }: Address = addressOf(id),
): Registration {
  const { ttl, meta, decision, registered, instance, unhealthy, check } = entry;
  const isDecided = isDraining(entry);
  const rule = isDecided ? undefined : itsRule;
  const registration: Registration = {
    resource: 'Registration',
    id,
    app,
    version,
    host,
    port,
    ttl,
    meta,
    draining: isDecided || rule !== undefined,
    registered,
  };
  const drainReason = isDecided ? decision?.reason : rule?.reason;
  if (drainReason !== undefined) registration.drainReason = drainReason;
  if (isDecided && decision?.end) registration.drainUntil = decision.end.until;
  if (rule) registration.drainRule = rule.name;
  if (instance !== undefined) registration.instance = instance;
  if (unhealthy) registration.unhealthy = unhealthy;
  if (check) registration.check = check;
  return registration;
}
