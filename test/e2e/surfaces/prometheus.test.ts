/** docs/integrations/prometheus.md, and the block for Prometheus in eureka.md, with a real Prometheus. */

import { afterEach, beforeEach, expect } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, start } from '../../helpers/cli.js';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/free-port.js';
import { blocksOf } from '../../helpers/page.js';
import { itWith } from '../deployments/programs.js';
import { PrometheusServer } from './prometheus-server.js';

const page = 'docs/integrations/prometheus.md';
const jobs = 'scrape_configs:\n';

let folder: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-prometheus-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await stopDaemons();
  await rm(folder, { recursive: true });
});

/** The words of the `bender` commands of the page. */
async function commands(): Promise<string[][]> {
  const [block = ''] = await blocksOf(page, 'sh');
  return block.split('\n').flatMap((line) => {
    const [, words] = /^bender ([^&]*?)( &)?$/.exec(line) ?? [];
    return words === undefined ? [] : [words.split(' ')];
  });
}

itWith(['prometheus'])(
  'Prometheus finds what is registered, the daemons and its alertmanagers, and keeps them while a daemon is unsure',
  async () => {
    const port = await freePort();
    const server = `http://127.0.0.1:${port}`;
    const env = { BENDER_PORT: String(port), XDG_STATE_HOME: folder };
    const [serve, register] = (await commands()) as [string[], string[]];
    expect(await run(serve, { env, cwd: folder })).toMatchObject({ exitCode: 0 });
    stops.push(() => run(['stop', '--port', String(port)], { env }));
    const service = start(register, { server });
    stops.push(async () => {
      service.kill('SIGTERM');
      await service;
    });
    const online = async (app: string, at: number, host = '127.0.0.1') => {
      const body = JSON.stringify({ app, version: '1.0.0', host, port: at, ttl: 600_000, meta: { 'a b': '<&' } });
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${server}/registrations`, { method: 'POST', headers, body })).status).toBe(201);
    };
    await Promise.all([online('api', 81, '::1'), online('gone', 82), online('alertmanager', 83)]);

    const [config] = (await blocksOf(page, 'yaml')) as [string];
    const [ofEureka] = (await blocksOf('docs/integrations/eureka.md', 'yaml')).filter((one) => one.startsWith(jobs));
    const all = `global: { scrape_interval: 1s }\n${config.replace(jobs, ofEureka!)}`;
    const here = all.replaceAll('1729', String(port)).replaceAll('refresh_interval: 5s', 'refresh_interval: 1s');
    const prometheus = await PrometheusServer.start(folder, here);
    stops.push(() => prometheus.stop());
    const found = async (): Promise<unknown[]> => (await prometheus.targets('services')).map(({ labels }) => labels);
    const [web, api, gone] = [
      { app: 'web', version: '1.0.0', zone: 'eu-1', job: 'services', instance: '127.0.0.1:8080' },
      { app: 'api', version: '1.0.0', job: 'services', instance: '[::1]:81' },
      { app: 'gone', version: '1.0.0', job: 'services', instance: '127.0.0.1:82' },
    ];
    await eventually(async () => (await found()).length === 3, { withinMs: 20_000 });
    expect(new Set(await found())).toEqual(new Set([web, api, gone]));
    expect((await prometheus.targets('services')).map(({ discoveredLabels }) => discoveredLabels)).toContainEqual(
      expect.objectContaining({
        __address__: '127.0.0.1:8080',
        __meta_bender_id: 'web/1.0.0/127.0.0.1/8080',
        __meta_bender_draining: 'false',
      }),
    );
    const [daemon] = await eventually(async () => {
      const all = await prometheus.targets('bender');
      return all.length > 0 && all;
    });
    await eventually(async () => (await prometheus.targets('bender'))[0]!.health === 'up');
    expect(daemon!.labels).toEqual({ daemon: `127.0.0.1:${port}`, job: 'bender', instance: `127.0.0.1:${port}` });
    expect(await eventually(async () => (await prometheus.alertmanagers())[0])).toBe(
      'http://127.0.0.1:83/api/v2/alerts',
    );

    const apps = async (): Promise<unknown[]> =>
      (await prometheus.targets('eureka')).map(({ labels: { app, instance } }) => `${app} ${instance}`).sort();
    const web8080 = 'WEB 127.0.0.1:web:8080';
    const kept = ['ALERTMANAGER 127.0.0.1:alertmanager:83', 'API ::1:api:81', `BENDER 127.0.0.1:bender:${port}`];
    await eventually(async () => expect(await apps()).toEqual([...kept, 'GONE 127.0.0.1:gone:82', web8080]) ?? true);
    expect((await prometheus.targets('eureka')).map(({ discoveredLabels: { __address__ } }) => __address__)).toContain(
      '[::1]:81',
    );

    await fetch(`${server}/registrations/gone/1.0.0/127.0.0.1/82`, { method: 'DELETE' });
    await eventually(async () => (await found()).length === 2);
    expect(new Set(await found())).toEqual(new Set([web, api]));
    await eventually(async () => (await apps()).length === 4);

    // Another one in its place knows nothing of what was registered, and says so: it is warming.
    await run(['stop', '--port', String(port)], { env });
    await startDaemon({ port, args: ['--warm-for', '60s'] });
    expect((await fetch(`${server}/sd/prometheus`)).status).toBe(503);
    // The three configurations of http_sd ask each second, and Prometheus takes changes over every five.
    const failed = () => prometheus.own('prometheus_sd_http_failures_total');
    const before = await failed();
    await eventually(async () => (await failed()) - before >= 3 * 6, { withinMs: 20_000, everyMs: 200 });
    expect(new Set(await found())).toEqual(new Set([web, api]));
    expect(await apps()).toEqual([...kept, web8080]);
  },
  90_000,
);
