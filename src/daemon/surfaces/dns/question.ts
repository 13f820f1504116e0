/** What a name of the domain asks about. docs/integrations/dns.md has the list of names. */

import { addressIn, nameOf } from './labels.js';

/** The instances that a name stands for. */
export type Pool =
  | { kind: 'app'; name: string; /** As in {@link versionLabel}. */ version?: string }
  | { kind: 'backend' | 'frontend'; name: string };

export type Subject =
  /** The domain itself. */
  | { is: 'apex' }
  /** It exists always and has no records: names are below it. */
  | { is: 'branch' }
  | { is: 'pool'; pool: Pool; /** Whether it was asked for as a service (`_http._tcp`). */ asService: boolean }
  /** It exists while the pool does, and has no records. */
  | { is: 'below'; pool: Pool }
  /** The target of SRV records. */
  | { is: 'instance'; app: string; host: string; port: number };

/**
 * Labels in lower case, the first one first, without those of the domain. Undefined: there never is such a name.
 *
 *     subjectOf(['1-2-0', 'web', 'app'])
 */
export function subjectOf(labels: readonly string[]): Subject | undefined {
  const kind = labels.at(-1);
  const rest = labels.slice(0, -1);
  switch (kind) {
    case undefined:
      return { is: 'apex' };
    case 'app':
    case 'service':
      return inPools('app', rest);
    case 'backend':
    case 'frontend':
      return inPools(kind, rest);
    case 'inst':
      return inInstances(rest);
    default:
      return undefined;
  }
}

function inPools(kind: Pool['kind'], labels: readonly string[]): Subject | undefined {
  if (labels.length === 0) return { is: 'branch' };
  const count = labels.findIndex((label) => !label.startsWith('_'));
  const services = count < 0 ? labels : labels.slice(0, count);
  const names = labels.slice(services.length);
  if (names.length > 0) return ofPool(poolOf(kind, names), services);
  // _tcp.app, and _web._tcp.app for web.app as a service.
  const [protocol, service] = [...services].reverse();
  if (protocol !== '_tcp' || services.length > 2) return undefined;
  return service === undefined ? { is: 'branch' } : ofPool(poolOf(kind, [service.slice(1)]), services);
}

function ofPool(pool: Pool | undefined, services: readonly string[]): Subject | undefined {
  if (!pool) return undefined;
  if (services.length === 0) return { is: 'pool', pool, asService: false };
  if (services.length === 2 && services[1] === '_tcp') return { is: 'pool', pool, asService: true };
  // gRPC asks for the TXT of _grpc_config, and is to hear at once that there is none.
  return services.length === 1 ? { is: 'below', pool } : undefined;
}

function poolOf(kind: Pool['kind'], labels: readonly string[]): Pool | undefined {
  const [label, version, more] = [...labels].reverse();
  const name = label === undefined ? undefined : nameOf(label);
  if (name === undefined || more !== undefined) return undefined;
  if (kind === 'app') return { kind, name, ...(version !== undefined && { version }) };
  return version === undefined ? { kind, name } : undefined;
}

function inInstances(labels: readonly string[]): Subject | undefined {
  if (labels.length === 0) return { is: 'branch' };
  const [label, instance, more] = [...labels].reverse();
  const app = nameOf(label!);
  if (app === undefined || more !== undefined) return undefined;
  if (instance === undefined) return { is: 'below', pool: { kind: 'app', name: app } };
  const address = addressIn(instance);
  return address && { is: 'instance', app, ...address };
}
