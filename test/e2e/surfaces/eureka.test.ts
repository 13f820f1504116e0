/** docs/integrations/eureka.md, with eureka-js-client. Its block for Prometheus is in prometheus.test.ts. */

import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registration } from '../../../src/model/registration.js';
import { linesOf, run } from '../../helpers/cli.js';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { blocksOf } from '../../helpers/page.js';

const page = 'docs/integrations/eureka.md';
const id = 'web/1.2.0/127.0.0.1/8080';

let folder: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-eureka-'));
  await symlink(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const portOf = (url: string): string => new URL(url).port;

/** The service of the page, with these daemons, and ten times as fast. */
async function startService(daemons: readonly string[]) {
  const [script] = (await blocksOf(page, 'js')) as [string];
  const here = script
    .replace(/\b(1729|1730)\b/g, (port) => portOf(daemons[Number(port) - 1729]!))
    .replace(/: 5000/g, ': 500');
  await writeFile(join(folder, 'service.mjs'), here);
  const child = execa(process.execPath, ['service.mjs'], { cwd: folder, reject: false, stdin: 'ignore' });
  const lines = linesOf(child.stdout);
  /** What it says next. */
  const next = () => {
    const before = lines.length;
    return eventually(() => lines.slice(before).findLast((line) => line.startsWith('up:')));
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
  };
  stops.push(stop);
  return { next, stop };
}

async function registrations(url: string): Promise<Registration[]> {
  return (await (await fetch(`${url}/registrations/web`)).json()) as Registration[];
}

it('eureka-js-client registers, finds, drains, goes to another daemon, and leaves', async () => {
  const one = await startDaemon();
  const two = await startDaemon({ peers: [one.url] });
  const service = await startService([one.url, two.url]);
  const shows = (line: string) => eventually(async () => (await service.next()) === line);
  const up = "up: [ '127.0.0.1:web:8080' ]";
  await shows(up);
  const [found] = await eventually(async () => {
    const all = await registrations(two.url);
    return all.length > 0 && all;
  });
  expect(found).toMatchObject({ id, ttl: 15_000, instance: '127.0.0.1:web:8080' });

  expect(await run(['drain', id], { server: two.url })).toMatchObject({ exitCode: 0 });
  await shows('up: []');
  expect(await run(['undrain', id], { server: two.url })).toMatchObject({ exitCode: 0 });
  await shows(up);

  await one.kill();
  await shows(up);
  // A heartbeat for what is not there tells the client to register again: at the daemon that is left.
  expect((await fetch(`${two.url}/registrations/${id}`, { method: 'DELETE' })).status).toBe(204);
  await eventually(async () => (await registrations(two.url)).length === 1);

  await service.stop();
  expect(await registrations(two.url)).toEqual([]);
}, 60_000);
