/** What commands pass on when a daemon has just started, or is cut off. */

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Client } from '../../src/client/client.js';
import type { Answerer } from '../helpers/fake-daemon.js';
import { FakeDaemon } from '../helpers/fake-daemon.js';
import type { Running } from '../helpers/cli.js';
import { linesOf, run, start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let warming: string;
let warm: string;
let stale: FakeDaemon;
const instance = { app: 'web', version: '1', host: 'h', port: 80, ttl: 600_000 };
const one = {
  resource: 'Registration',
  id: 'web/1/h/80',
  draining: false,
  meta: {},
  registered: 1,
  ...instance,
};
const backend = { resource: 'Backend', name: 'web', app: 'web', version: '1' };

const asStale: Answerer = ({ path, method }, response) => {
  const listed = path.includes('registrations') ? [one] : path === '/daemons' ? [] : [backend];
  const isOne = method !== 'GET' || /^\/backends\/[^/]+(\?.*)?$/.test(path);
  response.writeHead(200, { 'content-type': 'application/json', 'x-bender-stale': 'true' });
  response.end(JSON.stringify(isOne ? backend : listed));
};

beforeAll(async () => {
  warming = (await startDaemon({ args: ['--warm-for', '10m'] })).url;
  warm = (await startDaemon({ args: ['--warm-for', '0s'] })).url;
  stale = await FakeDaemon.start(asStale);
  for (const servers of [[warming], [warm]]) {
    const client = new Client({ servers });
    await client.register(instance);
    await client.createBackend({ name: 'web', app: 'web', version: '1' });
  }
});
const started: Running[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await child;
  }
});
afterAll(async () => {
  await stopDaemons();
  await stale.stop();
});

const commands = [
  ['ls'],
  ['ls', 'backends'],
  ['daemons'],
  ['backends', 'show', 'web'],
  ['export'],
  ['backends', 'update', 'web', '--version', '1'],
];

it.each(commands)('passes on that the daemon has just started: %s %s', async (...command) => {
  const args = command.filter((part) => part !== undefined);
  const text = await run(args, { server: warming });
  const warning = `warning: ${warming} has just started: something may not have shown up yet`;
  expect(text.stderr.split('\n').filter((line) => line.startsWith('warning'))).toEqual([warning]);
  expect(text.exitCode).toBe(0);
  expect((await run(args, { server: warm })).stderr).not.toContain('warning');
});

it.each(commands)('passes on that the daemon is cut off: %s %s', async (...command) => {
  const args = command.filter((part) => part !== undefined);
  const { stderr, exitCode } = await run(args, { server: stale.url });
  expect(stderr).toContain(
    `warning: ${stale.url} is cut off from most of the other daemons: what it says is its last view`,
  );
  expect(exitCode).toBe(0);
});

it('has it in what --json prints, in each element of a list', async () => {
  const json = async (args: string[], server: string) =>
    JSON.parse((await run([...args, '--json'], { server })).stdout) as unknown;
  expect(await json(['ls', '--app', 'web'], warming)).toEqual([
    expect.objectContaining({ id: 'web/1/h/80', warming: true }),
  ]);
  expect(await json(['ls', '--app', 'web'], stale.url)).toEqual([
    expect.objectContaining({ id: 'web/1/h/80', stale: true }),
  ]);
  expect(await json(['backends', 'show', 'web'], warming)).toMatchObject({ name: 'web', warming: true });
  const [listed] = (await json(['ls', '--app', 'web'], warm)) as object[];
  expect(Object.keys(listed!)).not.toContain('warming');
});

it('has it beside an error, which may be wrong for that', async () => {
  const { stderr, exitCode } = await run(['resolve', 'nobody'], { server: warming });
  expect(stderr).toContain(`warning: ${warming} has just started`);
  expect(exitCode).toBe(4);
  const { stdout } = await run(['resolve', 'nobody', '--json'], { server: warming });
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'NOT_FOUND', message: "frontend 'nobody' does not exist" },
    warming: true,
  });
});

it.each(['ls', 'ls backends', 'resolve www', 'daemons', 'history', 'export'])(
  'takes no answer of such a daemon with --trusted: %s',
  async (command) => {
    const args = [...command.split(' '), '--trusted', '--json'];
    const { stdout, exitCode } = await run(args, { server: `${warming},${stale.url}` });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'UNREACHABLE',
        message: `no daemon reachable: tried ${warming} (it has just started, services may not have shown up yet), ${stale.url} (it is cut off from most of the other daemons)`,
      },
    });
    expect((await run(args, { server: `${warming},${warm}` })).exitCode).toBe(command === 'resolve www' ? 4 : 0);
  },
);

it('names the daemon that a deployment has waited for, and why', async () => {
  const args = ['deploy', 'web', '--version', '2', '--timeout', '1s'];
  const { stderr, exitCode } = await run(args, { server: warming });
  expect(stderr).toContain(
    `Error: within 1s: no daemon reachable: tried ${warming} (it has just started, services may not have shown up yet)`,
  );
  expect(exitCode).toBe(3);
});

it('says nothing of it when a service registers, which does not depend on it', async () => {
  const args = ['register', '--app', 'quiet', '--version', '1', '--host', '10.0.0.5', '--port', '1'];
  expect(await run(args, { server: warming })).toMatchObject({
    stderr: expect.not.stringContaining('warning'),
    exitCode: 0,
  });
});

function watch(server: string, ...args: string[]) {
  const child = start(['watch', '--app', 'web', ...args], { server });
  started.push(child);
  return { child, lines: linesOf(child.stdout), notices: linesOf(child.stderr) };
}

it('watches no daemon that has just started, unless it is told to, and says once what it waits for', async () => {
  const { child, notices } = watch(warming);
  await eventually(() => notices.length > 0);
  expect(notices[0]).toContain('waiting for');
  expect(notices[0]).toContain('it has just started, services may not have shown up yet');
  const any = watch(warming, '--any');
  await eventually(() => any.notices.includes(`watching ${warming}`));
  expect(notices).toHaveLength(1);
  expect(child.exitCode).toBeNull();
});

it('goes on once the daemon is sure', async () => {
  const server = (await startDaemon({ args: ['--warm-for', '1s'] })).url;
  const { notices } = watch(server);
  await eventually(() => notices.includes(`watching ${server}`));
});

it('prints what is there already with --initial', async () => {
  const { lines } = watch(warm, '--initial', '--type', 'online');
  await eventually(() => lines.length > 0);
  expect(lines[0]).toMatch(/online {14}web@1 {2}h:80 {2}there already$/);
  const json = watch(warm, '--initial', '--type', 'online', '--json');
  await eventually(() => json.lines.length > 1);
  expect(JSON.parse(json.lines[1]!)).toMatchObject({ type: 'online', initial: true });
});
