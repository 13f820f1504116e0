/** Tokens from one end to the other: made, used, revoked, and shown nowhere. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit } from '../../src/model/history.js';
import type { Status } from '../../src/model/daemon.js';
import type { Role } from '../../src/model/roles.js';
import type { TokenRecord } from '../../src/model/tokens-file.js';
import { linesOf, run, runJson, start } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let folder: string;
let tokens: string;
let daemon: RunningDaemon;
const made = {} as Record<Role, string>;

async function create(role: Role, ...flags: string[]): Promise<string> {
  const { stdout } = await run(['token', 'create', '--tokens', tokens, '--role', role, ...flags]);
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-tokens-'));
  tokens = join(folder, 'tokens.jsonl');
  for (const role of ['read', 'write', 'deploy', 'admin', 'peer'] as const)
    made[role] = await create(role, '--name', role);
  daemon = await startDaemon({ args: ['--tokens', tokens, '--warm-for', '0', '--name', 'first'] });
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const bender = (args: string[], env: NodeJS.ProcessEnv = {}) => run(args, { server: daemon.url, env });
const as = (role: Role) => ({ BENDER_TOKEN: made[role] });
const web = ['--app', 'web', '--version', '1.0.0', '--host', '127.0.0.1', '--port', '9', '--ttl', '1m'];

describe('bender token', () => {
  it('prints the token alone, and keeps only its hash, for its owner alone', async () => {
    const token = await create('write', '--name', 'printed', '--app', 'web-*', '--expires', '30d');
    expect(token).toMatch(/^bender_[0-9a-f]{8}_[\w-]{43}$/);
    const text = await readFile(tokens, 'utf8');
    expect(text).not.toContain(token.slice(16));
    const { stdout } = await run(['token', 'ls', '--tokens', tokens]);
    expect(stdout).toMatch(/printed +write +web-\*/);
  });

  it('refuses a name that is in use, an app for a role without, and a file that is none', async () => {
    const taken = await run(['token', 'create', '--tokens', tokens, '--role', 'read', '--name', 'admin']);
    expect([taken.exitCode, taken.stderr]).toEqual([5, expect.stringMatching(/there is a token 'admin'/)]);
    const app = await run(['token', 'create', '--tokens', tokens, '--role', 'admin', '--app', 'web']);
    expect([app.exitCode, app.stderr]).toEqual([2, expect.stringMatching(/--app does not go with --role admin/)]);
    const other = join(folder, 'other');
    await writeFile(other, 'secret stuff\n');
    const none = await run(['token', 'create', '--tokens', other, '--role', 'read']);
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringMatching(/line 1: this is not JSON/)]);
    expect(none.stderr).not.toMatch(/secret/);
  });

  it('gives a token quotas, of those that go with its role, and lists them', async () => {
    await create(
      'write',
      '--name',
      'bounded',
      '--max-registrations',
      '2',
      '--max-meta-bytes',
      '1000',
      '--max-requests',
      '50',
    );
    const { stdout } = await run(['token', 'ls', '--tokens', tokens]);
    expect(stdout).toMatch(/bounded +write +- +2 registrations, 1000 bytes of metadata, 50 requests\/s /);
    const [one] = (await runJson<TokenRecord[]>(['token', 'ls', '--tokens', tokens])).filter(
      ({ name }) => name === 'bounded',
    );
    expect(one).toMatchObject({ maxRegistrations: 2, maxMetaBytes: 1000, maxRequests: 50 });
    const wrong = await run(['token', 'create', '--tokens', tokens, '--role', 'write', '--max-catalog-writes', '5']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/--max-catalog-writes does not go with --role write/),
    ]);
  });

  it('removes a token by its name, and leaves the rest of the file as it is', async () => {
    await appendFile(tokens, '# a comment');
    await create('read', '--name', 'gone');
    const { stdout } = await run(['token', 'rm', 'gone', '--tokens', tokens]);
    expect(stdout).toMatch(/^removed gone /);
    expect(await readFile(tokens, 'utf8')).toMatch(/# a comment\n$/);
    expect((await run(['token', 'rm', 'gone', '--tokens', tokens])).exitCode).toBe(4);
  });
});

