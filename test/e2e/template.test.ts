import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import type { Running } from '../helpers/cli.js';
import { linesOf, run, start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually, never } from '../helpers/eventually.js';

let folder: string;
const started: Running[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-template-'));
  await writeFile(at('pools.liquid'), pools);
});
afterEach(async () => {
  await stop();
  await stopDaemons();
  await rm(folder, { recursive: true });
});
afterAll(stopDaemons);

const pools = `{% for backend in backends -%}
  {{ backend.name }} {{ backend.version }}{% for server in backend.registrations %} {{ server.address }}{% endfor %}
{% endfor %}`;
const at = (name: string): string => join(folder, name);
const rendered = (name = 'pools'): Promise<string> => readFile(at(name), 'utf8');
const renders = (content: string) => eventually(async () => (await rendered()) === content);

function template(args: string[], server: string) {
  const child = start(['template', ...args], { server });
  started.push(child);
  return { child, lines: linesOf(child.stdout), notices: linesOf(child.stderr) };
}

async function stop(): Promise<void> {
  for (const child of started.splice(0)) {
    child.kill('SIGTERM');
    await child;
  }
}

const both = () => [at('pools.liquid'), at('pools')];
const instance = (version: string, port: number) => ({ app: 'web', version, host: 'h', port, ttl: 60_000 });
const warm = { args: ['--warm-for', '0s'] };
const portOf = (url: string): number => Number(new URL(url).port);

async function fill(server: string): Promise<Client> {
  const client = new Client({ servers: [server] });
  await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
  await client.register(instance('1.0.0', 1));
  await client.register(instance('2.0.0', 2));
  return client;
}

it('renders at every change, and runs its command when the file is another one', async () => {
  const { url } = await startDaemon(warm);
  const client = await fill(url);
  const { child, lines, notices } = template(
    [...both(), '--exec', `cat '${at('pools')}' >> '${at('log')}'`, '--wait', '20ms:1s', '--json'],
    url,
  );
  await renders('web 1.0.0 h:1\n');
  await client.register(instance('1.0.0', 3));
  await renders('web 1.0.0 h:1 h:3\n');
  await client.register(instance('3.0.0', 4));
  await client.updateBackend('web', { version: '2.0.0' });
  await renders('web 2.0.0 h:2\n');
  await eventually(() => lines.length === 3);
  child.kill('SIGTERM');
  expect((await child).exitCode).toBe(0);
  expect(JSON.parse(lines[0]!)).toEqual({ type: 'rendered', dest: at('pools'), at: expect.any(Number) });
  expect(await rendered('log')).toBe('web 1.0.0 h:1\nweb 1.0.0 h:1 h:3\nweb 2.0.0 h:2\n');
  expect(notices).toEqual([`following ${url}`]);
});

it('renders a template that is edited, though nothing changes in the registry', async () => {
  const { url } = await startDaemon(warm);
  await fill(url);
  const { notices } = template([...both(), '--wait', '20ms:1s'], url);
  await renders('web 1.0.0 h:1\n');
  await writeFile(at('pools.liquid'), 'edited: {{ backends.size }}');
  await renders('edited: 1');
  await writeFile(at('pools.liquid'), '{{ nonsense }}');
  await eventually(() => notices.some((notice) => notice.includes('undefined variable: nonsense')));
  expect(await rendered()).toBe('edited: 1');
  await writeFile(at('pools.liquid'), 'right again: {{ backends.size }}');
  await renders('right again: 1');
});

it('goes over to another daemon when its own dies', async () => {
  const first = await startDaemon(warm);
  const second = await startDaemon({ peers: [first.url], ...warm });
  const client = await fill(second.url);
  const { notices } = template([...both(), '--wait', '20ms:1s'], `${first.url},${second.url}`);
  await renders('web 1.0.0 h:1\n');
  await first.kill();
  await eventually(() => notices.includes(`following ${second.url}`));
  await client.updateBackend('web', { version: '2.0.0' });
  await renders('web 2.0.0 h:2\n');
});

it('takes nothing from a daemon that has just started, and keeps what that one does not know any more', async () => {
  const daemon = await startDaemon(warm);
  await fill(daemon.url);
  const { notices } = template([...both(), '--wait', '20ms:1s'], daemon.url);
  await renders('web 1.0.0 h:1\n');
  await daemon.kill();
  const again = await startDaemon({ port: portOf(daemon.url), args: ['--warm-for', '2s'] });
  const client = new Client({ servers: [again.url] });
  await client.register(instance('9.0.0', 9));
  await eventually(() => notices.some((line) => line.includes('it has just started')));
  const warming = (await client.status()).ready === false;
  expect(warming).toBe(true);

  await eventually(() => notices.some((line) => line.includes('backend web is gone, but was not deleted')));
  expect(await rendered()).toBe('web 1.0.0 h:1\n');

  // Nor does a process that begins only now.
  await stop();
  const next = template([...both(), '--wait', '20ms:1s'], again.url);
  await eventually(() => next.notices.some((line) => line.includes('keeping 1 server')));
  await never(() => next.lines.length > 0, { forMs: 300 });
  expect(await rendered()).toBe('web 1.0.0 h:1\n');
  await client.createBackend({ name: 'web', app: 'web', version: '9.0.0' });
  await renders('web 9.0.0 h:9\n');
  await client.deleteBackend('web');
  await renders('');
});

