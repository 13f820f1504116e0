import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registration } from '../../src/model/registration.js';
import { Client } from '../../src/client/client.js';
import type { EventFilter } from '../../src/client/events.js';
import type { Running } from '../helpers/cli.js';
import { run, runJson, start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually, never } from '../helpers/eventually.js';

const service = join(import.meta.dirname, '../fixtures/web-server.js');

let server: string;
let client: Client;
beforeAll(async () => {
  server = (await startDaemon()).url;
  client = new Client({ servers: [server] });
});
afterAll(stopDaemons);

const started: Running[] = [];
const bender = (args: string[], env: NodeJS.ProcessEnv = {}, servers = server): Running => {
  const child = start(args, { server: servers, env });
  started.push(child);
  return child;
};
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGTERM');
    await child;
  }
});

/** The one instance of `app`, as soon as it is online. */
const online = (app: string, at = client): Promise<Registration> =>
  eventually(async () => (await at.registrations({ app }))[0]);

/** Notes the changes from then on, with their reasons. Resolves once it watches. */
async function watch(at: Client, filter: EventFilter) {
  const ending = new AbortController();
  const seen: string[] = [];
  let onSnapshot = (): void => undefined;
  const begun = new Promise<void>((resolve) => (onSnapshot = resolve));
  const watching = (async () => {
    for await (const change of at.changes(filter, { signal: ending.signal, onSnapshot }))
      seen.push('reason' in change ? `${change.type} ${change.reason}` : change.type);
  })();
  const end = (): Promise<void> => {
    ending.abort();
    return watching;
  };
  await begun;
  return { seen, end };
}

describe('register --hold', () => {
  it('stays online for longer than the TTL, and deregisters when it is interrupted', async () => {
    const held = bender(['register', '--app', 'held', '--version', '1', '--ttl', '1s', '--hold', '--json']);
    const { id } = await online('held');
    const { seen, end } = await watch(client, { app: 'held' });
    await never(() => seen.length > 0, { forMs: 2500 });

    held.kill('SIGINT');
    await eventually(() => seen.includes('offline deregistered'));
    await end();
    const { exitCode, stdout } = await held;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id, ttl: 1000 });
  });

  it('drains first where it is told to, and deregisters when that is over', async () => {
    const held = bender(['register', '--app', 'later', '--version', '1', '--hold', '--drain', '700ms']);
    await online('later');
    const { seen, end } = await watch(client, { app: 'later' });
    held.kill('SIGTERM');
    await eventually(() => seen.includes('offline deregistered'));
    expect(seen[0]).toMatch(/^updated/);
    expect((await held).exitCode).toBe(0);
    await end();
  });

  it('ends at once where the daemon refuses', async () => {
    const { exitCode, stderr } = await bender(['register', '--app', 'held', '--version', '1', '--ttl', '1', '--hold']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^Error: .*ttl/);
  });

  it('survives a daemon that is restarted without its memory', async () => {
    const daemon = await startDaemon();
    const own = new Client({ servers: [daemon.url] });
    const held = bender(['register', '--app', 'again', '--version', '1', '--ttl', '1s', '--hold'], {}, daemon.url);
    await online('again', own);
    let said = '';
    held.stderr.on('data', (text) => (said += text));
    await daemon.kill();
    await eventually(() => said.includes('still trying'));
    await startDaemon({ port: Number(new URL(daemon.url).port) });
    await online('again', own);
    held.kill('SIGTERM');
    const { exitCode, stderr } = await held;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/still trying\n.*registered it again/);
  });

  it('goes over to the next daemon, and nobody sees it offline', async () => {
    const first = await startDaemon();
    const second = await startDaemon({ peers: [first.url] });
    const other = new Client({ servers: [second.url] });
    const held = bender(
      ['register', '--app', 'moving', '--version', '1', '--ttl', '2s', '--hold'],
      {},
      `${first.url},${second.url}`,
    );
    await online('moving', other);
    const { seen, end } = await watch(other, { app: 'moving', types: ['offline', 'daemon-offline'] });
    await first.kill();
    await eventually(() => seen.includes('daemon-offline'));
    // Had it not moved, it would be offline the TTL and half a second after that.
    await never(() => seen.length > 1, { forMs: 3000 });

    held.kill('SIGTERM');
    await eventually(() => seen.includes('offline deregistered'));
    await end();
  });
});

