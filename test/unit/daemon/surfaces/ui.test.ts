/** How the dashboard is served. What it does is tested in a browser: test/e2e/dashboard.test.ts. */

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { keptAssets, readAssets } from '../../../../src/daemon/surfaces/assets.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
let page: string;
let files: string[];
beforeAll(async () => {
  server = await ApiServer.start();
  page = (await server.ask('GET', '/ui')).body as string;
  files = [...page.matchAll(/"(\/ui\/[^"]+)"/g)].map(([, path]) => path!);
});
afterAll(() => server.stop());

it('serves a page that loads nothing from elsewhere', () => {
  expect(page).toContain('<title>bender</title>');
  expect(files).toHaveLength(3);
  expect(page).not.toMatch(/https?:|\/\//);
});

it('has the browser run, show and ask nothing but what this daemon serves', async () => {
  const { headers } = await server.ask('GET', '/ui');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|http|data:/);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
});

it('names files by their content, so that browsers keep them', async () => {
  for (const file of files) {
    const { status, headers } = await server.ask('GET', file);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch(/^(text\/javascript|text\/css|image\/svg)/);
  }
});

it('answers 304 to a browser that has it', async () => {
  for (const path of ['/ui', files[0]!]) {
    const { etag } = (await server.ask('GET', path)).headers;
    expect((await server.ask('GET', path, { headers: { 'if-none-match': etag! } })).status).toBe(304);
  }
});

it('compresses for clients that take it', async () => {
  const script = files.find((path) => path.endsWith('.js'))!;
  const { headers } = await server.ask('GET', script, { headers: { 'accept-encoding': 'gzip, br' } });
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect((await server.ask('GET', script)).headers['content-encoding']).toBeUndefined();
  // Another tag, since the bytes are others.
  expect(headers.etag).not.toBe((await server.ask('GET', script)).headers.etag);
});

it.each(['/ui/main.js', '/ui/..%2fpackage.json', '/ui/package.json', '/ui/a/b', '/ui/constructor'])(
  'has no %s',
  async (path) => {
    expect(await server.ask('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  },
);

it('reads its files again if they could not be read, and otherwise once', async () => {
  const read = jest.fn(readAssets).mockRejectedValueOnce(new Error('EMFILE: too many open files'));
  const assets = keptAssets('ui', read);
  await expect(assets()).rejects.toThrow('EMFILE');
  expect((await assets()).has('index.html')).toBe(true);
  await assets();
  expect(read).toHaveBeenCalledTimes(2);
});

it('takes at most 120 KB', async () => {
  const assets = [...(await readAssets('ui')).values()];
  const bytes = assets.map(({ plain }) => Buffer.from(plain.body.data));
  expect(bytes.reduce((sum, one) => sum + gzipSync(one, { level: 9 }).length, 0)).toBeLessThan(120_000);
});

describe('the path /', () => {
  it('sends a browser to the dashboard', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    expect(await server.ask('GET', '/', { headers })).toMatchObject({ status: 302, headers: { location: '/ui' } });
  });

  it.each([{}, { accept: '*/*' }, { accept: 'application/json' }])(
    'is nothing for other clients: %j',
    async (headers) => {
      expect(await server.ask('GET', '/', { headers: headers })).toMatchObject({
        status: 404,
        body: { message: 'there is nothing at /' },
      });
      expect((await server.ask('POST', '/', { headers: { accept: 'text/html' } })).status).toBe(404);
    },
  );

  it('is nothing for browsers either where the dashboard is switched off', async () => {
    const without = await ApiServer.start({ without: ['ui'] });
    const headers = { accept: 'text/html' };
    expect((await without.ask('GET', '/', { headers })).status).toBe(404);
    expect((await without.ask('GET', '/ui', { headers })).status).toBe(404);
    await without.stop();
  });
});
