/** Registrations, backends and frontends as a daemon sends them. */

import type { Backend, Frontend } from '../../src/model/catalog.js';
import type { BenderEvent, Snapshot } from '../../src/model/events.js';
import type { Registration } from '../../src/model/registration.js';
import { formatId, parseId } from '../../src/model/registration.js';

/** From its id, such as `web/1.0.0/10.0.0.1/80`. */
export function registrationOf(
  id: string,
  { draining = false, ...options }: Partial<Pick<Registration, 'ttl' | 'meta' | 'instance' | 'draining'>> = {},
): Registration {
  const address = parseId(id);
  const rest = { ttl: 4000, meta: {}, registered: 0, draining, ...options };
  return { resource: 'Registration', id: formatId(address), ...address, ...rest };
}

export const backendOf = (name: string, app: string, version: string): Backend => ({
  resource: 'Backend',
  name,
  app,
  version,
});

export const frontendOf = (name: string, backend?: string): Frontend => ({
  resource: 'Frontend',
  name,
  ...(backend !== undefined && { backend }),
});

export const snapshotOf = (parts: Partial<Snapshot> = {}): BenderEvent => ({
  ...{ type: 'snapshot', registrations: [], backends: [], frontends: [], daemons: [], at: 0 },
  ...parts,
});
