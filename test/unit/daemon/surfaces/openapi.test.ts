/** How the description of the API is served, by what the build has made. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
let page: string;
beforeAll(async () => {
  server = await ApiServer.start();
  page = (await server.ask('GET', '/docs')).body as string;
});
afterAll(() => server.stop());

it('serves the description', async () => {
  const { status, headers, body } = await server.ask('GET', '/openapi.json');
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
  expect(body).toMatchObject({ openapi: '3.1.1', info: { title: 'bender' } });
});

it('serves a page, and its style', async () => {
  const [, style] = /href="(\/docs\/[^"]+\.css)"/.exec(page)!;
  const { status, headers } = await server.ask('GET', style!);
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/css; charset=utf-8' });
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

it('has the browser load nothing but the style', async () => {
  const { headers } = await server.ask('GET', '/docs');
  expect(headers['content-security-policy']).toMatch(
    /default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  expect(headers['cache-control']).toBe('no-cache');
});

it.each(['/docs', '/openapi.json'])('answers 304 to a client that has %s', async (path) => {
  const { etag } = (await server.ask('GET', path)).headers;
  expect((await server.ask('GET', path, { headers: { 'if-none-match': etag! } })).status).toBe(304);
});

it.each(['/docs/docs.html', '/docs/openapi.json', '/docs/..%2fui%2findex.html', '/docs/nothing.css'])(
  'has no %s',
  async (path) => {
    expect(await server.ask('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  },
);

it('can be switched off', async () => {
  const without = await ApiServer.start({ without: ['openapi'] });
  for (const path of ['/docs', '/openapi.json']) expect((await without.ask('GET', path)).status).toBe(404);
  await without.stop();
});
