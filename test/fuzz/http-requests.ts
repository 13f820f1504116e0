/** HTTP requests, from well-formed to hopeless, as the bytes that go over the wire. */

import { below, chance, mutateBytes, pick } from './choose.js';
import { makeEurekaRequest } from './eureka-requests.js';
import type { Dice } from './target.js';

const methods = [
  ...['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'],
  ...['get', 'PROPFIND', 'M-SEARCH', 'X', ''],
];

/** Parts of paths and of bodies: fine, odd and hostile ones. */
const words = [
  ...['web', '1.0.0', '10.0.0.1', '80', 'b0', 'f0', '^1', '1', '>=1.0.0 <2', '*', 'x', '0', '-1', '65536', '1e3'],
  ...['::1', '[::1]', 'fe80::1%eth0', '0.0.0.0', '255.255.255.255', '2130706433', '0x7f.1', '1.2.3', 'h.', 'H'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN'],
  ...['..', '.', '%2e%2e', '%2f', '%00', '%0d%0a', '%zz', '%', '%e2%80%ae', '%ff', '//', '\\', ';', '?', '#', '&'],
  ...['é', 'e\u0301', '東京', '\u202e', '\u200b', '😀', 'a'.repeat(129), 'a'.repeat(4000), '9||'.repeat(60)],
  ...['<script>', '"', "'", '`', '$(id)', '{{1}}', '{}', '[]', '\u001b[2J', '\r\n', '\n', '\t', ' ', ''],
  ...['169.254.169.254', '127.0.0.1', '/healthz', '/\r\nx: y'],
  ...['bender', 'holdings', 'catalog', 'lease', 'state', 'rollback', 'registrations'],
];

const paths = [
  ...['/registrations', '/registrations/:', '/registrations/:/:', '/registrations/:/:/:/:'],
  ...['/registrations/:/:/:/:/lease', '/registrations/:/:/:/:/state', '/renewals', '/events', '/history'],
  ...['/backends', '/backends/:', '/backends/:/registrations', '/backends/:/rollback'],
  ...['/frontends', '/frontends/:', '/frontends/:/registrations', '/status', '/daemons', '/daemons/:'],
  ...['/livez', '/readyz', '/peer', '/', '*', 'http://x/registrations', '//registrations', '/:/:', '/metrics'],
  ...['/ui', '/ui/:', '/explain?registration=web/1.0.0/10.0.0.1/80&frontend=:', '/explain?registration=:&frontend=f0'],
  ...['/v1/agent/services', '/v1/agent/service/register', '/v1/agent/check/register', '/v1/agent/check/update/:'],
  ...['/v1/agent/service/deregister/:', '/v1/agent/service/maintenance/:', '/v1/agent/check/:/service::', '/v1/kv/:/:'],
  ...['/v1/catalog/services', '/v1/catalog/service/:', '/v1/health/service/:', '/v1/health/state/:', '/v1/:/:/:'],
  ...['/sd/prometheus', '/eureka/apps', '/eureka/apps/:', '/eureka/apps/:/:', '/eureka/v2/apps/:/:/status'],
  ...['/eureka/vips/:', '/eureka/instances/:'],
  ...['/traefik', '/v3/discovery:endpoints', '/v3/discovery:clusters', '/v3/discovery:routes'],
];

const parameters = [
  'meta.zone',
  'meta.',
  'version',
  'app',
  'type',
  'lastEventId',
  'limit',
  'force',
  'at-least',
  'draining',
  ...['index', 'wait', 'passing', 'tag', 'node-meta', 'filter', 'enable', 'reason', 'note'],
];

const fields: ((dice: Dice) => string)[] = [
  () => 'Content-Type: application/json',
  (dice) =>
    `Content-Type: ${pick(dice, ['text/plain', 'application/json; charset=x', '', 'multipart/form-data', word(dice)])}`,
  (dice) => `Last-Event-ID: ${word(dice)}`,
  (dice) => `X-Consul-Token: ${word(dice)}`,
  (dice) => `If-None-Match: ${pick(dice, ['*', 'W/"x"', '"', word(dice)])}`,
  (dice) => `Bender-Author: ${word(dice)}`,
  (dice) =>
    `Authorization: ${pick(dice, ['Bearer', 'Basic', 'bearer', 'Digest', word(dice)])} ${pick(dice, ['x', 'bender_0123abcd_', 'dXNlcjpwYXNz', '=', word(dice)])}`,
  (dice) => `Origin: ${pick(dice, ['null', 'http://evil.example', 'http://127.0.0.1', word(dice)])}`,
  (dice) => `Sec-Fetch-Site: ${pick(dice, ['cross-site', 'same-origin', 'none', word(dice)])}`,
  (dice) => `Expect: ${pick(dice, ['100-continue', '200-ok', word(dice)])}`,
  (dice) => `Upgrade: ${pick(dice, ['bender', 'h2c', 'websocket', word(dice)])}\r\nConnection: upgrade`,
  (dice) => `Connection: ${pick(dice, ['close', 'keep-alive', 'upgrade', word(dice)])}`,
  (dice) => `Transfer-Encoding: ${pick(dice, ['chunked', 'gzip, chunked', 'identity', 'chunked, chunked', 'x'])}`,
  (dice) =>
    `Content-Length: ${pick(dice, ['0', '-1', '1e3', '0x10', '5, 5', '+5', '99999999999999999999', word(dice)])}`,
  (dice) => `Content-Encoding: ${pick(dice, ['gzip', 'identity', 'br', word(dice)])}`,
  (dice) => `Host: ${pick(dice, ['evil.example', '127.0.0.1', '', 'a, b', word(dice)])}`,
  (dice) => `X-${below(dice, 9)}: ${'v'.repeat(below(dice, 300))}`,
  (dice) => `Accept: ${pick(dice, ['text/event-stream', '*/*', word(dice)])}`,
];

const keys = [
  ...['Name', 'ID', 'Address', 'Port', 'Tags', 'Check', 'Checks', 'TTL', 'Status', 'ServiceID', 'Weights', 'Kind'],
  ...['app', 'version', 'host', 'port', 'ttl', 'meta', 'instance', 'draining', 'reason', 'name', 'backend'],
  ...['check', 'http', 'https', 'tcp', 'interval', 'timeout', 'fails', 'skipVerify'],
  ...['split', 'ids', 'resource', '__proto__', 'constructor', 'toJSON', ''],
  ...['routing', 'hosts', 'pathPrefix', 'scheme', 'entryPoints', 'middlewares'],
  ...['resource_names', 'version_info', 'node', 'type_url'],
];

/**
 * The bytes of a request: made from nothing, or one that was recorded with some things about it that are not as they
 * were. At the end of one that is whole, the server answers; after others it may wait for more.
 */
export function makeRequest(dice: Dice, recorded: readonly Buffer[]): Buffer {
  const bytes = chance(dice, 0.1)
    ? makeEurekaRequest(dice)
    : chance(dice, 0.3)
      ? alter(dice, pick(dice, recorded))
      : makeAnew(dice);
  if (chance(dice, 0.05)) return Buffer.concat([bytes, makeRequest(dice, recorded)]);
  return chance(dice, 0.1) ? mutateBytes(dice, bytes, recorded) : bytes;
}

/**
 * A recorded request with other parts of its path, other header fields, or another body: what is around them stays
 * right.
 */
function alter(dice: Dice, request: Buffer): Buffer {
  const text = request.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [first, ...fieldsGiven] = text.slice(0, end).split('\r\n') as [string, ...string[]];
  let body = text.slice(end + 4);
  let line = first;
  for (let count = below(dice, 3); count > 0; count--) {
    if (chance(dice, 0.4)) line = line.replace(pick(dice, pathParts), (_, before) => `${before}${segment(dice)}`);
    else if (chance(dice, 0.5) && body !== '') body = alterBody(dice, body);
    else if (chance(dice, 0.7)) fieldsGiven.push(pick(dice, fields)(dice));
    else fieldsGiven.splice(below(dice, fieldsGiven.length), 1);
  }
  const others = fieldsGiven.filter((field) => !/^(content-length|connection|host):/i.test(field));
  const head = [
    line,
    'Host: 127.0.0.1',
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`]),
    ...others,
    ...(chance(dice, 0.95) ? ['Connection: close'] : []),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** The second to fifth part of a path, and the first value of a query. */
const pathParts = [1, 2, 3, 4].map((skipped) => new RegExp(`^(\\S+ (?:/[^/? ]*){${skipped}}/)[^/? ]*`));
pathParts.push(/^([^?]*\?[^=]*=)[^& ]*/);

/** A recorded body of JSON with one field replaced, added or removed. */
function alterBody(dice: Dice, text: string): string {
  const body = JSON.parse(Buffer.from(text, 'latin1').toString()) as Record<string, unknown>;
  const key = chance(dice, 0.7) ? pick(dice, Object.keys(body)) : pick(dice, keys);
  if (chance(dice, 0.2)) delete body[key];
  else body[key] = anything(dice, 0);
  return Buffer.from(JSON.stringify(body)).toString('latin1');
}

function makeAnew(dice: Dice): Buffer {
  const body = chance(dice, 0.5) ? Buffer.from(makeBody(dice)) : undefined;
  const head = [
    `${pick(dice, chance(dice, 0.85) ? methods.slice(0, 5) : methods)} ${makeUrl(dice)} HTTP/${pick(dice, ['1.1', '1.1', '1.1', '1.0'])}`,
    ...(chance(dice, 0.97) ? ['Host: 127.0.0.1'] : []),
    ...(body && chance(dice, 0.9) ? ['Content-Type: application/json'] : []),
    ...(body && chance(dice, 0.95) ? [`Content-Length: ${body.length}`] : []),
    ...Array.from({ length: below(dice, 4) }, () => (chance(dice, 0.4) ? pick(dice, fields)(dice) : `X-A: b`)),
    ...(chance(dice, 0.9) ? ['Connection: close'] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)]);
}

function makeUrl(dice: Dice): string {
  const path = pick(dice, paths).replace(/:(?=\/|$)/g, () => segment(dice));
  if (chance(dice, 0.7)) return path;
  const query = Array.from(
    { length: 1 + below(dice, 3) },
    () => `${pick(dice, parameters)}${chance(dice, 0.3) ? word(dice) : ''}=${segment(dice)}`,
  );
  return `${path}?${query.join('&')}`;
}

/** A word as it stands in a path: mostly encoded. */
function segment(dice: Dice): string {
  const text = chance(dice, 0.4) ? pick(dice, words.slice(0, 8)) : word(dice);
  return chance(dice, 0.85) ? encodeURIComponent(text) : text.replace(/[\r\n ]/g, '');
}

/** A word for a header: without line ends, which would begin another. */
const word = (dice: Dice): string => pick(dice, words).replace(/[\r\n]/g, '');

function makeBody(dice: Dice): string {
  if (chance(dice, 0.05)) return pick(dice, ['', '{', '[[[[', 'null', '"x', '{"a":1}}', '\ufeff{}', '{"a":1,"a":2}']);
  if (chance(dice, 0.03)) return '['.repeat(3000) + ']'.repeat(3000);
  if (chance(dice, 0.4)) return JSON.stringify(plausible(dice));
  return JSON.stringify(anything(dice, 0));
}

/** A body that some route may take, with a field or two that are not as they should be. */
function plausible(dice: Dice): unknown {
  const body: Record<string, unknown> = pick(dice, [
    { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 80, ttl: 2000 + below(dice, 9000) },
    { app: 'web', version: '1.0.0', host: word(dice), port: 9, check: { http: pick(dice, ['/', word(dice)]) } },
    { name: `b${below(dice, 5)}`, app: 'web', version: pick(dice, ['1.0.0', '^1']) },
    { name: `b${below(dice, 5)}`, app: 'web', split: { '1.0.0': 90, '2.0.0': 10 } },
    { name: `f${below(dice, 5)}`, backend: 'b0' },
    { ids: ['web/1.0.0/10.0.0.1/80', word(dice)] },
    { draining: chance(dice, 0.5), reason: word(dice) },
    { Name: 'web', ID: pick(dice, words), Address: '10.0.0.2', Port: 80, Check: { TTL: '5s' }, Tags: [word(dice)] },
    { ServiceID: 'web', Name: word(dice), TTL: '5s', Status: 'passing' },
  ]);
  for (let count = below(dice, 3); count > 0; count--) body[pick(dice, keys)] = anything(dice, 0);
  return body;
}

function anything(dice: Dice, depth: number): unknown {
  const kind = below(dice, depth > 4 ? 6 : 8);
  if (kind === 0) return pick(dice, words);
  if (kind === 1) return pick(dice, [0, -1, 1.5, 80, 2 ** 31, 2 ** 53, 1e308, -0]);
  if (kind === 2) return chance(dice, 0.5);
  if (kind === 3) return null;
  if (kind < 6) return pick(dice, words.slice(0, 10));
  if (kind === 6) return Array.from({ length: below(dice, 5) }, () => anything(dice, depth + 1));
  return Object.fromEntries(
    Array.from({ length: below(dice, 5) }, () => [
      chance(dice, 0.7) ? pick(dice, keys) : pick(dice, words),
      anything(dice, depth + 1),
    ]),
  );
}
