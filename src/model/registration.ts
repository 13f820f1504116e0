/** Registrations as clients see them, and the key that names one. */

import type { Check, CheckOptions } from './check.js';
import { InvalidError } from './errors.js';
import { normalizeHost } from './host.js';

export { hostPort } from './host-port.js';

/** `app/version/host/port`: names a registration everywhere. Branded, so that no other string passes for one. */
export type RegistrationId = string & { readonly __brand: 'RegistrationId' };

/** The four parts of a registration's key. */
export interface Address {
  app: string;
  version: string;
  /** IPv4, IPv6 (without brackets) or a host name; daemons keep it as host.ts normalizes it. */
  host: string;
  port: number;
}

/** What a client may say about its registration beside its address. Absent fields keep their value. */
export interface RegistrationOptions {
  /** Milliseconds that the registration stays online without a renewal. */
  ttl?: number | undefined;
  /** Anything a consumer may want to know, as a JSON object. */
  meta?: Meta | undefined;
  /** Chosen once per start of the service, so that a restart at the same address is a new life. */
  instance?: string | undefined;
  /**
   * The message of a failing health check. Until it is null, the registration is kept and renewed, but offline. It
   * keeps its life and an operator's decision.
   */
  unhealthy?: string | null | undefined;
  /**
   * How the daemons probe it: each pass renews it, and it need not renew by itself. `null` ends the probing. Without a
   * `ttl`, the registration gets one that covers the check.
   */
  check?: CheckOptions | null | undefined;
}

/** The instance that a request is about. If another one is registered, the request gets a 404 and does nothing. */
export interface InstanceOption {
  instance?: string | undefined;
}

/** A registration to renew; with an `instance`, only if that one is registered. */
export interface Renewal extends InstanceOption {
  id: string;
}

/** The result of renewing many at once. */
export interface RenewalsAnswer {
  renewed: number;
  /** The ids that no daemon knows: register them again. */
  unknown: string[];
  /**
   * The given instances that were replaced by another one, and its id. Registering them again would end the other one.
   * Absent if there are none.
   */
  replaced?: { id: string; instance: string; replacedBy: string }[];
}

/** An operator's decision on an instance, independent of what the instance reports. */
export interface RegistrationState {
  /** Online, but to be left out of load balancing. */
  draining: boolean;
  /** Why, for other operators. */
  reason?: string;
  /** ms after which a drain ends by itself; absent: it lasts until the next decision. */
  forMs?: number;
}

export type Meta = Record<string, unknown>;

/**
 * Which registrations to list: those that are online, or those that are offline only because their health check fails.
 */
export const listedStates = ['online', 'unhealthy'] as const;
export type ListedState = (typeof listedStates)[number];

/** A registration in answers and events. */
export interface Registration extends Address {
  resource: 'Registration';
  id: RegistrationId;
  ttl: number;
  meta: Meta;
  /** Online, but to be left out of load balancing: by an operator's decision on it, or by a drain rule. */
  draining: boolean;
  /** Why it is draining, if a reason was given. */
  drainReason?: string;
  /**
   * When its drain ends by itself: Unix ms by the clock of the daemon that took the command. Informative, like
   * `registered`. Absent if the drain lasts until the next decision.
   */
  drainUntil?: number;
  /** The name of the drain rule by which it is draining; absent if it is draining by a decision on it. */
  drainRule?: string;
  /** Unix ms by the clock of the daemon that took it in. Informative: no decision depends on it. */
  registered: number;
  /** The instance of the service, if it gave one. */
  instance?: string;
  /** The message of its health check, in answers about an instance that is offline for that reason. */
  unhealthy?: string;
  /** How the daemons probe it, if they do. */
  check?: Check;
}

/** The answer to `POST /registrations`: the registration, and how often to renew it (ms). */
export interface RegisterAnswer extends Registration {
  renewEvery: number;
}

/** A client that renews every third of its TTL may lose one renewal and still be in time. */
export const renewEvery = (ttl: number): number => Math.floor(ttl / 3);

export const formatId = ({ app, version, host, port }: Address): RegistrationId =>
  `${app}/${version}/${host}/${port}` as RegistrationId;

/** Takes a caller's text for an id, without a check: an invalid id matches no registration. */
export const asId = (text: string): RegistrationId => text as RegistrationId;

/** The parts of an id. Throws {@link InvalidError} if there are not four, or the port is invalid. */
export function parseId(id: string): Address {
  const parts = id.split('/');
  const [app, version, host, port] = parts;
  if (parts.length !== 4 || !app || !version || !host || !/^\d{1,5}$/.test(port!) || Number(port) > 65535)
    throw new InvalidError(`'${id}' is not a registration id: expected APP/VERSION/HOST/PORT`);
  return { app, version, host: normalizeHost(host), port: Number(port) };
}

/** The parts of a valid id, without checks: it is parsed for every answer. */
export function addressOf(id: RegistrationId): Address {
  const [app, version, host, port] = id.split('/') as [string, string, string, string];
  return { app, version, host, port: Number(port) };
}
