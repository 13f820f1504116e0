/** Saving what a cluster knows, and bringing it back. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import { run } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

let folder: string;
let file: string;
/** Has what is saved. */
let from: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-snapshot-'));
  file = join(folder, 'snapshot.json');
  from = await daemon();
  const client = new Client({ servers: [from] });
  await client.register({ ...web, ttl: 600_000, instance: 'x', meta: { zone: 'a' } });
  await client.setState(web, { draining: true, reason: 'kernel' });
  await client.register({ ...web, version: '2', port: 81, ttl: 600_000 });
  await client.register({ ...web, port: 82, ttl: 600_000, unhealthy: '503' });
  await client.createBackend({ name: 'web', app: 'web', version: '1' });
  await client.updateBackend('web', { version: '2' });
  await client.createFrontend({ name: 'www', backend: 'web' });
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const web = { app: 'web', version: '1', host: '10.0.0.5', port: 80 };
const daemon = async () => (await startDaemon({ args: ['--warm-for', '0'] })).url;

it('is saved whole, for its owner alone, and without a warming daemon', async () => {
  await writeFile(file, 'an earlier one, for all', { mode: 0o644 });
  const saved = await run(['snapshot', 'save', file, '--registrations'], { server: from });
  expect(saved.stdout).toBe(`saved 1 backend, 1 frontend, 3 edits, 3 registrations to ${file}`);
  expect(saved).toMatchObject({ stderr: '', exitCode: 0 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ format: 1, cluster: 'default' });
  expect(await readdir(folder)).toEqual(['snapshot.json']);

  const warming = await startDaemon({ args: ['--warm-for', '10m'] });
  const refused = await run(['snapshot', 'save', file], { server: warming.url });
  expect(refused.exitCode).toBe(3);
  const lost = await run(['snapshot', 'save', join(folder, 'no', 'folder')], { server: from });
  expect([lost.exitCode, lost.stderr]).toEqual([1, expect.stringMatching(/cannot write .*ENOENT/)]);
});

it('goes to stdout and comes from stdin, and is there again at daemons that knew nothing, once', async () => {
  const to = await daemon();
  const saved = await run(['snapshot', 'save', '-', '--registrations'], { server: from });
  const restore = (...flags: string[]) =>
    execa(process.execPath, [join(import.meta.dirname, '../../bin/run.js'), 'snapshot', 'restore', '-', ...flags], {
      input: saved.stdout,
      env: { BENDER_SERVER: to },
      reject: false,
    });
  const asked = await restore();
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringMatching(/no terminal to ask at: --yes goes on/)]);
  expect(await new Client({ servers: [to] }).backends()).toEqual([]);

  const { stdout, exitCode } = await restore('--yes', '--registrations');
  expect(stdout.split('\n')).toEqual([
    '+ registration web/1/10.0.0.5/80 (draining)',
    '+ registration web/2/10.0.0.5/81',
    '+ registration web/1/10.0.0.5/82 (unhealthy)',
    '+ backend web: web@2',
    '+ frontend www: web',
  ]);
  expect(exitCode).toBe(0);
  const client = new Client({ servers: [to] });
  expect(await client.registrations({ app: 'web', version: '1' })).toMatchObject([
    { ...web, draining: true, drainReason: 'kernel', instance: 'x', meta: { zone: 'a' } },
  ]);
  expect(await client.registrations({ state: 'unhealthy' })).toMatchObject([{ port: 82, unhealthy: '503' }]);
  const exported = async (server: string) => (await run(['export'], { server })).stdout;
  expect(await exported(to)).toBe(await exported(from));
  const again = await restore('--registrations');
  expect([again.stdout, again.stderr, again.exitCode]).toEqual(['', 'Nothing to change.', 0]);
});

it('does not end another version that is online at an address of the file, and goes on after one that is refused', async () => {
  const to = (await startDaemon({ args: ['--warm-for', '0', '--max-registrations', '1'] })).url;
  const client = new Client({ servers: [to] });
  await client.register({ ...web, version: '9', ttl: 600_000 });
  const args = ['snapshot', 'restore', file, '--registrations', '--yes'];
  const { stdout, stderr, exitCode } = await run(args, { server: to });
  expect(stdout).not.toContain('web/1/10.0.0.5/80');
  expect(stdout).toContain('+ registration web/2/10.0.0.5/81');
  expect(stderr).toMatch(/could not bring back 2 registrations: web\/2\/10\.0\.0\.5\/81: /);
  expect(exitCode).toBe(3);
  expect(await client.registrations({ app: 'web' })).toMatchObject([{ version: '9' }]);
  // The rest is there all the same.
  expect((await client.frontends()).map(({ name }) => name)).toEqual(['www']);
});

it('lists in JSON what it had done, if registrations are refused', async () => {
  const to = (await startDaemon({ args: ['--warm-for', '0', '--max-registrations', '1'] })).url;
  const args = ['snapshot', 'restore', file, '--registrations', '--yes', '--json'];
  const { stdout, exitCode } = await run(args, { server: to });
  expect(JSON.parse(stdout)).toMatchObject({
    error: { message: expect.stringContaining('could not bring back') },
    done: expect.arrayContaining([{ action: 'create', kind: 'frontend', name: 'www' }]),
  });
  expect(exitCode).not.toBe(0);
});

it('does not take the word of a daemon that has just started on what is missing', async () => {
  const warming = await startDaemon({ args: ['--warm-for', '10m'] });
  const args = ['snapshot', 'restore', file, '--registrations', '--yes'];
  const { stdout, exitCode } = await run(args, { server: warming.url });
  expect([stdout, exitCode]).toEqual(['', 3]);
});

it('leaves alone what it does not name, unless --prune is given', async () => {
  const to = await daemon();
  const client = new Client({ servers: [to] });
  await client.createFrontend({ name: 'other' });
  await run(['snapshot', 'restore', file, '--yes'], { server: to });
  expect((await client.frontends()).map(({ name }) => name)).toEqual(['other', 'www']);
  const { stdout } = await run(['snapshot', 'restore', file, '--yes', '--prune', '--json'], { server: to });
  expect(JSON.parse(stdout)).toEqual({
    restored: true,
    changes: [{ action: 'delete', kind: 'frontend', name: 'other' }],
  });
  expect((await client.frontends()).map(({ name }) => name)).toEqual(['www']);
});

(existsSync('/usr/bin/script') ? it : it.skip)('asks at a terminal, and does nothing after a no', async () => {
  const to = await daemon();
  const line = `"${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}" snapshot restore "${file}"`;
  const answer = (input: string) =>
    execa('script', ['-qec', `${line} --server ${to}`, '/dev/null'], { input, reject: false });
  expect((await answer('n\n')).stdout).toContain('Make 2 changes? [y/N]');
  const client = new Client({ servers: [to] });
  expect(await client.backends()).toEqual([]);
  expect((await answer('y\n')).stdout).toContain('made 2 changes');
  expect(await client.backends()).toHaveLength(1);
});
