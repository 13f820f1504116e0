/** Reads the bodies of registrations. */

import { InvalidError } from '../../../model/errors.js';
import { printable } from '../../../model/printable.js';
import type { Address, Meta } from '../../../model/registration.js';
import { noVersion } from '../no-version.js';
import { checkFrom, statusIn, type WantedCheck } from './check-body.js';
import { type Fields, fieldsIn, folded, listIn, textIn } from './fields.js';
import type { Status } from './instance.js';
import { type Kept, reserved } from './kept.js';

export interface WantedService extends WantedCheck {
  address: Address;
  id: string;
  /** What bender's own clients call the metadata. */
  meta: Meta;
  kept: Pick<Kept, 'tags' | 'weights'>;
}

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
  const host = textIn(fields, 'address') || from;
  const port = fields.port as number;
  return {
    ...checkOf(fields, { host, port }),
    address: { app, version: meta.version ?? versionIn(tags) ?? noVersion, host, port },
    id,
    meta,
    kept: {
      ...(tags.length > 0 && { tags }),
      ...(weights && { weights: { passing: weightIn(weights, 'passing'), warning: weightIn(weights, 'warning') } }),
    },
  };
}

/** The body of `PUT /v1/agent/check/register`: its service, and how to read the rest once it is found. */
export function checkIn(body: unknown): { serviceId: string; of: (service: Address) => WantedCheck } {
  const fields = fieldsIn(body);
  const serviceId = textIn(fields, 'serviceid');
  if (!serviceId) throw new InvalidError('Missing ServiceID: checks of nodes are not supported');
  const name = textIn(fields, 'name');
  if (!name) throw new InvalidError('Missing check name');
  const id = textIn(fields, 'id') || textIn(fields, 'checkid') || name;
  const of = (service: Address): WantedCheck => {
    const wanted = checkFrom(fields, service);
    return { ...wanted, check: { id, ...wanted.check } };
  };
  return { serviceId, of };
}

/** The body of `PUT /v1/agent/check/update/ID`. */
export function reportIn(body: unknown): { status: Status; note: string } {
  const fields = fieldsIn(body);
  const status = statusIn(fields);
  if (!status) throw new InvalidError('Invalid check status: it must be passing, warning or critical');
  return { status, note: textIn(fields, 'output') };
}

/** One lease is one check. */
function checkOf(fields: Fields, own: Pick<Address, 'host' | 'port'>): WantedCheck {
  const one = fields.check === undefined ? [] : [folded(fields.check, 'Check')];
  const checks = [...one, ...listIn(fields, 'checks').map((check) => folded(check, 'Checks'))];
  if (checks.length === 0)
    throw new InvalidError(
      'Missing Check: bender keeps what is alive, so register with a check: a TTL ({"Check": {"TTL": "15s"}}) that is passed in time, or HTTP or TCP',
    );
  if (checks.length > 1) throw new InvalidError('Invalid Checks: a service has one check here');
  const [only] = checks as [Fields];
  const id = textIn(only, 'checkid') || textIn(only, 'id');
  const { check, ...rest } = checkFrom(only, own);
  return { ...rest, check: { ...(id && { id }), ...check } };
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
