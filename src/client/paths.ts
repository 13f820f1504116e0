/** The paths of the HTTP API. */

import type { Address } from '../model/registration.js';
import type { NearOptions } from './resolve-options.js';

/** `?a=1&b=2`, with the parameters that are defined. */
export function queryOf(parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString();
  return query === '' ? '' : `?${query}`;
}

/** `/a/b/c`, each part encoded, up to the first that is undefined. */
export function path(...parts: (string | number | undefined)[]): string {
  const end = parts.indexOf(undefined);
  return (end < 0 ? parts : parts.slice(0, end)).map((part) => `/${encodeURIComponent(part!)}`).join('');
}

export const registrationPath = ({ app, version, host, port }: Address): string =>
  path('registrations', app, version, host, port);

/** The registrations that a backend or frontend sends callers to. */
export const membersPath = (kind: 'backends' | 'frontends', name: string, { near, nearAtLeast }: NearOptions): string =>
  path(kind, name, 'registrations') + queryOf({ near, 'near-at-least': nearAtLeast });
