/**
 * Near instances first, as docs/deploying.md has a user ask for them: by the commands, DNS and a template, through a
 * real daemon.
 */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import { run } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { addressesIn, askDns } from '../helpers/dns-client.js';

let daemon: RunningDaemon;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-near-'));
  daemon = await startDaemon({ args: ['--warm-for', '0', '--dns-port', '0', '--dns-near', 'zone:eu-1'] });
  const client = new Client({ servers: [daemon.url] });
  const zones = { '10.0.0.1': 'eu-1', '10.0.0.2': 'eu-2' };
  for (const [host, zone] of Object.entries(zones))
    await client.register({ app: 'web', version: '1.0.0', host, port: 80, ttl: 600_000, meta: { zone } });
  await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
  await client.createFrontend({ name: 'www', backend: 'web' });
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const bender = (...args: string[]) => run(args, { server: daemon.url });

it('are what callers get, as long as there are enough', async () => {
  const resolved = async (...args: string[]) => (await bender('resolve', 'www', ...args)).stdout.split('\n');
  const all = ['10.0.0.1:80', '10.0.0.2:80'];
  expect(await resolved('--near', 'zone:eu-1')).toEqual(all.slice(0, 1));
  expect(await resolved('--near', 'zone:eu-1', '--near-at-least', '2')).toEqual(all);
  expect(await bender('resolve', 'www', '--near', 'eu-1')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/'near' must be a name in the metadata and its value/),
  });
});

it('are what the names of DNS stand for', async () => {
  const { dns } = await new Client({ servers: [daemon.url] }).status();
  const answer = await askDns(dns!.port, { name: 'www.frontend.bender', type: 'A' });
  expect(addressesIn(answer)).toEqual(['10.0.0.1']);
});

it('come before the backups of a template', async () => {
  const template = join(folder, 'pools.liquid');
  await writeFile(
    template,
    '{% for server in backends[0].registrations %}{{ server.address }}{% if server.backup %} backup{% endif %}\n{% endfor %}',
  );
  const { stdout } = await bender('template', template, '--dry-run', '--near', 'zone:eu-1');
  expect(stdout).toBe('10.0.0.1:80\n10.0.0.2:80 backup');
});
