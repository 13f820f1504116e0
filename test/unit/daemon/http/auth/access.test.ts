/** Walks the table of routes and roles against a real API: every row by every kind of caller. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { accessOf, accessTable } from '../../../../../src/daemon/http/auth/access.js';
import { loadLimitDefaults } from '../../../../../src/daemon/http/load-limits.js';
import { route } from '../../../../../src/daemon/http/route.js';
import { streamProtocol } from '../../../../../src/daemon/peer/message-stream.js';
import type { ErrorBody } from '../../../../../src/model/errors.js';
import { type Role, roles, rolesFor } from '../../../../../src/model/roles.js';
import { ApiServer } from '../../../../helpers/api-server.js';
import { bearer, TestSource, testToken } from '../../../../helpers/tokens.js';

const ofRole = Object.fromEntries(roles.map((role) => [role, testToken({ role })])) as Record<
  Role,
  ReturnType<typeof testToken>
>;
const ofOtherApp = {
  write: testToken({ role: 'write', apps: ['shop', 'we'] }),
  deploy: testToken({ role: 'deploy', apps: ['*x*'] }),
};
const expired = testToken({ role: 'admin', expires: 1 });
const revoked = testToken({ role: 'admin' });

let server: ApiServer;
beforeAll(async () => {
  const known = [...Object.values(ofRole), ...Object.values(ofOtherApp), expired];
  server = await ApiServer.start({
    tokens: new TestSource(known),
    limits: { ...loadLimitDefaults, wrongTokens: 1e6 },
  });
  await restore();
});
afterAll(() => server.stop());

/** What the rows are about, which some of them remove. */
async function restore(): Promise<void> {
  const admin = { headers: bearer(ofRole.admin.token) };
  const consul = { id: 'web', check: { id: 'web' } };
  const web = { app: 'web', version: '1', host: 'h', port: 1, ttl: 60_000, meta: { consul } };
  for (const path of ['/frontends/new', '/backends/new?force=true', '/drain-rules/new'])
    await server.ask('DELETE', path, admin);
  await server.ask('POST', '/registrations', { ...admin, body: web });
  for (const name of ['web', 'other'])
    await server.ask('POST', '/backends', { ...admin, body: { name, app: 'web', version: '1' } });
  await server.ask('POST', '/frontends', { ...admin, body: { name: 'web', backend: 'other' } });
  // Something to go back to.
  for (const version of ['2', '1'])
    await server.ask('PUT', '/backends/web?force=true', { ...admin, body: { version } });
  for (const backend of ['other', 'web']) await server.ask('PUT', '/frontends/web', { ...admin, body: { backend } });
  await server.ask('POST', '/drain-rules', { ...admin, body: { name: 'web', app: 'web', version: '7' } });
  for (const reason of ['a', 'b']) await server.ask('PUT', '/drain-rules/web', { ...admin, body: { reason } });
}

const bodies: Record<string, unknown> = {
  'POST /registrations': { app: 'web', version: '1', host: 'h', port: 1 },
  'POST /renewals': { ids: ['web/1/h/1', { id: 'web/1/h/2' }] },
  'PUT /registrations/:app/:version/:host/:port/state': { draining: false },
  'PUT /registrations/:app/:version/:host/:port/health': { unhealthy: null },
  'PUT /v1/agent/service/register': { Name: 'web', Address: 'h', Port: 1, Check: { TTL: '60s' } },
  'PUT /v1/agent/check/register': { ServiceID: 'web', Name: 'web', TTL: '60s' },
  'PUT /v1/agent/check/update/:id': { Status: 'passing' },
  ...Object.fromEntries(
    ['/eureka', '/eureka/v2'].map((prefix) => [
      `POST ${prefix}/apps/:app`,
      { instance: { instanceId: 'web', hostName: 'h', port: 1, metadata: { version: '1' } } },
    ]),
  ),
  'POST /backends': { name: 'new', app: 'web', version: '1' },
  'PUT /backends/:name': { version: '1' },
  'POST /frontends': { name: 'new', backend: 'web' },
  'PUT /frontends/:name': { backend: 'web' },
  'POST /drain-rules': { name: 'new', app: 'web', version: '8' },
  'PUT /drain-rules/:name': { reason: 'c' },
};

const path = (pattern: string): string =>
  pattern
    .replace(
      /(?<!\\)[:*](\w+)/g,
      (_, name: string) => ({ version: '1', host: 'h', port: '1', state: 'any' })[name] ?? 'web',
    )
    .replaceAll('\\', '');

