/**
 * A registration as an instance of Eureka. The names are those of its JSON; a name that begins with `@` is an attribute
 * in its XML, and `$` the text beside attributes.
 */

import { isAddress } from '../../../model/host.js';
import { asText } from '../../../model/meta.js';
import type { Registration } from '../../../model/registration.js';
import { type Details, detailsIn, detailsName, plainNamed } from './details.js';

export interface Port {
  $: number;
  '@enabled': 'true' | 'false';
}

/** Of the statuses that there are, the two that something online can have. */
export type Status = 'UP' | 'OUT_OF_SERVICE';

export interface Instance {
  instanceId: string;
  hostName: string;
  app: string;
  /** A host name if there is no address: clients that want one pass over such an instance. */
  ipAddr: string;
  status: Status;
  overriddenStatus: 'OUT_OF_SERVICE' | 'UNKNOWN';
  port: Port;
  securePort: Port;
  metadata: Record<string, string>;
  vipAddress: string;
  secureVipAddress: string;
  [other: string]: unknown;
}

/** Upper case, as Eureka writes the names of apps. */
export const upperCase = (app: string): string => app.toUpperCase();

/**
 * The id of an instance: the one that it registered with, or for one that did not come from a client of Eureka
 * `host:app:port`, which is unique within an app.
 */
export const instanceIdOf = ({ app, host, port, instance, meta }: Registration): string =>
  instance !== undefined && Object.hasOwn(meta, detailsName) ? instance : `${host}:${app}:${port}`;

export function instanceOf(registration: Registration): Instance {
  const { app, host, ttl, draining, registered, meta } = registration;
  const details = detailsIn(meta) ?? {};
  const time = String(registered);
  const { vipAddress = app, secureVipAddress = app } = details;
  return {
    instanceId: instanceIdOf(registration),
    hostName: host,
    app: upperCase(app),
    ipAddr: isAddress(host) ? host : (details.ipAddr ?? host),
    status: draining ? 'OUT_OF_SERVICE' : 'UP',
    overriddenStatus: draining ? 'OUT_OF_SERVICE' : 'UNKNOWN',
    ...portsOf(registration, details),
    countryId: 1,
    dataCenterInfo: dataCenterOf(details),
    leaseInfo: {
      renewalIntervalInSecs: Math.max(1, Math.floor(ttl / 3000)),
      durationInSecs: Math.ceil(ttl / 1000),
      registrationTimestamp: registered,
      serviceUpTimestamp: registered,
    },
    metadata: metadataOf(registration),
    ...(details.homePageUrl !== undefined && { homePageUrl: details.homePageUrl }),
    ...(details.statusPageUrl !== undefined && { statusPageUrl: details.statusPageUrl }),
    ...(details.healthCheckUrl !== undefined && { healthCheckUrl: details.healthCheckUrl }),
    ...(details.secureHealthCheckUrl !== undefined && { secureHealthCheckUrl: details.secureHealthCheckUrl }),
    vipAddress,
    secureVipAddress,
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: time,
    lastDirtyTimestamp: time,
    actionType: 'ADDED',
  };
}

const enabled = (port: number): Port => ({ $: port, '@enabled': 'true' });
const disabled = (port: number): Port => ({ $: port, '@enabled': 'false' });

/** Eureka's own default of the port that is not used. */
const unusedSecurePort = 443;

function portsOf({ port }: Registration, { secure, securePort }: Details): Pick<Instance, 'port' | 'securePort'> {
  if (secure) return { port: disabled(port), securePort: enabled(port) };
  return {
    port: enabled(port),
    securePort: securePort === undefined ? disabled(unusedSecurePort) : enabled(securePort),
  };
}

/** Java clients tell the kinds of data centers apart by the class. */
function dataCenterOf({ dataCenterInfo: { name, metadata = {} } = { name: 'MyOwn' } }: Details): object {
  if (name === 'Amazon') return { '@class': 'com.netflix.appinfo.AmazonInfo', name, metadata };
  return { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name };
}

/** Eureka's metadata are texts. What is none is written as JSON. */
function metadataOf({ version, meta }: Registration): Record<string, string> {
  const texts = Object.entries(plainNamed(meta))
    .filter(([name]) => name !== detailsName && name !== 'version')
    .map(([name, value]) => [name, asText(value)]);
  return Object.fromEntries([...texts, ['version', version]]) as Record<string, string>;
}
