/** Commands of pages in docs/, as they stand there. test/unit/docs/blocks.test.ts lists those that no test runs. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registration } from '../../../src/model/registration.js';
import type { RunningDaemon } from '../../helpers/daemon.js';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/free-port.js';
import { blockOf } from '../../helpers/page.js';
import { Terminal } from '../../helpers/terminal.js';

const bender = join(import.meta.dirname, '../../../bin/run.js');

let folder: string;
let daemon: RunningDaemon;
/** The other registry, from which services are copied, answers as this one does. */
let other: RunningDaemon;
let terminal: Terminal;
const terminals: Terminal[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-pages-'));
  // A deployment proves itself for a TTL.
  [daemon, other] = await Promise.all([
    startDaemon({ args: ['--ttl', '1s', '--warm-for', '0'] }),
    startDaemon({ args: ['--cluster', 'other', '--warm-for', '0'] }),
  ]);
  await register('shop/3.0.0/10.0.2.1/8080', { url: other.url });
  terminal = await open();
});
afterAll(async () => {
  await Promise.all(terminals.map((one) => one.close()));
  await stopDaemons();
  await rm(folder, { recursive: true });
});

async function open(): Promise<Terminal> {
  const env: NodeJS.ProcessEnv = { ...process.env, BENDER_SERVER: daemon.url, XDG_STATE_HOME: join(folder, 'state') };
  for (const name of ['NODE_OPTIONS', 'PORT']) delete env[name];
  const opened = new Terminal({ cwd: folder, env });
  terminals.push(opened);
  await opened.run(`alias bender='${process.execPath} ${bender}'`);
  return opened;
}

const run = async (page: string, beginning: string): Promise<string> =>
  terminal.run(await blockOf(`docs/${page}`, beginning));