describe('commands', () => {
  it('are refused without a token, with exit code 8 and the role that is needed', async () => {
    const { exitCode, stderr } = await bender(['ls']);
    expect([exitCode, stderr]).toEqual([
      8,
      "Error: this needs a token with the role 'read' (--token, or BENDER_TOKEN)",
    ]);
    const write = await bender(['register', ...web], as('read'));
    expect([write.exitCode, write.stderr]).toEqual([
      8,
      expect.stringMatching(/needs the role 'write': the token 'read'/),
    ]);
  });

  it('take a token from a flag, the environment, a file, or the URL', async () => {
    const file = join(folder, 'admin.token');
    await writeFile(file, `${made.admin}\n`);
    const inUrl = daemon.url.replace('//', `//anybody:${made.admin}@`);
    for (const [args, env] of [
      [['--token', made.admin], {}],
      [[], as('admin')],
      [[], { BENDER_TOKEN_FILE: file }],
      [['--server', inUrl], {}],
      [['--server', inUrl], as('peer')],
    ] as [string[], NodeJS.ProcessEnv][])
      expect(await bender(['status', ...args], env)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('do what their role allows, and the history names the token', async () => {
    expect(await bender(['register', ...web], as('write'))).toMatchObject({ exitCode: 0 });
    const created = await bender(
      ['backends', 'create', 'web', '--app', 'web', '--version', '1.0.0', '--author', 'alice'],
      as('deploy'),
    );
    expect(created).toMatchObject({ exitCode: 0 });
    const [edit] = await runJson<Edit[]>(['history'], { server: daemon.url, env: as('read') });
    expect(edit).toMatchObject({ author: 'deploy', proven: true, claimedAuthor: 'alice' });
    expect((await bender(['history'], as('read'))).stdout).toContain('deploy (token), alice');
    expect(await bender(['deregister', ...web.slice(0, 8)], as('deploy'))).toMatchObject({ exitCode: 8 });
  });

  it('are told their name and what they may do', async () => {
    const { exitCode, stderr } = await bender(['whoami']);
    expect([exitCode, stderr]).toEqual([8, expect.stringMatching(/with the role 'read'/)]);
    expect((await bender(['whoami'], as('deploy'))).stdout).toMatch(/^deploy \([0-9a-f]{8}\): the role 'deploy'$/);
    const some = { BENDER_TOKEN: await create('write', '--name', 'some', '--app', 'web-*') };
    await eventually(async () => (await bender(['whoami'], some)).exitCode === 0);
    expect(await runJson(['whoami'], { server: daemon.url, env: some })).toEqual({
      ...{ role: 'write', name: 'some', id: some.BENDER_TOKEN.slice(7, 15), apps: ['web-*'], tokens: true },
    });
  });

  it('show a token nowhere', async () => {
    const secret = made.read.slice(16);
    const near = `${made.read}x`;
    const shown = [
      await bender(['ls', '--token', near]),
      await bender(['ls', `--tokn=${made.read}`]),
      await bender(['ls', made.read]),
      await bender(['ls', '--json', '--token', near]),
      await run(['ls', '--server', `ftp://${made.read}@h`]),
      await run(['serve', '--token', near]),
    ];
    for (const { stdout, stderr, exitCode } of shown) {
      expect(exitCode).toBeGreaterThan(0);
      expect(stdout + stderr).not.toContain(secret.slice(0, 12));
    }
  });

  it('hide a token in the list of processes', async () => {
    const watching = start(['watch', '--token', made.read, '--json'], { server: daemon.url });
    const lines = linesOf(watching.stdout);
    await eventually(() => lines[0]);
    const shown = readFileSync(`/proc/${watching.pid}/cmdline`, 'utf8');
    expect(shown).toMatch(/watch --token bender_[0-9a-f]{8}_\*\*\*/);
    expect(shown).not.toContain(made.read.slice(16));
    watching.kill('SIGTERM');
    await watching;
  });

  it('pass no token on to CMD, to checks and to hooks', async () => {
    const tell = `printf '%s ' "\${BENDER_TOKEN-none}\${BENDER_SERVER-}"`;
    const [cmd, check] = [join(folder, 'cmd'), join(folder, 'check')];
    const server = daemon.url.replace('//', `//any:${made.write}@`);
    const held = start(
      [
        ...['register', '--app', 'cmd', '--version', '1', '--host', '127.0.0.1', '--no-wait'],
        ...['--check', `exec:${tell} >>${check}`, '--check-interval', '100ms'],
        ...['--', 'sh', '-c', `${tell} >>${cmd}; exec sleep 60`],
      ],
      { server, env: as('write') },
    );
    const hook = start(['watch', '--app', 'cmd', '--initial', '--exec', tell], {
      server: daemon.url,
      env: as('read'),
    });
    const said = linesOf(hook.stdout);
    const texts = await Promise.all(
      [cmd, check].map((file) => eventually(async () => (await readFile(file, 'utf8')) || undefined)),
    );
    for (const text of texts) expect(text).toMatch(/^nonehttp:\/\/127/);
    await eventually(async () => (await bender(['ls', '--app', 'cmd'], as('read'))).exitCode === 0);
    hook.kill('SIGTERM');
    held.kill('SIGTERM');
    await held;
    expect(said.join('') + (await hook).stdout).toMatch(/none/);
  });
});

it('a token that is revoked ends at once, also where it watches, and one that is added is taken', async () => {
  const token = await create('read', '--name', 'leaver');
  const env = { BENDER_TOKEN: token };
  await eventually(async () => (await bender(['ls'], env)).exitCode === 0);
  const watching = start(['watch', '--json'], { server: daemon.url, env });
  const lines = linesOf(watching.stdout);
  const errors = linesOf(watching.stderr);
  await eventually(() => lines[0]);
  await run(['token', 'rm', 'leaver', '--tokens', tokens]);
  daemon.process.kill('SIGHUP');
  await eventually(() => errors[0]);
  expect(await bender(['ls'], env)).toMatchObject({
    exitCode: 8,
    stderr: expect.stringMatching(/was revoked/),
  });
  watching.kill('SIGTERM');
  await watching;
});

it('a token registers as many instances as it may, and keeps those', async () => {
  const token = await create('write', '--name', 'few', '--max-registrations', '2');
  const env = { BENDER_TOKEN: token };
  const instance = (port: number): string[] => [...web.slice(0, -3), String(port), '--ttl', '1m'];
  await eventually(async () => (await bender(['register', ...instance(21)], env)).exitCode === 0);
  expect(await bender(['register', ...instance(22)], env)).toMatchObject({ exitCode: 0 });
  const third = await bender(['register', ...instance(23)], env);
  expect([third.exitCode, third.stderr]).toEqual([
    3,
    expect.stringMatching(/quota exceeded: the token 'few' has 2 registrations, and may have 2/),
  ]);
  expect(await bender(['renew', 'web/1.0.0/127.0.0.1/21'], env)).toMatchObject({ exitCode: 0 });
  const { load } = await runJson<Status>(['status'], { server: daemon.url, env: as('read') });
  expect(load!.refused.registrationsOfToken).toBeGreaterThanOrEqual(1);
});

describe('peers', () => {
  const join_ = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    startDaemon({ peers: [daemon.url], args: ['--tokens', tokens, '--warm-for', '0', ...args], env });

  it('join with a token of the role peer, which may come from a file', async () => {
    const file = join(folder, 'peer.token');
    await writeFile(file, made.peer);
    const first = await join_(['--name', 'with-file', '--token-file', file]);
    const second = await join_(['--name', 'with-variable'], as('peer'));
    for (const { url } of [first, second])
      await eventually(async () => {
        const { counts } = await runJson<Status>(['status'], { server: url, env: as('read') });
        return counts.daemons >= 2;
      });
    await first.stop();
    await second.stop();
  });

  it('stay outside without one, and say why', async () => {
    const reader = await join_(['--name', 'reader'], as('read'));
    await eventually(async () => {
      const { peers } = await runJson<Status>(['status'], { server: reader.url, env: as('read') });
      return peers?.[0]?.reason?.includes("needs the role 'peer'");
    });
    await reader.stop();
  });
});

it('nothing of all that has left a token in a log', () => {
  const log = daemon.log.join('\n');
  expect(log).toMatch(/refused a request for its token/);
  for (const token of Object.values(made)) expect(log).not.toContain(token.slice(16, 28));
});
