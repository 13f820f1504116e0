/** Slow start, as docs/deploying.md has a user set it up: the weight rises by itself, also in a rendered file. */

import { afterAll, afterEach, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import { linesOf, run, type Running, start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const started: Running[] = [];
let folder: string | undefined;
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGTERM');
    await child;
  }
  if (folder) await rm(folder, { recursive: true });
});
afterAll(stopDaemons);

it('raises the weight of a new instance until it has all of it', async () => {
  const { url } = await startDaemon({ args: ['--warm-for', '0'] });
  const client = new Client({ servers: [url] });
  const register = (host: string) => client.register({ app: 'web', version: '1.0.0', host, port: 80, ttl: 600_000 });
  await register('10.0.0.1');
  await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
  await client.createFrontend({ name: 'www', backend: 'web' });
  const updated = await run(['backends', 'update', 'web', '--warmup', '3s'], { server: url });
  expect(updated.stdout).toBe('updated web: web@1.0.0 warmup=3s');

  folder = await mkdtemp(join(tmpdir(), 'bender-warm-up-'));
  const [source, file] = [join(folder, 'weights.liquid'), join(folder, 'weights')];
  await writeFile(source, '{{ backends[0].registrations | map: "weight" | join: " " }}');
  const child = start(['template', source, file, '--wait', '0:0'], { server: url });
  started.push(child);
  const rendered = linesOf(child.stdout);
  await eventually(() => rendered.length === 1);

  const seen = new Set<string>();
  await register('10.0.0.2');
  await eventually(async () => {
    const weights = (await client.resolve('www')).map(({ weight }) => weight).join(' ');
    seen.add(weights);
    return weights === '1 1';
  });
  expect([...seen]).toEqual(['4 1', '2 1', '4 3', '1 1']);
  // At first, with the new instance, and at each of three steps.
  await eventually(async () => rendered.length === 5 && (await readFile(file, 'utf8')) === '1 1');

  const before = (await client.history({ backend: 'web' }))[0]!;
  expect(before).toMatchObject({ to: { warmupMs: 3000 } });
  const none = await run(['backends', 'update', 'web', '--warmup', 'none'], { server: url });
  expect(none.stdout).toBe('updated web: web@1.0.0');
  expect(await client.rollbackBackend('web')).toMatchObject({ warmupMs: 3000 });
});
