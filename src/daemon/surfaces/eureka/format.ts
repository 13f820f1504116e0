/** The two forms of Eureka's answers, put together from those of single instances. Long ones are never one string. */

import { XMLBuilder } from 'fast-xml-parser';
import type { Instance } from './instance.js';

export type Around = readonly [ahead: string, behind: string];

export interface Format {
  contentType: string;
  instance: (instance: Instance) => string;
  /** An answer about one instance. */
  single: (instance: string) => string;
  /** What is ahead of the instances of an app, and behind them. */
  application: (name: string) => Around;
  /** The same for an answer about one app. */
  singleApplication: Around;
  /** The same for an answer that lists apps. */
  applications: (hashCode: string) => Around;
  /** What is between two instances, or two apps. */
  separator: string;
}

/** The client counts versions of the list itself: Netflix's server says this as well after its start. */
const version = '1';

const json: Format = {
  contentType: 'application/json',
  instance: (instance) => JSON.stringify(instance),
  single: (instance) => `{"instance":${instance}}`,
  application: (name) => [`{"name":${JSON.stringify(name)},"instance":[`, ']}'],
  singleApplication: ['{"application":', '}'],
  applications: (hashCode) => [
    `{"applications":{"versions__delta":"${version}","apps__hashcode":"${hashCode}","application":[`,
    ']}}',
  ],
  separator: ',',
};

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '$',
  suppressBooleanAttributes: false,
});

const xml: Format = {
  contentType: 'application/xml',
  instance: ({ overriddenStatus, ...instance }) =>
    builder.build({ instance: asXml({ ...instance, overriddenstatus: overriddenStatus }) }),
  single: (instance) => instance,
  application: (name) => [`<application>${builder.build({ name: asXml(name) })}`, '</application>'],
  singleApplication: ['', ''],
  applications: (hashCode) => [
    `<applications><versions__delta>${version}</versions__delta><apps__hashcode>${hashCode}</apps__hashcode>`,
    '</applications>',
  ],
  separator: '',
};

/** As Netflix's server decides. */
export const formatFor = (accept = ''): Format => (accept.includes('json') ? json : xml);

/** Whether a name may be that of an element. Metadata with other names are left out. */
const isElement = (name: string): boolean => /^@?[A-Za-z_][\w.-]*$/.test(name) || name === '$';

/** Characters that XML 1.0 has no way to write: one of them would spoil the whole document. */

const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

function asXml(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(unwritable, '');
  if (typeof value !== 'object' || value === null) return value;
  const elements = Object.entries(value).filter(([name]) => isElement(name));
  return Object.fromEntries(elements.map(([name, inside]) => [name, asXml(inside)]));
}
