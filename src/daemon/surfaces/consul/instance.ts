/**
 * A registration as Consul's API shows it: https://developer.hashicorp.com/consul/api-docs. docs/decisions/0033 says why
 * each part of Consul's model became which part of bender's.
 */

import { createHash } from 'node:crypto';
import { asText } from '../../../model/meta.js';
import type { Meta, Registration } from '../../../model/registration.js';
import { keptIn, reserved } from './kept.js';

export interface Node {
  ID: string;
  Node: string;
  Address: string;
  Datacenter: string;
  TaggedAddresses: Record<string, string>;
  Meta: Record<string, string>;
}

export interface Service {
  ID: string;
  Service: string;
  Tags: readonly string[];
  Address: string;
  Port: number;
  Meta: Record<string, string>;
  TaggedAddresses: Record<string, never>;
  Weights: { Passing: number; Warning: number };
  EnableTagOverride: false;
  Datacenter: string;
}

export type Status = 'passing' | 'warning' | 'critical';

export interface Check {
  Node: string;
  CheckID: string;
  Name: string;
  Status: Status;
  Notes: string;
  Output: string;
  ServiceID: string;
  ServiceName: string;
  ServiceTags: readonly string[];
  Type: string;
}

/** An element of the answer to `GET /v1/health/service/NAME`. */
export interface Instance {
  Node: Node;
  Service: Service;
  Checks: Check[];
}

/** The one node per host: where an instance is held is no business of its clients. */
export const nodeOf = (host: string, datacenter: string): Node => ({
  ID: uuidOf(host),
  Node: host,
  Address: host,
  Datacenter: datacenter,
  TaggedAddresses: { lan: host, wan: host },
  Meta: {},
});

export function instanceOf(registration: Registration, datacenter: string): Instance {
  const { app, version, host, port, meta } = registration;
  const { id, tags = [], weights = { passing: 1, warning: 1 } } = keptIn(meta);
  const service: Service = {
    ID: id ?? registration.id,
    Service: app,
    Tags: id === undefined ? [`version=${version}`, ...tags] : tags,
    Address: host,
    Port: port,
    Meta: { ...textsOf(meta), version },
    TaggedAddresses: {},
    Weights: { Passing: weights.passing, Warning: weights.warning },
    EnableTagOverride: false,
    Datacenter: datacenter,
  };
  return { Node: nodeOf(host, datacenter), Service: service, Checks: checksOf(registration, service) };
}

/** The ID of the check of a service that names none. */
export const defaultCheckId = (serviceId: string): string => `service:${serviceId}`;

/** What Consul says of maintenance without a reason. */
const noReason = 'Maintenance mode is enabled for this service, but no reason was provided.';

const notesOf = ({ drainReason = noReason, drainUntil }: Registration): string =>
  drainUntil === undefined ? drainReason : `${drainReason} (until ${new Date(drainUntil).toISOString()})`;

function checksOf(registration: Registration, { ID, Service, Tags }: Service): Check[] {
  const { host, meta, unhealthy, draining, check: probed } = registration;
  const { check, warning } = keptIn(meta);
  const about = { ServiceID: ID, ServiceName: Service, ServiceTags: Tags };
  const own: Check = {
    Node: host,
    CheckID: check?.id ?? defaultCheckId(ID),
    Name: check?.name ?? `Service '${Service}' check`,
    Status: unhealthy === undefined ? (warning === undefined ? 'passing' : 'warning') : 'critical',
    Notes: check?.notes ?? '',
    Output: unhealthy ?? warning ?? '',
    ...about,
    Type: probed === undefined ? 'ttl' : probed.tcp ? 'tcp' : 'http',
  };
  if (!draining) return [own];
  const maintenance: Check = {
    Node: host,
    CheckID: `_service_maintenance:${ID}`,
    Name: 'Service Maintenance Mode',
    Status: 'critical',
    Notes: notesOf(registration),
    Output: '',
    ...about,
    Type: 'maintenance',
  };
  return [maintenance, own];
}

export const isPassing = ({ Checks }: Instance): boolean => Checks.every(({ Status }) => Status === 'passing');

/** An element of the answer to `GET /v1/catalog/service/NAME`: it has the same in one level. */
export const catalogEntryOf = ({ Node: node, Service: service }: Instance) => ({
  ID: node.ID,
  Node: node.Node,
  Address: node.Address,
  Datacenter: node.Datacenter,
  TaggedAddresses: node.TaggedAddresses,
  NodeMeta: node.Meta,
  ServiceID: service.ID,
  ServiceName: service.Service,
  ServiceTags: service.Tags,
  ServiceAddress: service.Address,
  ServicePort: service.Port,
  ServiceMeta: service.Meta,
  ServiceTaggedAddresses: service.TaggedAddresses,
  ServiceWeights: service.Weights,
  ServiceEnableTagOverride: service.EnableTagOverride,
});

/** Metadata as Consul has them: texts. Objects and lists are shown as JSON. */
const textsOf = (meta: Meta): Record<string, string> =>
  Object.fromEntries(
    Object.entries(meta).flatMap(([name, value]) => (name === reserved ? [] : [[name, asText(value)]])),
  );

/** By host, since a hash for each instance is most of the time that a look-up takes. */
const uuids = new Map<string, string>();
const uuidsMost = 50_000;

/** The same id for the same host at every daemon, in the form of a UUID. */
function uuidOf(host: string): string {
  const known = uuids.get(host);
  if (known !== undefined) return known;
  const uuid = createHash('sha1')
    .update(host)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  if (uuids.size >= uuidsMost) uuids.clear();
  uuids.set(host, uuid);
  return uuid;
}
