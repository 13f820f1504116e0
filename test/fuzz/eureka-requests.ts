/** Instances as clients of Eureka register them, in JSON and in XML, fine and hostile. */

import { below, chance, mutateBytes, pick } from './choose.js';
import type { Dice } from './target.js';

const texts = [
  ...['WEB', 'web', '10.0.0.1', '::1', 'h.', '8080', '0', '-1', '65536', '1e3', '', ' ', 'UP', 'DOWN', 'odd', 'MyOwn'],
  ...['Amazon', 'true', '__proto__', 'constructor', '<', '&amp;', '&a;', '&#0;', '&#xd800;', ']]>', '<![CDATA[x]]>'],
  ...['\u0001', '\ufffe', 'é', '😀', 'a'.repeat(200), 'a'.repeat(70_000), '<!-- x -->', '<?x y?>', '"', "'", 'a/b'],
];

const names = [
  ...['instanceId', 'hostName', 'app', 'ipAddr', 'status', 'port', 'securePort', 'vipAddress', 'metadata', 'version'],
  ...['dataCenterInfo', 'leaseInfo', 'durationInSecs', 'name', 'eureka', 'instance', '__proto__', 'constructor', 'a.b'],
  ...['@class', '@enabled', '$', '1a', 'a b', ''],
];

const fine = {
  instanceId: 'i-1',
  hostName: '10.0.0.1',
  app: 'WEB',
  port: { $: 8080, '@enabled': 'true' },
  leaseInfo: { durationInSecs: 30 },
  metadata: { version: '1.0.0' },
};

/** A request with an instance, or about one. */
export function makeEurekaRequest(dice: Dice): Buffer {
  const prefix = pick(dice, ['/eureka', '/eureka/v2']);
  const isXml = chance(dice, 0.5);
  const instance = makeInstance(dice);
  const text = isXml ? makeXml(dice, instance) : JSON.stringify({ instance });
  const body = chance(dice, 0.2) ? mutateBytes(dice, Buffer.from(text), []) : Buffer.from(text);
  const head = [
    `POST ${prefix}/apps/${pick(dice, ['WEB', 'web', 'Web', '%ff', 'x'])} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Content-Type: application/${isXml ? 'xml' : 'json'}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function makeInstance(dice: Dice): Record<string, unknown> {
  const instance: Record<string, unknown> = chance(dice, 0.8) ? { ...fine } : {};
  for (let count = below(dice, 4); count > 0; count--) instance[pick(dice, names)] = anything(dice, 0);
  return instance;
}

function anything(dice: Dice, depth: number): unknown {
  if (depth > 5 || chance(dice, 0.6)) return pick(dice, [...texts, 80, -1, 1e300, true, null]);
  if (chance(dice, 0.2)) return [anything(dice, depth + 1), anything(dice, depth + 1)];
  return Object.fromEntries(
    Array.from({ length: below(dice, 4) }, () => [pick(dice, names), anything(dice, depth + 1)]),
  );
}

/** As hostile documents have it: entities that grow, tags that do not end, nesting without end. */
function makeXml(dice: Dice, instance: Record<string, unknown>): string {
  if (chance(dice, 0.05)) return `${'<a>'.repeat(20_000)}${chance(dice, 0.5) ? '</a>'.repeat(20_000) : ''}`;
  const inside = elementsOf(instance);
  const grown = '<!DOCTYPE i [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  const before = pick(dice, ['', '', '<?xml version="1.0"?>', grown, '<!DOCTYPE i SYSTEM "file:///etc/passwd">']);
  return `${before}<instance>${inside}${pick(dice, ['', '', '&b;', '<a', '</b>', '<a b="'])}</instance>`;
}

/** Without escapes: what does not fit is there as it is. */
const elementsOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inside]) => `<${name}>${elementsOf(inside)}</${name}>`)
        .join('')
    : String(value);
