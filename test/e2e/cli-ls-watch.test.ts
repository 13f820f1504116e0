/** `bender ls --watch`, in a pipe and at a terminal. */

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Client } from '../../src/client/client.js';
import { linesOf, type Running, start } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let daemon: RunningDaemon;
let client: Client;
beforeAll(async () => {
  daemon = await startDaemon();
  client = new Client({ servers: [daemon.url] });
});
afterAll(stopDaemons);

const started: Running[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await child;
  }
});

function watch(...args: string[]) {
  const child = start(['ls', '--watch', ...args], { server: daemon.url });
  started.push(child);
  return { child, lines: linesOf(child.stdout), notices: linesOf(child.stderr) };
}

const instance = (app: string, port = 80) => ({ app, version: '1.2.0', host: 'h', port, ttl: 60_000 });

it('shows the list again when it changes, and ends when it is told to', async () => {
  const { child, lines } = watch('--app', 'web', '-o', 'name');
  await eventually(() => lines.includes('No registrations.'));
  await client.register(instance('web'));
  await eventually(() => lines.includes('web/1.2.0/h/80'));
  await client.register(instance('other'));
  await client.register(instance('web', 81));
  await eventually(() => lines.includes('web/1.2.0/h/81'));
  expect(lines).toEqual(['No registrations.', '', 'web/1.2.0/h/80', '', 'web/1.2.0/h/80', 'web/1.2.0/h/81']);
  child.kill('SIGTERM');
  expect((await child).exitCode).toBe(0);
});

it('prints one list a line with --json', async () => {
  const { lines } = watch('backends', '--json');
  await eventually(() => lines.length > 0);
  await client.createBackend({ name: 'live', app: 'web', version: '1' });
  await eventually(() => lines.length > 1);
  const lists = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as { name: string }[]);
  expect(lists.map((list) => list.map(({ name }) => name))).toEqual([[], ['live']]);
});

it('prints one document each with -o yaml', async () => {
  const { lines } = watch('frontends', '-o', 'yaml');
  await eventually(() => lines.length > 0);
  await client.createFrontend({ name: 'www' });
  await eventually(() => lines.some((line) => line.includes('www')));
  const documents = parseAllDocuments(`${lines.join('\n')}\n`).map((one) => one.toJS() as { name: string }[]);
  expect(documents.map((list) => list.map(({ name }) => name))).toEqual([[], ['www']]);
});

it('waits for a daemon that is gone, and goes on when it is back', async () => {
  const own = await startDaemon();
  const child = start(['ls', '-w', '--app', 'back', '-o', 'name'], { server: own.url });
  started.push(child);
  const [lines, notices] = [linesOf(child.stdout), linesOf(child.stderr)];
  await eventually(() => lines.includes('No registrations.'));
  await own.kill();
  await eventually(() => notices.some((line) => line.startsWith(`lost ${own.url}`)));
  const again = await startDaemon({ port: Number(new URL(own.url).port) });
  await new Client({ servers: [again.url] }).register(instance('back'));
  await eventually(() => lines.includes('back/1.2.0/h/80'));
});

it('ends with the exit code of what is wrong', async () => {
  const child = start(['ls', '--watch'], { server: 'http://127.0.0.1:1' });
  started.push(child);
  expect((await child).exitCode).toBe(3);
});

// `script`, of Linux, runs its command in a terminal of its own.
(existsSync('/usr/bin/script') ? it : it.skip)('has a screen of its own at a terminal', async () => {
  const line = `stty cols 72; "${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}" ls -w --app screen`;
  const child = execa('script', ['-qec', line, '/dev/null'], {
    reject: false,
    stdin: 'ignore',
    env: { BENDER_SERVER: daemon.url, NO_COLOR: '1' },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  await eventually(() => shown.includes('No registrations.'));
  await client.register(instance('screen'));
  await eventually(() => shown.includes('screen/1.2.0/h/80'));
  child.kill('SIGTERM');
  await child;
  expect(shown).toContain('\u001b[?1049h');
  expect(shown).toMatch(/registrations {2}\d{4}-/);
});
