/** Turns entries into what clients and watchers see: registrations, and events when an entry has changed. */

import { type OfflineReason, previousOf, type RegistrationEvent } from '../model/events.js';
import { type Address, addressOf, type Registration, type RegistrationId } from '../model/registration.js';
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
  ) {}

  get type(): RegistrationEvent['type'] {
    return this.now === undefined ? 'offline' : this.before === undefined ? 'online' : 'updated';
  }

  toEvent(): RegistrationEvent {
    const { id, before, now, reason, detail } = this;
    if (now === undefined)
      return {
        type: 'offline',
        registration: toRegistration(id, before!),
        reason: reason!,
        ...(detail === undefined ? {} : { detail }),
      };
    if (before === undefined) return { type: 'online', registration: toRegistration(id, now) };
    return updated(id, before, now);
  }
}

/** An entry as clients see it. */
export function toRegistration(
  id: RegistrationId,
  entry: Entry,
  { app, version, host, port }: Address = addressOf(id),
): Registration {
  const { ttl, meta, decision, registered, instance, unhealthy, check } = entry;
  const draining = isDraining(entry);
  const registration: Registration = {
    resource: 'Registration',
    id,
    app,
    version,
    host,
    port,
    ttl,
    meta,
    draining,
    registered,
  };
  if (draining && decision?.reason !== undefined) registration.drainReason = decision.reason;
  if (instance !== undefined) registration.instance = instance;
  if (unhealthy) registration.unhealthy = unhealthy;
  if (check) registration.check = check;
  return registration;
}

function updated(id: RegistrationId, before: Entry, now: Entry): RegistrationEvent {
  const address = addressOf(id);
  const registration = toRegistration(id, now, address);
  const previous = previousOf(toRegistration(id, before, address), registration);
  const isDecision = before.life === now.life && before.decision?.turn !== now.decision?.turn;
  const reason = isDecision ? now.decision?.reason : undefined;
  return { type: 'updated', registration, previous, ...(reason === undefined ? {} : { reason }) };
}
