/** How much a daemon keeps and does for one token, or for all callers together. An absent quota is unlimited. */

import { InvalidError } from './errors.js';
import type { Role } from './roles.js';

export interface Quotas {
  /** Registrations that are online. */
  maxRegistrations?: number;
  /** Bytes of their metadata, as JSON. */
  maxMetaBytes?: number;
  /** Changes of backends and frontends per second. */
  maxCatalogWrites?: number;
  /** Requests per second. */
  maxRequests?: number;
}

export type QuotaName = keyof Quotas;

/** The largest bound of each. */
export const mostOfQuota = 1_000_000_000;

/** The roles to which each quota applies, and its name in a list of tokens. */
export const quotaTable: Readonly<Record<QuotaName, { roles: readonly Role[]; unit: string }>> = {
  maxRegistrations: { roles: ['write', 'admin'], unit: 'registrations' },
  maxMetaBytes: { roles: ['write', 'admin'], unit: 'bytes of metadata' },
  maxCatalogWrites: { roles: ['deploy', 'admin'], unit: 'catalog writes/s' },
  maxRequests: { roles: ['read', 'write', 'deploy', 'admin'], unit: 'requests/s' },
};

export const quotaNames = Object.keys(quotaTable) as QuotaName[];

/** Whether `value` is a valid quota. */
export const isQuota = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= mostOfQuota;

/** The quotas among `fields` for a token of this role. Throws InvalidError, which names the field. */
export function readQuotas(fields: Readonly<Partial<Record<QuotaName, unknown>>>, role: Role): Quotas {
  const quotas: Quotas = {};
  for (const name of quotaNames) {
    const value = fields[name];
    if (value === undefined) continue;
    if (!isQuota(value)) throw new InvalidError(`'${name}' must be a whole number from 1 to ${mostOfQuota}`);
    if (!quotaTable[name].roles.includes(role)) throw new InvalidError(`'${name}' does not go with the role ${role}`);
    quotas[name] = value;
  }
  return quotas;
}

/** `100 registrations, 5 requests/s`; undefined if there are none. */
export function describeQuotas(quotas: Quotas): string | undefined {
  const bounds = quotaNames.flatMap((name) => {
    const value = quotas[name];
    return value === undefined ? [] : [`${value} ${quotaTable[name].unit}`];
  });
  return bounds.length > 0 ? bounds.join(', ') : undefined;
}