describe('register -- CMD', () => {
  let folder: string;
  let log: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bender-hold-'));
    log = join(folder, 'log');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const serve = (app: string, ...flags: string[]): Running =>
    bender(['register', '--app', app, '--version', '1.2.0', ...flags, '--', process.execPath, service], {
      LOG: log,
    });

  it('runs a service that is found through its frontend, and answers', async () => {
    void serve('shop', '--host', '127.0.0.1');
    await runJson(['backends', 'create', 'shop-live', '--app', 'shop', '--version', '1.x'], { server });
    await runJson(['frontends', 'create', 'shop', '--backend', 'shop-live'], { server });
    const { id } = await online('shop');
    const { stdout: address } = await run(['resolve', 'shop'], { server });
    expect(await (await fetch(`http://${address}/`)).text()).toBe(`this is ${id}`);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('on %s deregisters before it tells the program', async (signal) => {
    const running = serve('stopped');
    await online('stopped');
    running.kill(signal);
    expect((await running).exitCode).toBe(0);
    expect(await readFile(log, 'utf8')).toBe(`${signal}, 0 online\n`);
  });

  it('drains before that, for as long as it is told to', async () => {
    const running = serve('drained', '--drain', '60s');
    await online('drained');
    const { seen, end } = await watch(client, { app: 'drained' });
    running.kill('SIGTERM');
    await eventually(async () => (await client.registrations({ app: 'drained' }))[0]?.drainReason === 'stopping');
    await never(() => seen.some((event) => event.startsWith('offline')), { forMs: 500 });
    running.kill('SIGTERM');
    expect((await running).exitCode).toBe(0);
    expect(await readFile(log, 'utf8')).toBe('SIGTERM, 0 online\n');
    await end();
  });

  it('passes other signals on, and stays online', async () => {
    const running = serve('reloaded');
    await online('reloaded');
    running.kill('SIGHUP');
    expect(await eventually(() => readFile(log, 'utf8'))).toBe('SIGHUP, 1 online\n');
  });

  it('ends with the code of the program, and deregisters it', async () => {
    const running = serve('failing', '--host', '127.0.0.1');
    const { port } = await online('failing');
    await fetch(`http://127.0.0.1:${port}/exit/7`).catch(() => undefined);
    expect((await running).exitCode).toBe(7);
    expect(await client.registrations({ app: 'failing' })).toEqual([]);
  });

  it('ends as shells do when a signal ended the program', async () => {
    const { exitCode } = await bender([
      'register',
      '--app',
      'killed',
      '--version',
      '1',
      '--no-wait',
      '--',
      'sh',
      '-c',
      'kill -9 $$',
    ]);
    expect(exitCode).toBe(128 + 9);
  });

  it('passes arguments on as they are', async () => {
    const command = ['sh', '-c', 'echo "$@"', '--', '--json', '--app', 'x', '--json', '--help'];
    const { stdout, exitCode } = await bender([
      'register',
      '--app',
      'echo',
      '--version',
      '1',
      '--no-wait',
      '--',
      ...command,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--json --app x --json --help');
  });

  it('gives up a program that does not listen in time', async () => {
    const { exitCode, stderr } = await bender([
      'register',
      '--app',
      'deaf',
      '--version',
      '1',
      '--ready-timeout',
      '200ms',
      '--',
      'sleep',
      '60',
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Error: nothing listens on .* after 200ms/);
    expect(await client.registrations({ app: 'deaf' })).toEqual([]);
  });

  it('registers at once with --no-wait', async () => {
    const running = bender(['register', '--app', 'worker', '--version', '1', '--no-wait', '--', 'sleep', '60']);
    await online('worker');
    running.kill('SIGTERM');
    expect((await running).exitCode).toBe(128 + 15);
    expect(await client.registrations({ app: 'worker' })).toEqual([]);
  });
});
