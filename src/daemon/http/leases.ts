/** The route that tells how long registrations stay online without a renewal. */

import { InvalidError } from '../../model/errors.js';
import { limits } from '../../model/limits.js';
import { formatId, parseId } from '../../model/registration.js';
import type { Registry } from '../core/registry.js';
import { route, type Route } from './route.js';

export function leaseRoutes(registry: Pick<Registry, 'leases'>): Route[] {
  return [
    route('GET', '/leases', { reads: true }, async ({ query }) => ({
      status: 200,
      body: await registry.leases(idsIn(query())),
    })),
  ];
}

/** Names have no spaces, so a `+` that was not encoded is meant as it stands. */
function idsIn(parameters: URLSearchParams): string[] {
  const asked = parameters.getAll('registration').map((id) => id.replaceAll(' ', '+'));
  if (asked.length === 0) throw new InvalidError("give 'registration' (an id), once or several times");
  if (asked.length > limits.leases)
    throw new InvalidError(`there must be at most ${limits.leases} ids 'registration', not ${asked.length}`);
  return [...new Set(asked.map((id) => formatId(parseId(id))))];
}
