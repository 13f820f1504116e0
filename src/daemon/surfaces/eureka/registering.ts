/** What a client of Eureka registers, as a registration. */

import { InvalidError } from '../../../model/errors.js';
import type { Address, Meta, RegistrationOptions } from '../../../model/registration.js';
import { check } from '../../../model/validate.js';
import { noVersion } from '../no-version.js';
import { type Fields, fieldsIn } from './body.js';
import { asDetails, type Details, detailsName, plainNamed } from './details.js';
import { upperCase } from './instance.js';

/** Eureka's own default. */
const defaultLeaseS = 90;

/** The statuses that Eureka knows beside `UP`. Others are `UNKNOWN` to it. */
const downStatuses = ['DOWN', 'STARTING', 'OUT_OF_SERVICE'];

/** The app of a registering client: Java clients write every name in upper case, so the lower case stands for all. */
export const appNamed = (name: string): string => name.toLowerCase();

/** Throws InvalidError. */
export function registrationOf(name: string, instance: Fields): { address: Address; options: RegistrationOptions } {
  const named = textOf(instance.app);
  if (named !== undefined && upperCase(named) !== upperCase(name))
    throw new InvalidError(`the path names the app '${name}', and the body '${named}'`);
  const { version = noVersion, ...meta } = metadataOf(instance.metadata);
  const leaseS = textOf(fieldsIn(instance.leaseInfo).durationInSecs) ?? defaultLeaseS;
  const { port: onPort, details } = portAndDetailsOf(instance);
  const { app, host, port, ...rest } = check('registration', {
    app: appNamed(name),
    version,
    host: textOf(instance.hostName) ?? textOf(instance.ipAddr),
    port: onPort,
    ttl: Number(leaseS) * 1000,
    meta: { ...meta, [detailsName]: details },
    instance: idOf(instance),
    unhealthy: unhealthyOf(instance),
  });
  const { version: checked, ...options } = rest;
  return { address: { app, version: checked, host, port }, options };
}

/** The id by which its heartbeats name it. */
function idOf({ instanceId, hostName, ipAddr, dataCenterInfo }: Fields): string | undefined {
  const ofAmazon = fieldsIn(fieldsIn(dataCenterInfo).metadata)['instance-id'];
  return textOf(instanceId) ?? textOf(ofAmazon) ?? textOf(hostName) ?? textOf(ipAddr);
}

function unhealthyOf(instance: Fields): string | null {
  const status = textOf(instance.status) ?? 'UP';
  if (status === 'UP') return null;
  return `its status in Eureka is ${downStatuses.includes(status) ? status : 'UNKNOWN'}`;
}

/** Without the attributes of XML. */
const metadataOf = (metadata: unknown): Meta => plainNamed(fieldsIn(metadata));

function portAndDetailsOf(instance: Fields): { port: unknown; details: Details } {
  const { isEnabled, number } = portIn(instance.port, true);
  const secure = portIn(instance.securePort, false);
  const isSecure = secure.isEnabled && (!isEnabled || number === undefined);
  const details = asDetails({
    ...Object.fromEntries(Object.entries(instance).map(([field, value]) => [field, textOf(value)])),
    dataCenterInfo: dataCenterIn(instance.dataCenterInfo),
    ...(isSecure
      ? { secure: true, securePort: undefined }
      : { securePort: secure.isEnabled ? secure.number : undefined }),
  });
  return { port: isSecure ? secure.number : number, details };
}

/** `8080`, `"8080"` or `{"$": 8080, "@enabled": "true"}`. */
function portIn(value: unknown, byDefault: boolean): { number: unknown; isEnabled: boolean } {
  const { $: inside, '@enabled': enabled = byDefault } = fieldsIn(value);
  const text = textOf(typeof value === 'object' ? inside : value);
  return {
    number: text !== undefined && /^\d+$/.test(text) ? Number(text) : text,
    isEnabled: String(enabled) === 'true',
  };
}

/** What Java clients always send is not kept. */
function dataCenterIn(value: unknown): object | undefined {
  const { name, metadata } = fieldsIn(value);
  return name === 'MyOwn' ? undefined : { name, metadata: metadataOf(metadata) };
}

/** Text that is not empty; numbers and booleans as text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
