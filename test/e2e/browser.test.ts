/** What web pages can do to a daemon from a real browser that reaches it. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '../../src/client/client.js';
import { Browser, chromium, evilHost } from '../helpers/browser.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

if (chromium === undefined) process.stderr.write('skipped, web pages: there is no Chromium here\n');

/** Another site, which takes whatever comes, and notes it: the browser does send it. */
const reached = new Set<string>();
const elsewhere = createServer((request, response) => {
  reached.add(`${request.method} ${request.url}`);
  response.setHeader('content-type', 'text/html').end('<body></body>');
}).on('upgrade', (request, socket) => {
  reached.add(`upgrade ${request.url}`);
  socket.destroy();
});

/**
 * Everything that a page may send without being asked, and that writes or watches. Returns what it could see of the
 * answers.
 */
const attack = (target: string): string => `async () => {
  const url = ${JSON.stringify(target)}, one = (how) => url + '/registrations/web/1/' + how + '.example/80';
  const tried = (promise) => promise.then((value) => value, () => 'refused');
  const seen = {};
  seen.fetch = await tried(fetch(one('fetch'), { method: 'POST', mode: 'no-cors' }).then(({ type }) => type));
  seen.json = await tried(fetch(url + '/registrations', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }).then(({ status }) => status));
  seen.read = await tried(fetch(url + '/registrations').then((response) => response.text()));
  navigator.sendBeacon(one('beacon'), '');
  const frame = Object.assign(document.createElement('iframe'), { name: 'frame' });
  const form = Object.assign(document.createElement('form'), { action: one('form'), method: 'POST', target: 'frame' });
  document.body.append(frame, form);
  const sent = new Promise((resolve) => (frame.onload = resolve));
  form.submit();
  await sent;
  await new Promise((resolve) => Object.assign(new Image(), { onload: resolve, onerror: resolve, src: one('img') }));
  seen.socket = await new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws') + '/peer');
    Object.assign(socket, { onopen: () => resolve('open'), onerror: () => resolve('refused') });
  });
  seen.events = await new Promise((resolve) => {
    const source = new EventSource(url + '/events');
    Object.assign(source, { onopen: () => resolve('open'), onerror: () => resolve('refused') });
  });
  return seen;
}`;

// Needs Chromium; .ci/run installs it.
(chromium === undefined ? describe.skip : describe)('in a browser', () => {
  let browser: Browser;
  let server: string;
  let client: Client;
  let site: string;
  const instances = async (): Promise<string[]> => (await client.registrations({ app: 'web' })).map(({ host }) => host);

  beforeAll(async () => {
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    site = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    server = (await startDaemon({ args: ['--warm-for', '0'] })).url;
    client = new Client({ servers: [server] });
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser.stop();
    elsewhere.closeAllConnections();
    elsewhere.close();
    await stopDaemons();
  });

  it.each(['another name', 'another port of this machine'])('a page of %s changes nothing', async (from) => {
    const page = from === 'another name' ? site.replace('127.0.0.1', evilHost) : site;
    await browser.run(page, attack(site));
    const sent = [
      ...['fetch', 'beacon', 'form'].map((how) => `POST /registrations/web/1/${how}.example/80`),
      ...['GET /registrations/web/1/img.example/80', 'GET /events', 'upgrade /peer'],
    ];
    await eventually(() => sent.every((one) => reached.has(one)));
    const refused = Object.fromEntries(['fetch', 'json', 'read', 'socket', 'events'].map((how) => [how, 'refused']));
    expect(await browser.run(page, attack(server))).toEqual(refused);
    expect(await instances()).toEqual([]);
    expect((await client.daemons()).map(({ url }) => url)).toEqual([server]);
  });

  it('a page whose name leads to the daemon is not answered', async () => {
    const page = server.replace('127.0.0.1', evilHost);
    const answers = `async () => Promise.all([
      document.body.innerText,
      ...['GET', 'POST'].map((method) => fetch('/registrations/web/1/rebound.example/80', { method }).then(({ status }) => status)),
    ])`;
    const [shown, ...statuses] = await browser.run<[string, number, number]>(page, answers);
    expect(JSON.parse(shown)).toMatchObject({ code: 'HOST_NOT_ALLOWED' });
    expect(statuses).toEqual([421, 421]);
    expect(await instances()).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost'])('a page of its own at %s writes and watches', async (host) => {
    const page = `${server.replace('127.0.0.1', host)}/livez`;
    const answers = `async () => {
      const { status } = await fetch('/registrations/web/1/own.example/80', { method: 'POST' });
      const source = new EventSource('/events');
      const first = await new Promise((resolve) => source.addEventListener('snapshot', ({ data }) => resolve(data)));
      source.close();
      return { status, first };
    }`;
    const { status, first } = await browser.run<{ status: number; first: string }>(page, answers);
    expect([200, 204]).toContain(status);
    expect(first).toContain('own.example');
    await client.deregister({ app: 'web', version: '1', host: 'own.example', port: 80 });
  });
});