/** What comes back; of an answer that goes on, the status alone. */
async function ask(row: string, token?: string): Promise<{ status: number; body: Partial<ErrorBody> }> {
  const [method, pattern] = row.split(' ') as [string, string];
  const isUpgrade = method === 'UPGRADE';
  const body = bodies[row];
  const outgoing = request(server.url + path(pattern), {
    method: isUpgrade ? 'GET' : method,
    headers: {
      ...(token !== undefined && bearer(token)),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(isUpgrade && { connection: 'upgrade', upgrade: streamProtocol }),
    },
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await Promise.race([once(outgoing, 'response'), once(outgoing, 'upgrade')])) as [IncomingMessage];
  const status = response.statusCode!;
  const answer = status >= 400 ? errorIn(await text(response)) : {};
  outgoing.destroy();
  return { status, body: answer };
}

/** Some surfaces say their own errors as a text. */
function errorIn(body: string): Partial<ErrorBody> {
  if (body.startsWith('{')) return JSON.parse(body) as ErrorBody;
  return { message: body, ...(body.includes('is for the apps') && { code: 'APP_NOT_ALLOWED' }) };
}

const rows = Object.entries(accessTable);
const closed = rows.filter(([, { need }]) => need !== 'nothing').map(([row]) => row);
const open = rows.filter(([, { need }]) => need === 'nothing').map(([row]) => row);

const neededFor = (row: string) => {
  const { need } = accessTable[row]!;
  if (need === 'nothing') throw new Error(`${row} is open`);
  return { roles: rolesFor[need], named: need === 'drain' ? ('write' as const) : need };
};

it('has a row for every route, and lets none start without', () => {
  expect(() => route('GET', '/secrets', {}, () => ({ status: 200 }))).toThrow(
    'GET /secrets has no row in the table of routes and roles',
  );
  expect(() => accessOf('GET', 'constructor')).toThrow(/no row/);
});

it.each(rows.map(([row]) => row))('%s exists', async (row) => {
  const { body } = await ask(row, ofRole.admin.token);
  expect(body.message ?? '').not.toMatch(/^there is nothing at| takes (GET|POST|PUT|DELETE)/);
});

it('knows the pages, the description, probes and the explanation of /peer as open, and nothing else', () => {
  expect(open).toEqual([
    ...['GET /ui', 'GET /ui/:file', 'GET /openapi.json', 'GET /docs', 'GET /docs/:file'],
    ...['GET /livez', 'GET /readyz', 'GET /peer'],
  ]);
});

describe.each(open)('%s', (row) => {
  it.each([
    ['no token', undefined],
    ['an expired token', expired.token],
    ['a revoked token', revoked.token],
    ...roles.map((role) => [role, ofRole[role].token] as const),
  ])('is open to %s', async (_, token) => {
    expect([401, 403]).not.toContain((await ask(row, token)).status);
  });
});

describe.each(closed)('%s', (row) => {
  it.each([
    ['no token', undefined, 'TOKEN_MISSING'],
    ['an expired token', expired.token, 'TOKEN_EXPIRED'],
    ['a revoked token', revoked.token, 'TOKEN_UNKNOWN'],
    ['another secret', `${ofRole.admin.token.slice(0, -8)}AAAAAAAA`, 'TOKEN_UNKNOWN'],
    ['something else', 'admin', 'TOKEN_UNKNOWN'],
  ])('refuses %s with 401, and names the role', async (_, token, code) => {
    expect(await ask(row, token)).toMatchObject({ status: 401, body: { code, role: neededFor(row).named } });
  });

  it.each(roles)('takes or refuses a token of the role %s', async (role) => {
    const { roles: needed, named } = neededFor(row);
    const { status, body } = await ask(row, ofRole[role].token);
    if (needed.includes(role)) expect([401, 403]).not.toContain(status);
    else
      expect({ status, body }).toMatchObject({
        status: 403,
        body: { code: `NEEDS_${named.toUpperCase()}`, role: named },
      });
  });

  it('asks for the app if it is about one', async () => {
    const { apps } = accessTable[row]!;
    for (const role of ['write', 'deploy'] as const) {
      if (!neededFor(row).roles.includes(role)) continue;
      await restore();
      const { status, body } = await ask(row, ofOtherApp[role].token);
      if (apps) expect({ status, body }).toMatchObject({ status: 403, body: { code: 'APP_NOT_ALLOWED' } });
      else expect([401, 403]).not.toContain(status);
    }
  });
});

it('says of failures whence they come, and shows no token', () => {
  const refused = server.logged.filter(({ message }) => message === 'refused a request for its token');
  expect(refused.map(({ level, fields }) => [level, fields])).toEqual([
    ['warn', { address: '127.0.0.1', code: 'TOKEN_MISSING' }],
  ]);
  expect(JSON.stringify(server.logged)).not.toMatch(/bender_/);
});
