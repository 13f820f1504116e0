/** Reads the bodies of registrations. Names of fields are read as Consul reads them: in any case, `_` or not. */

import { InvalidError } from '../../../model/errors.js';
import { limits } from '../../../model/limits.js';
import { printable } from '../../../model/printable.js';
import type { Address, Meta } from '../../../model/registration.js';
import { parseJson } from '../../http/body.js';
import { goDuration } from './durations.js';
import type { Status } from './instance.js';
import { type Kept, reserved } from './kept.js';

type Fields = Readonly<Record<string, unknown>>;

export interface WantedCheck {
  /** ms */
  ttl: number;
  check: NonNullable<Kept['check']>;
  /** Undefined: none is given. */
  status: Status | undefined;
}

export interface WantedService extends WantedCheck {
  address: Address;
  id: string;
  /** What bender's own clients call the metadata. */
  meta: Meta;
  kept: Pick<Kept, 'tags' | 'weights'>;
}

/** The version of a service that says none. */
const noVersion = '0.0.0';

/**
 * The body of `PUT /v1/agent/service/register`. Throws InvalidError.
 *
 * @param from  the address of the client, for services that name none
 */
export function serviceIn(body: unknown, from: string): WantedService {
  const fields = fieldsIn(body);
  if (textIn(fields, 'kind')) throw new InvalidError('Invalid Kind: proxies and gateways are not supported');
  const app = textIn(fields, 'name');
  if (!app) throw new InvalidError('Missing service name');
  const tags = listIn(fields, 'tags').map((tag) => {
    if (typeof tag !== 'string') throw new InvalidError('Invalid Tags: each must be a string');
    return tag;
  });
  const meta = metaIn(fields);
  const weights = fields.weights === undefined ? undefined : folded(fields.weights, 'Weights');
  const id = textIn(fields, 'id') || app;
  return {
    ...checkOf(fields),
    address: {
      app,
      version: meta.version ?? versionIn(tags) ?? noVersion,
      host: textIn(fields, 'address') || from,
      port: fields.port as number,
    },
    id,
    meta,
    kept: {
      ...(tags.length > 0 && { tags }),
      ...(weights && { weights: { passing: weightIn(weights, 'passing'), warning: weightIn(weights, 'warning') } }),
    },
  };
}

/** The body of `PUT /v1/agent/check/register`. */
export function checkIn(body: unknown): WantedCheck & { serviceId: string } {
  const fields = fieldsIn(body);
  const serviceId = textIn(fields, 'serviceid');
  if (!serviceId) throw new InvalidError('Missing ServiceID: checks of nodes are not supported');
  const name = textIn(fields, 'name');
  if (!name) throw new InvalidError('Missing check name');
  const check = onlyTtl(fields);
  return {
    serviceId,
    ...check,
    check: { id: textIn(fields, 'id') || textIn(fields, 'checkid') || name, ...check.check },
  };
}

/** The body of `PUT /v1/agent/check/update/ID`. */
export function reportIn(body: unknown): { status: Status; note: string } {
  const fields = fieldsIn(body);
  const status = statusIn(fields);
  if (!status) throw new InvalidError('Invalid check status: it must be passing, warning or critical');
  return { status, note: textIn(fields, 'output') };
}

/** One lease is one check. */
function checkOf(fields: Fields): WantedCheck {
  const one = fields.check === undefined ? [] : [folded(fields.check, 'Check')];
  const checks = [...one, ...listIn(fields, 'checks').map((check) => folded(check, 'Checks'))];
  if (checks.length === 0)
    throw new InvalidError(
      'Missing Check: bender keeps what is renewed, so register with a TTL check ({"Check": {"TTL": "15s"}}) and pass it in time',
    );
  if (checks.length > 1) throw new InvalidError('Invalid Checks: a service has one check here');
  const [only] = checks as [Fields];
  const id = textIn(only, 'checkid') || textIn(only, 'id');
  const { check, ...rest } = onlyTtl(only);
  return { ...rest, check: { ...(id && { id }), ...check } };
}

function onlyTtl(fields: Fields): WantedCheck {
  for (const kind of ['http', 'tcp'])
    if (textIn(fields, kind))
      throw new InvalidError(
        `Invalid Check: this daemon does not probe ${kind.toUpperCase()}, register with a TTL check and pass it`,
      );
  const text = textIn(fields, 'ttl');
  const ttl = goDuration(text);
  if (text === '') throw new InvalidError('Invalid Check: TTL must be given, other kinds are not supported');
  if (!ttl || ttl < limits.ttlMin || ttl > limits.ttlMax)
    throw new InvalidError(`Invalid Check: TTL must be from 1s to 24h, not '${printable(text)}'`);
  const name = textIn(fields, 'name');
  const notes = textIn(fields, 'notes');
  return { ttl, check: { ...(name && { name }), ...(notes && { notes }) }, status: statusIn(fields) };
}

function statusIn(fields: Fields): Status | undefined {
  const status = textIn(fields, 'status');
  if (status === '') return undefined;
  if (status === 'passing' || status === 'warning' || status === 'critical') return status;
  throw new InvalidError(`Invalid check status: it must be passing, warning or critical, not '${printable(status)}'`);
}

function metaIn(fields: Fields): Record<string, string> {
  const meta = fields.meta ?? {};
  if (typeof meta !== 'object' || Array.isArray(meta)) throw new InvalidError('Invalid Meta: it must be an object');
  const entries = Object.entries(meta) as [string, unknown][];
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw new InvalidError(`Invalid Meta: '${printable(name)}' must be a string`);
    if (name === reserved) throw new InvalidError(`Invalid Meta: the key '${reserved}' is reserved`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The version in a tag `version=1.2.0`. */
const versionIn = (tags: readonly string[]): string | undefined =>
  tags.find((tag) => tag.startsWith('version='))?.slice('version='.length);

function weightIn(fields: Fields, name: string): number {
  const weight = fields[name] ?? 1;
  if (Number.isSafeInteger(weight) && (weight as number) >= 0 && (weight as number) <= 65_535) return weight as number;
  throw new InvalidError('Invalid Weights: they must be whole numbers from 0 to 65535');
}

function fieldsIn(body: unknown): Fields {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new InvalidError('Request decode failed: EOF');
  return folded(parseJson(body), 'body');
}

/** Fields that are null are as if they were not there. */
function folded(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidError(`Request decode failed: ${what} must be a JSON object`);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name.toLowerCase().replaceAll('_', ''), field as unknown]),
  );
}

/** Empty if it is not there or null. */
function textIn(fields: Fields, name: string): string {
  const text = fields[name] ?? '';
  if (typeof text !== 'string') throw new InvalidError(`Request decode failed: '${name}' must be a string`);
  return text;
}

function listIn(fields: Fields, name: string): readonly unknown[] {
  const list = fields[name] ?? [];
  if (!Array.isArray(list)) throw new InvalidError(`Request decode failed: '${name}' must be a list`);
  return list;
}
