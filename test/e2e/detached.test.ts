/** Daemons in the background: `bender serve --detach`, `bender stop`, and what signals do to a daemon. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { birthOf } from '../../src/cli/processes.js';
import type { Status } from '../../src/model/daemon.js';
import { run, runJson } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { FakeDaemon, json } from '../helpers/fake-daemon.js';

let folder: string;
let state: string;
let catalog: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-detached-'));
});
beforeEach(async () => {
  const home = await mkdtemp(join(folder, 'home-'));
  state = join(home, 'bender');
  catalog = join(home, 'catalog.bin');
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const bender = (...args: string[]) => run(args, { env: { XDG_STATE_HOME: join(state, '..') }, cwd: join(state, '..') });

interface Started {
  url: string;
  pid: number;
  pidFile: string;
  log: string;
}

const started: Started[] = [];
afterEach(() => {
  for (const { pid } of started.splice(0))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
});

async function detach(...args: string[]): Promise<Started & { port: string }> {
  const { stdout, stderr, exitCode } = await bender('serve', '--port', '0', '--detach', '--json', ...args);
  expect([stderr, exitCode]).toEqual(['', 0]);
  const daemon = JSON.parse(stdout) as Started;
  started.push(daemon);
  return { ...daemon, port: new URL(daemon.url).port };
}

const runs = (pid: number): boolean => birthOf(pid) !== undefined;

describe('serve --detach', () => {
  it('returns when the daemon serves, which goes on by itself; stop ends it, and waits for that', async () => {
    const { url, pid, port, pidFile, log } = await detach('--warm-for', '0', '--catalog', 'catalog.bin');
    expect((await bender('status', '--server', url)).exitCode).toBe(0);
    expect([pidFile, log]).toEqual([join(state, `${port}.pid`), join(state, `${port}.log`)]);
    expect((await readFile(pidFile, 'utf8')).split('\n')[0]).toBe(String(pid));
    await bender('backends', 'create', 'web', '--app', 'web', '--version', '1', '--server', url);
    const stop = await bender('stop', '--port', port);
    expect(stop).toEqual({ stdout: `stopped the daemon on port ${port} (pid ${pid})`, stderr: '', exitCode: 0 });
    expect(runs(pid)).toBe(false);
    expect(await readFile(log, 'utf8')).toMatch(/"msg":"stopped"/);
    expect(await readdir(state)).toEqual([`${port}.log`]);
    // A relative path is one of the folder in which the command was called.
    expect(existsSync(catalog)).toBe(true);
  });

  it('prints for people what serve prints, and where the log is', async () => {
    const { stdout, stderr } = await bender('serve', '--port', '0', '--detach');
    const [, pid, log] = /pid (\d+), log (\S+);/.exec(stderr)!;
    started.push({ url: '', pid: Number(pid), pidFile: '', log: log! });
    const [, port] = /^bender \S+ listening on http:\/\/127\.0\.0\.1:(\d+) \(name /.exec(stdout)!;
    expect(stderr).toMatch(new RegExp(`; 'bender stop --port ${port}' ends it$`));
    expect(await readFile(log!, 'utf8')).toMatch(/INFO \(lifecycle\): started/);
  });

  it('refuses to start a second one on the port', async () => {
    const { port, pid } = await detach();
    const { stderr, exitCode } = await bender('serve', '--port', port, '--detach');
    expect(stderr).toContain(
      `a daemon runs detached on port ${port} already (pid ${pid}): 'bender stop --port ${port}'`,
    );
    expect(exitCode).toBe(5);
  });

  it('says why the daemon did not start, with its exit code, and that of wrong settings without a start', async () => {
    const other = await startDaemon();
    const { port } = new URL(other.url);
    const taken = await bender('serve', '--port', port, '--detach');
    expect(taken.stderr).toContain(`the daemon did not start: it ended with exit code 1: cannot listen on 127.0.0.1:`);
    expect(taken.stderr).toContain(join(state, `${port}.log`));
    expect(taken.exitCode).toBe(1);
    await writeFile(catalog, 'nonsense');
    const damaged = await bender('serve', '--port', '0', '--catalog', catalog, '--detach', '--json');
    expect(JSON.parse(damaged.stdout)).toMatchObject({
      error: { message: expect.stringMatching(/^the daemon did not start: .*is not a catalog/) },
    });
    expect((await bender('serve', '--port', '0', '--ttl', 'x', '--detach')).exitCode).toBe(2);
  });

  it('starts a daemon that reloads on SIGHUP', async () => {
    const { pid, url } = await detach();
    process.kill(pid, 'SIGHUP');
    expect((await bender('daemons', '--server', url)).exitCode).toBe(0);
    expect(runs(pid)).toBe(true);
  });
});

describe('stop', () => {
  it('ends nothing that it does not know to be a daemon of that port', async () => {
    const { port, pid, pidFile } = await detach();
    const text = await readFile(pidFile, 'utf8');
    await writeFile(pidFile, text.replace(/\d+\n$/, '1\n'));
    const { stderr, exitCode } = await bender('stop', '--port', port);
    expect([stderr, exitCode]).toEqual([`Error: no daemon runs detached on port ${port}`, 4]);
    expect(runs(pid)).toBe(true);
    await writeFile(pidFile, text);
    const other = await bender('stop', '--port', '1');
    expect(other.stderr).toContain(`no daemon runs detached on port 1; detached daemons run on port ${port}`);
  });

  it('says after --timeout that the daemon still runs', async () => {
    const { port, pid } = await detach();
    process.kill(pid, 'SIGSTOP');
    const { stderr, exitCode } = await bender('stop', '--port', port, '--timeout', '100ms');
    expect(stderr).toContain(`the daemon (pid ${pid}) still runs after 100ms: see ${state}/${port}.log`);
    expect(exitCode).toBe(6);
    process.kill(pid, 'SIGCONT');
    await eventually(() => !runs(pid));
    expect(await readdir(state)).toEqual([`${port}.log`]);
  });
});

describe('status', () => {
  it('ends with 0 if the daemon is healthy, and with 9 if it has just started or is cut off', async () => {
    const warm = await startDaemon({ args: ['--warm-for', '0'] });
    const status = await runJson<Status>(['status'], { server: warm.url });
    const warming = await startDaemon({ args: ['--warm-for', '10m'] });
    const { stdout, exitCode } = await run(['status', '--json'], { server: warming.url });
    expect(JSON.parse(stdout)).toMatchObject({ ready: false });
    expect(exitCode).toBe(9);
    const cutOff = await FakeDaemon.start(json(200, { ...status, stale: true }));
    expect((await run(['status'], { server: cutOff.url })).exitCode).toBe(9);
    await cutOff.stop();
  });
});

it.each(['SIGINT', 'SIGTERM'] as const)('a second %s ends a daemon that is handing over at once', async (signal) => {
  const first = await startDaemon({ args: ['--warm-for', '0'] });
  const second = await startDaemon({ peers: [first.url] });
  await eventually(async () => {
    const { stdout } = await run(['daemons', '-o', 'name'], { server: first.url });
    return stdout.split('\n').length === 2;
  });
  // It waits for a peer that does not answer, up to 5 s.
  second.process.kill('SIGSTOP');
  first.process.kill(signal);
  await eventually(() => first.log.some((line) => line.includes('"stopping"')));
  first.process.kill(signal);
  expect(await first.process).toMatchObject({ signal });
  second.process.kill('SIGCONT');
});
