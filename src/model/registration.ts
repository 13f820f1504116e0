/** Registrations as clients see them, and the key that names one. */

import { InvalidError } from './errors.js';
import { normalizeHost } from './host.js';

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
  ttl?: number;
  /** Anything a consumer may want to know, as a JSON object. */
  meta?: Meta;
  /** Chosen once per start of the service, so that a restart at the same address is a new life. */
  instance?: string;
  /**
   * What a failing health check said: the registration is kept and renewed, but offline, until this is null. It keeps
   * its life, and what an operator has decided about it.
   */
  unhealthy?: string | null;
}

/** Which start of the service a request is about. Anything about another one gets a 404 and does nothing. */
export interface InstanceOption {
  instance?: string | undefined;
}

/** A registration to renew; with an `instance`, only if that is the one that is registered. */
export interface Renewal extends InstanceOption {
  id: string;
}

/** What came of renewing many at once. */
export interface RenewalsAnswer {
  renewed: number;
  /** The ids that nobody knows: register them again. */
  unknown: string[];
  /**
   * The named instances that another one has replaced, and by which id. Registering them again would end the other one.
   * Absent if there are none.
   */
  replaced?: (Required<Renewal> & { replacedBy: string })[];
}

/** What an operator decides of an instance, whatever the instance says of itself. */
export interface RegistrationState {
  /** Online, but to be left out of load balancing. */
  draining: boolean;
  /** Why, for those who see it. */
  reason?: string;
}

export type Meta = Record<string, unknown>;

/** A registration as it is answered and carried by events. */
export interface Registration extends Address {
  resource: 'Registration';
  id: RegistrationId;
  ttl: number;
  meta: Meta;
  /** An operator's decision: online, but to be left out of load balancing. */
  draining: boolean;
  /** Why it is draining, where that was said. */
  drainReason?: string;
  /** Unix ms by the clock of the daemon that took it in. Informative: nothing is decided by it. */
  registered: number;
  /** Which start of the service it is, if the service said. */
  instance?: string;
  /** What its health check said, in answers about an instance that is offline for that reason. */
  unhealthy?: string;
}

/** The answer to `POST /registrations`: what is registered, and how often to renew it (ms). */
export interface RegisterAnswer extends Registration {
  renewEvery: number;
}

/** A client that renews every third of its TTL may lose one renewal and still be in time. */
export const renewEvery = (ttl: number): number => Math.floor(ttl / 3);

export const formatId = ({ app, version, host, port }: Address): RegistrationId =>
  `${app}/${version}/${host}/${port}` as RegistrationId;

/** A text by which a caller asks for a registration. Unchecked: what is none names nothing that is registered. */
export const asId = (text: string): RegistrationId => text as RegistrationId;

/** The parts of an id. Throws {@link InvalidError} where it does not have four of them or the port is none. */
export function parseId(id: string): Address {
  const parts = id.split('/');
  const [app, version, host, port] = parts;
  if (parts.length !== 4 || !app || !version || !host || !/^\d{1,5}$/.test(port!) || Number(port) > 65535)
    throw new InvalidError(`'${id}' is not a registration id: expected APP/VERSION/HOST/PORT`);
  return { app, version, host: normalizeHost(host), port: Number(port) };
}

/** The parts of the id of something that is registered: it was checked when it came, and is parsed for every answer. */
export function addressOf(id: RegistrationId): Address {
  const [app, version, host, port] = id.split('/') as [string, string, string, string];
  return { app, version, host, port: Number(port) };
}

/** `host:port` as one writes it in a URL: IPv6 addresses in brackets. */
export const hostPort = ({ host, port }: Pick<Address, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