it('leaves the old file where the check says no, and says so', async () => {
  const { url } = await startDaemon(warm);
  const client = await fill(url);
  const { notices } = template([...both(), '--wait', '20ms:1s', '--check', '! grep -q 2.0.0 {}'], url);
  await renders('web 1.0.0 h:1\n');
  await client.updateBackend('web', { version: '2.0.0' });
  await eventually(() => notices.some((line) => line.includes('the check says no (! grep -q 2.0.0 {}: exit code 1)')));
  expect(await rendered()).toBe('web 1.0.0 h:1\n');
  await client.updateBackend('web', { version: '1.0.0' });
  await client.register(instance('1.0.0', 3));
  await renders('web 1.0.0 h:1 h:3\n');
});

// Nobody else may mount.
(process.getuid?.() === 0 ? it : it.skip)('says of a file that is a mount of its own to mount its folder', async () => {
  const { url } = await startDaemon(warm);
  await fill(url);
  await writeFile(at('outside'), 'old');
  await writeFile(at('pools'), '');
  const line = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  const bender = [process.execPath, join(import.meta.dirname, '../../bin/run.js')];
  const { stderr, exitCode } = await execa(
    'unshare',
    ['-m', 'sh', '-c', line, '-', at('outside'), at('pools'), ...bender, 'template', ...both(), '--once'],
    { reject: false, env: { BENDER_SERVER: url } },
  );
  expect(stderr).toContain(
    `Error: cannot write ${at('pools')}: it is a mount of its own: mount the folder, and not the file alone`,
  );
  expect(exitCode).toBe(1);
  expect(await rendered('outside')).toBe('old');
});

it('renders the templates of a file, once', async () => {
  const { url } = await startDaemon(warm);
  await fill(url);
  await writeFile(
    at('apps.liquid'),
    '{% for app in apps %}{{ app.name }}: {{ app.versions | map: "version" | join: " " }}{% endfor %}',
  );
  const templates = ['pools', 'apps'].map((name) => ({ src: `${name}.liquid`, dest: name }));
  await writeFile(at('templates.json'), JSON.stringify({ templates }));
  const { exitCode, stdout } = await run(['template', '--config', at('templates.json'), '--once'], {
    server: url,
  });
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').map((line) => line.slice(10))).toEqual([
    `rendered  ${at('pools')}`,
    `rendered  ${at('apps')}`,
  ]);
  expect([await rendered(), await rendered('apps')]).toEqual(['web 1.0.0 h:1\n', 'web: 1.0.0 2.0.0']);
});

it.each([
  [['a.liquid'], 2, 'give a template and a file to write, or --config'],
  [['a', 'b', '--config', 'c'], 2, 'or --config'],
  [['a', 'b', '--check', 'true'], 2, 'must name the file to be checked as {}'],
  [['a', 'b', '--wait', 'long'], 2, 'MIN:MAX'],
  [['nowhere.liquid', 'b'], 2, 'cannot read the template'],
])('says what is wrong with %j', async (args, code, message) => {
  const { exitCode, stderr } = await run(['template', ...args], { cwd: folder });
  expect(stderr).toContain(message);
  expect(exitCode).toBe(code);
});

it('ends with 3 where it is to render once and there is no daemon to rely on', async () => {
  const daemon = await startDaemon({ args: ['--warm-for', '1m'] });
  const warming = await run(['template', ...both(), '--once'], { server: daemon.url });
  expect(warming.stderr).toContain('it has just started');
  expect(warming.exitCode).toBe(3);
  await daemon.kill();
  const gone = await run(['template', ...both(), '--once'], { server: daemon.url });
  expect(gone.exitCode).toBe(3);
  await expect(rendered()).rejects.toThrow('ENOENT');
});

it('ends with 1 where it is to render once and that fails', async () => {
  const { url } = await startDaemon(warm);
  const { exitCode, stderr } = await run(['template', ...both(), '--once', '--exec', 'exit 7'], {
    server: url,
  });
  expect(stderr).toContain('the command failed (exit 7: exit code 7)');
  expect(exitCode).toBe(1);
});