async function ask<T>(path: string, { url = daemon.url, ...init }: RequestInit & { url?: string } = {}): Promise<T> {
  const answer = await fetch(url + path, { ...init, headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

const register = (id: string, { url = daemon.url, ttl = 600_000 } = {}): Promise<Registration> =>
  ask(`/registrations/${id}`, { url, method: 'POST', body: JSON.stringify({ ttl }) });

const versionsAt = async (path: string): Promise<string[]> =>
  (await ask<Registration[]>(path)).map(({ version }) => version).sort();

it('deploys, splits and goes back as deploying.md, haproxy.md and backup.md say', async () => {
  const old = '/registrations/web/1.0.0/10.0.0.1/8080';
  await register('web/1.0.0/10.0.0.1/8080');
  for (const last of [2, 3, 4]) await register(`web/2.0.0/10.0.0.${last}/8080`);
  await ask('/backends', { method: 'POST', body: JSON.stringify({ name: 'web', app: 'web', version: '1.0.0' }) });
  await ask('/frontends', { method: 'POST', body: JSON.stringify({ name: 'www', backend: 'web' }) });

  const deployed = run('deploying.md', 'bender deploy web --version 2.0.0 --wait 3');
  await eventually(async () => (await ask<Registration>(old)).draining, { withinMs: 30_000 });
  await ask(old, { method: 'DELETE' });
  expect(await deployed).toMatch(/web: web@1\.0\.0 -> web@2\.0\.0/);
  expect(await versionsAt('/frontends/www/registrations')).toEqual(['2.0.0', '2.0.0', '2.0.0']);

  for (const version of ['1.2.0', '1.3.0']) await register(`web/${version}/10.0.1.${version[2]!}/8080`);
  await run('deploying.md', 'bender backends update web --split');
  expect(await versionsAt('/frontends/www/registrations')).toEqual(['1.3.0']);
  await run('deploying.md', 'bender rollback web');
  expect(await versionsAt('/frontends/www/registrations')).toEqual(['1.2.0', '1.3.0']);
  await run('deploying.md', 'bender frontends update www');
  expect(await ask('/frontends/www')).not.toHaveProperty('routing');
  await run('haproxy.md', 'bender deploy web --version 2.0.0 --wait 2');
  expect(await versionsAt('/frontends/www/registrations')).toHaveLength(3);

  const block = await blockOf('docs/backup.md', 'bender history web');
  const edits = await ask<{ id: string; to?: { version?: string } }[]>('/history?backend=web');
  const first = edits.find(({ to }) => to?.version === '2.0.0')!;
  await terminal.run(block.replace('--to EDIT', `--to ${first.id}`));
  expect(await ask('/backends/web')).toMatchObject({ version: '2.0.0' });
}, 90_000);

it('saves and restores as backup.md says', async () => {
  expect(await run('backup.md', 'bender export --trusted')).not.toMatch(/[+~-] /);
  await ask('/backends/web?force=true', { method: 'PUT', body: JSON.stringify({ app: 'other' }) });
  await run('backup.md', 'bender apply -f catalog.yaml\n');
  expect(await ask('/backends/web')).toMatchObject({ app: 'web' });
  const [save, ask1, restore] = (await blockOf('docs/backup.md', 'bender snapshot save')).split('\n');
  await terminal.run(save!);
  expect(ask1).toMatch(/^bender snapshot restore snapshot\.json +# .*asks$/);
  await ask('/registrations/web/2.0.0/10.0.0.2/8080', { method: 'DELETE' });
  await terminal.run(restore!);
  expect(await ask('/registrations/web/2.0.0/10.0.0.2/8080')).toMatchObject({ app: 'web' });
}, 60_000);

it('looks and drains as troubleshooting.md, operations.md and running-services.md say', async () => {
  await register('web/1.2.0/10.0.0.5/8080');
  expect(await run('troubleshooting.md', 'bender status')).toMatch(/ready +yes/);
  await run('operations.md', 'bender drain web/1.2.0/10.0.0.5/8080 --reason');
  expect(await ask('/registrations/web/1.2.0/10.0.0.5/8080')).toMatchObject({ draining: true });
  expect(await run('operations.md', 'bender drain --app web --version 1.3.0 --rule')).toMatch(/leaks memory/);
  await run('running-services.md', 'bender register --app db');
  expect(await ask('/registrations/db/15/10.0.0.9/5432')).toMatchObject({ check: { tcp: true } });
}, 60_000);

it('goes into the background, and makes tokens, as installing.md and security.md say', async () => {
  const port = await freePort();
  await writeFile(join(folder, 'daemon.json'), JSON.stringify({ port, 'warm-for': '0', 'log-format': 'json' }));
  const block = (await blockOf('docs/installing.md', 'bender serve --detach'))
    .replace('bender status', `bender status --server http://127.0.0.1:${port}`)
    .replace('bender stop', `bender stop --port ${port}`);
  expect(await terminal.run(block)).toMatch(/stopped the daemon/);
  const token = await run('security.md', 'bender token create --tokens tokens.jsonl --role write --app');
  expect(token).toMatch(/bender_\w+/);
}, 60_000);

it.each([
  ['// copy.mjs', 'node copy.mjs', '1729', '1739', ''],
  ['// copy-eureka.mjs', 'node copy-eureka.mjs', '8761', '1729', '/eureka'],
])(
  'copies from another registry by %s, as migrating.md says',
  async (program, command, from, to, path) => {
    const page = 'docs/migrating.md';
    const [file] = /[\w-]+\.mjs/.exec(program)!;
    await writeFile(join(folder, file), await blockOf(page, program, 'js'));
    const url = `http://127.0.0.1`;
    const line = (await blockOf(page, command))
      .trim()
      .replace(`${url}:${from}${path}`, other.url + path)
      .replace(`${url}:${to}${path}`, daemon.url + path);
    const copying = await open();
    copying.start(line);
    const shop = '/registrations/shop';
    await eventually(async () => (await ask<Registration[]>(shop)).length === 1, { withinMs: 20_000 });
    expect(await ask(shop)).toMatchObject([{ version: '3.0.0', host: '10.0.2.1', port: 8080 }]);
    await copying.close();
    await ask('/registrations/shop/3.0.0/10.0.2.1/8080', { method: 'DELETE' });
  },
  60_000,
);
