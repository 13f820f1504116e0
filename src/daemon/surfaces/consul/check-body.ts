/** Reads a check in the body of a registration: one with a TTL, or one that the daemons probe. */

import type { CheckOptions } from '../../../model/check.js';
import { InvalidError } from '../../../model/errors.js';
import { normalizeHost } from '../../../model/host.js';
import { limits } from '../../../model/limits.js';
import { printable } from '../../../model/printable.js';
import type { Address } from '../../../model/registration.js';
import { goDuration } from './durations.js';
import { type Fields, textIn } from './fields.js';
import type { Status } from './instance.js';
import type { Kept } from './kept.js';

export interface WantedCheck {
  /** ms, and null for `probe`: the client reports. Undefined: it is probed, and the TTL follows from that. */
  ttl?: number;
  /** How the daemons probe it. */
  probe: CheckOptions | null;
  /** What is kept of it. */
  check: NonNullable<Kept['check']>;
  /** Undefined: none is given. */
  status: Status | undefined;
}

type Place = Pick<Address, 'host' | 'port'>;

/**
 * Throws InvalidError.
 *
 * @param own  where the service is: nothing else is probed
 */
export function checkFrom(fields: Fields, own: Place): WantedCheck {
  const [name, notes] = [textIn(fields, 'name'), textIn(fields, 'notes')];
  const check = { ...(name && { name }), ...(notes && { notes }) };
  const status = statusIn(fields);
  const [http, tcp, ttl] = [textIn(fields, 'http'), textIn(fields, 'tcp'), textIn(fields, 'ttl')];
  const given = [http, tcp, ttl].filter((one) => one !== '').length;
  if (given !== 1) throw refusal('it has a TTL, or an HTTP or TCP address to probe: one of them, and no other kind');
  if (ttl !== '') return { ttl: ttlOf(ttl), probe: null, check, status };
  const probe = { ...(http ? httpTarget(http, fields, own) : tcpTarget(tcp, own)), ...pace(fields) };
  return { probe, check, status };
}

function ttlOf(text: string): number {
  const ttl = goDuration(text);
  if (ttl !== undefined && ttl >= limits.ttlMin && ttl <= limits.ttlMax) return ttl;
  throw refusal(`TTL must be from 1s to 24h, not '${printable(text)}'`);
}

function httpTarget(text: string, fields: Fields, own: Place): CheckOptions {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '')
    throw refusal(`HTTP must be a URL, not '${printable(text)}'`);
  const isSecure = url.protocol === 'https:';
  requireOwn({ host: url.hostname, port: Number(url.port || (isSecure ? 443 : 80)) }, own);
  if (!/^(get)?$/i.test(textIn(fields, 'method')) || textIn(fields, 'body') !== '' || hasEntries(fields.header))
    throw refusal('the daemons probe by GET, without headers and body of the service');
  const path = url.pathname + url.search;
  return isSecure ? { https: path, ...(fields.tlsskipverify === true && { skipVerify: true }) } : { http: path };
}

function tcpTarget(text: string, own: Place): CheckOptions {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  requireOwn({ host, port: Number(port) }, own);
  return { tcp: true };
}

function requireOwn({ host, port }: Place, own: Place): void {
  if (normalizeHost(host) !== normalizeHost(own.host) || port !== own.port)
    throw refusal("the daemons probe only the service's own Address and Port");
}

/** How often, and how patiently. What is not said is bender's default. */
function pace(fields: Fields): Partial<CheckOptions> {
  const interval = durationIn(fields, 'interval');
  if (interval === undefined) throw refusal('Interval must be given');
  const timeout = durationIn(fields, 'timeout');
  const after = durationIn(fields, 'deregistercriticalserviceafter');
  const [fails, passes] = [fields.failuresbeforecritical, fields.successbeforepassing];
  return {
    interval,
    ...(timeout && { timeout: Math.min(timeout, interval, limits.checkTimeout.max) }),
    ...(isCount(fails) && { fails: fails + 1 }),
    ...(isCount(passes) && { passes }),
    ...(after && { deregisterAfter: Math.min(after, limits.deregisterAfter.max) }),
  };
}

function durationIn(fields: Fields, name: string): number | undefined {
  const text = textIn(fields, name);
  const ms = text === '' ? undefined : goDuration(text);
  if (text !== '' && ms === undefined) throw refusal(`'${name}' must be a duration such as 10s`);
  return ms;
}

export function statusIn(fields: Fields): Status | undefined {
  const status = textIn(fields, 'status');
  if (status === '') return undefined;
  if (status === 'passing' || status === 'warning' || status === 'critical') return status;
  throw new InvalidError(`Invalid check status: it must be passing, warning or critical, not '${printable(status)}'`);
}

/** 0 is Consul's word for "not given". */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const hasEntries = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

const refusal = (why: string): InvalidError => new InvalidError(`Invalid Check: ${why}`);
