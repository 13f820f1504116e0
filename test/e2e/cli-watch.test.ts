import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import type { Running } from '../helpers/cli.js';
import { linesOf, start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually, never } from '../helpers/eventually.js';
import { error, FakeDaemon } from '../helpers/fake-daemon.js';

let server: string;
let client: Client;
beforeAll(async () => {
  server = (await startDaemon()).url;
  client = new Client({ servers: [server] });
});
afterAll(stopDaemons);

const started: Running[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await child;
  }
});

/** Starts `bender watch`; answers once it watches. */
async function watch(args: string[] = [], from = server) {
  const child = start(['watch', ...args], { server: from });
  started.push(child);
  const [lines, notices] = [linesOf(child.stdout), linesOf(child.stderr)];
  await eventually(() => notices.includes(`watching ${from}`));
  return { child, lines, notices };
}

const instance = (app: string, port = 80) => ({ app, version: '1.2.0', host: 'h', port, ttl: 60_000 });
const withoutTime = (lines: string[]): string[] => lines.map((line) => line.replace(/^\d\d:\d\d:\d\d  /, ''));

it('prints a line for each change', async () => {
  const { lines } = await watch();
  await client.register(instance('line'));
  await client.register({ ...instance('line'), meta: { a: 1 } });
  await client.deregister(instance('line'));
  await client.createBackend({ name: 'line', app: 'line', version: '1' });
  await eventually(() => lines.length === 4);
  expect(withoutTime(lines)).toEqual([
    'online              line@1.2.0  h:80',
    'updated             line@1.2.0  h:80  a=1',
    'offline             line@1.2.0  h:80  deregistered',
    'backend-created     line  line@1',
  ]);
});

it('prints objects with --json, the snapshot first', async () => {
  await client.register(instance('json', 1));
  const { lines } = await watch(['--json', '--app', 'json']);
  await client.register(instance('other'));
  await client.register(instance('json', 2));
  await eventually(() => lines.length === 2);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { type: 'snapshot', registrations: [{ id: 'json/1.2.0/h/1' }] },
    { type: 'online', registration: { id: 'json/1.2.0/h/2' } },
  ]);
});

it('prints what it is asked for, as often as it is asked to', async () => {
  const { child, lines } = await watch(['--type', 'offline', '--version', '1.x', '--count', '2']);
  for (const app of ['one', 'two', 'three']) {
    await client.register(instance(app));
    await client.deregister(instance(app));
  }
  expect((await child).exitCode).toBe(0);
  expect(withoutTime(lines)).toEqual([
    'offline             one@1.2.0  h:80  deregistered',
    'offline             two@1.2.0  h:80  deregistered',
  ]);
});

it('runs a command for each event, with the event in its environment and on its stdin', async () => {
  const command =
    'echo "$BENDER_EVENT $BENDER_APP $BENDER_VERSION $BENDER_HOST $BENDER_PORT $BENDER_ID $BENDER_REASON"; cat';
  const { child, lines } = await watch(['--app', 'hook', '--count', '2', '--exec', command]);
  await client.register(instance('hook'));
  await client.deregister(instance('hook'));
  expect((await child).exitCode).toBe(0);
  const printed = lines.filter((line) => !/^\d\d:/.test(line));
  expect(printed.filter((line) => !line.startsWith('{'))).toEqual([
    'online hook 1.2.0 h 80 hook/1.2.0/h/80 ',
    'offline hook 1.2.0 h 80 hook/1.2.0/h/80 deregistered',
  ]);
  expect(JSON.parse(printed[3]!)).toMatchObject({ type: 'offline', registration: { app: 'hook' } });
});

it('goes on when the command fails', async () => {
  const { child, notices } = await watch(['--app', 'fail', '--count', '2', '--exec', 'exit 3']);
  await client.register(instance('fail', 1));
  await client.register(instance('fail', 2));
  expect((await child).exitCode).toBe(0);
  expect(notices.filter((line) => line === 'exit 3: exit code 3')).toHaveLength(2);
});

it('finishes the run that is under way when it is told to stop, and tells what it left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bender-watch-'));
  const [begun, go] = [join(folder, 'begun'), join(folder, 'go')];
  const command = `echo "$BENDER_PORT" >> ${begun}; while ! [ -e ${go} ]; do sleep 0.05; done; echo end >> ${begun}`;
  const { child, lines, notices } = await watch(['--app', 'slow', '--exec', command]);
  for (const port of [1, 2, 3]) await client.register(instance('slow', port));
  await eventually(() => lines.length === 3);
  child.kill('SIGTERM');
  await never(() => child.exitCode !== null, { forMs: 300 });
  await writeFile(go, '');
  expect((await child).exitCode).toBe(0);
  expect(await readFile(begun, 'utf8')).toBe('1\nend\n');
  expect(notices.at(-1)).toBe(`stopped: 2 events were still waiting, for which ${command} has not run`);
  await rm(folder, { recursive: true });
});

it('says what has changed while its daemon was replaced', async () => {
  const daemon = await startDaemon();
  const own = new Client({ servers: [daemon.url] });
  await own.register(instance('gone'));
  const { lines, notices } = await watch(['--type', 'online,offline'], daemon.url);
  await daemon.kill();
  const again = await startDaemon({ port: Number(new URL(daemon.url).port) });
  await eventually(() => lines.length === 1);
  expect(withoutTime(lines)).toEqual(['offline             gone@1.2.0  h:80  missed']);
  expect(notices).toContain(`took a snapshot from ${again.url}; what has changed meanwhile:`);
  await own.register(instance('new'));
  await eventually(() => lines.length === 2);
});

it('says once for each reason that it has lost its daemon, however often it tries', async () => {
  const snapshot = { type: 'snapshot', registrations: [], backends: [], frontends: [], daemons: [], at: 0 };
  const refusal = error(503, 'NOT_READY', 'joining');
  const daemon = await FakeDaemon.start((asked, response) => {
    if (daemon.asked.length > 1) return refusal(asked, response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: r:1\nevent: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`, () => response.destroy());
  });
  try {
    const { notices } = await watch([], daemon.url);
    await eventually(() => daemon.asked.length >= 5);
    expect(notices).toEqual([
      `watching ${daemon.url}`,
      `lost ${daemon.url}: connection lost; trying again`,
      `lost ${daemon.url}: no daemon reachable: tried ${daemon.url} (not ready: joining); trying again`,
    ]);
  } finally {
    await daemon.stop();
  }
});

it.each(['SIGINT', 'SIGTERM'] as const)('ends quietly on %s', async (signal) => {
  const { child, notices } = await watch();
  child.kill(signal);
  expect((await child).exitCode).toBe(0);
  expect(notices).toHaveLength(1);
});

it('ends quietly when nobody reads any more', async () => {
  const { child, notices } = await watch();
  child.stdout.destroy();
  await client.register(instance('unread', 1));
  await client.register(instance('unread', 2));
  expect((await child).exitCode).toBe(0);
  expect(notices).toHaveLength(1);
});

it('ends where there is nobody to watch', async () => {
  const daemon = await startDaemon();
  await daemon.stop();
  const { exitCode, stdout, stderr } = await start(['watch', '--json'], { server: daemon.url });
  expect(exitCode).toBe(3);
  expect(stderr).toBe('');
  // A line, as everything else that it prints.
  expect(stdout).toMatch(/^\{"error":.*\}$/);
});
