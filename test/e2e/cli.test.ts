import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { splitProgram } from '../../src/cli/split-program.js';
import type { Registration } from '../../src/model/registration.js';
import { run, runJson } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { deadUrl } from '../helpers/fake-daemon.js';

let server: string;
beforeAll(async () => {
  server = (await startDaemon({ args: ['--warm-for', '0'] })).url;
});
afterAll(stopDaemons);

const bender = (...args: string[]) => run(args, { server });
const json = <T>(...args: string[]) => runJson<T>(args, { server });
const web = ['--app', 'web', '--version', '1.2.0', '--host', '10.0.0.5', '--port', '8080'];
const id = 'web/1.2.0/10.0.0.5/8080';

describe('an instance', () => {
  it('is registered, listed, renewed and deregistered', async () => {
    expect(await bender('register', ...web, '--ttl', '10m', '--meta', 'zone=b', '--meta', 'n=1')).toMatchObject({
      stdout: `web@1.2.0 is online at 10.0.0.5:8080: ${id}`,
      stderr: 'It expires in 10m unless it is renewed.',
      exitCode: 0,
    });
    expect((await bender('ls', '--app', 'web', '--version', '^1.0.0')).stdout).toMatch(
      /^APP +VERSION +ADDRESS.*\nweb +1\.2\.0 +10\.0\.0\.5:8080 +online +10m .*zone=b n=1|n=1 zone=b/,
    );
    expect(await json<Registration[]>('ls', '--app', 'web')).toMatchObject([
      { id, ttl: 600_000, meta: { zone: 'b', n: '1' }, resource: 'Registration' },
    ]);
    expect(await json<Registration[]>('ls', '--meta', 'zone=b', '--meta', 'n=1')).toMatchObject([{ id }]);
    expect(await json<Registration[]>('ls', '--app', 'web', '--meta', 'zone=a')).toEqual([]);
    expect(await bender('renew', id)).toMatchObject({ stdout: `renewed ${id}`, exitCode: 0 });
    expect(await json('renew', ...web)).toEqual({ id, renewed: true });
    expect(await json('deregister', ...web)).toEqual({ id, deregistered: true });
    expect(await bender('ls', '--app', 'web')).toEqual({
      stdout: '',
      stderr: 'No registrations.',
      exitCode: 0,
    });
    expect(await json('ls', '--app', 'web')).toEqual([]);
  });

  it('is explained', async () => {
    await bender('register', ...web, '--ttl', '10m');
    await bender('backends', 'create', 'explained', '--app', 'web', '--version', '1.2.0');
    await bender('frontends', 'create', 'explained', '--backend', 'explained');
    const explain = () => bender('explain', id, '--frontend', 'explained');
    expect(await explain()).toMatchObject({ stdout: `explained sends 100 % of its requests to ${id}`, exitCode: 0 });
    await bender('drain', id, '--reason', 'old');
    expect(await explain()).toMatchObject({
      stdout: `explained sends nothing to ${id}:\n  it drains: old`,
      exitCode: 0,
    });
    expect(await json('explain', id, '--frontend', 'explained')).toMatchObject({ served: false, share: 0 });
    expect((await bender('explain', id, '--frontend', 'nobody')).exitCode).toBe(4);
    await bender('frontends', 'rm', 'explained');
    await bender('backends', 'rm', 'explained');
    await bender('deregister', id);
  });

  it('is listed without the daemons, unless they are asked for', async () => {
    expect(await bender('ls')).toEqual({ stdout: '', stderr: 'No registrations.', exitCode: 0 });
    await bender('register', ...web, '--ttl', '10m');
    const names = async (...args: string[]) =>
      (await bender('ls', '-o', 'name', ...args)).stdout.split('\n').map((name) => name.split('/')[0]);
    expect(await names()).toEqual(['web']);
    expect(await names('--all')).toEqual(['bender', 'web']);
    expect(await names('--app', 'bender')).toEqual(['bender']);
    expect((await json<Registration[]>('ls')).map(({ app }) => app)).toEqual(['bender', 'web']);
    await bender('deregister', id);
  });

  it('that is named is renewed, drained and deregistered, and not its successor', async () => {
    await json('register', ...web, '--instance', 'old', '--ttl', '1m');
    await json('register', ...web, '--instance', 'new', '--ttl', '1m');
    for (const command of ['renew', 'drain', 'deregister'])
      expect(await bender(command, id, '--instance', 'old')).toEqual({
        stdout: '',
        stderr: `Error: instance 'old' of '${id}' was replaced by '${id}'`,
        exitCode: 4,
      });
    expect(await json('ls', '--app', 'web')).toMatchObject([{ instance: 'new', draining: false }]);
    expect((await bender('drain', '--app', 'web', '--instance', 'new')).exitCode).toBe(2);
    for (const args of [
      ['renew', ...web],
      ['drain', id],
      ['deregister', ...web],
    ])
      expect((await bender(...args, '--instance', 'new')).exitCode).toBe(0);
    expect(await json('ls', '--app', 'web')).toEqual([]);
  });

  it('expires', async () => {
    await json('register', ...web, '--ttl', '1s');
    await eventually(async () => (await json<Registration[]>('ls', '--app', 'web')).length === 0);
  });

  it('gets an address of its own where none is given', async () => {
    const registered = await json<Registration>('register', '--app', 'api', '--version', '1');
    expect(registered.port).toBeGreaterThan(0);
    expect(await json('renew', registered.id)).toEqual({ id: registered.id, renewed: true });
  });

  it.each([
    ['port', '8080'],
    ['host', '10.0.0.5'],
    ['id', id],
    ['address', '10.0.0.5:8080'],
    ['url', 'http://10.0.0.5:8080'],
  ])('prints only its %s for a script', async (part, expected) => {
    expect((await bender('register', ...web, '--print', part)).stdout).toBe(expected);
  });

  it('takes the port from $PORT', async () => {
    const args = ['register', '--app', 'web', '--version', '1', '--print', 'port'];
    expect((await run(args, { server, env: { PORT: '4567' } })).stdout).toBe('4567');
    expect((await bender(...args, '--json')).exitCode).toBe(2);
  });

  it('may have an IPv6 host', async () => {
    const args = ['--app', 'six', '--version', '1', '--host', '[::1]', '--port', '80'];
    expect((await bender('register', ...args, '--print', 'address')).stdout).toBe('[::1]:80');
    expect((await bender('deregister', 'six/1/::1/80')).exitCode).toBe(0);
  });
});

it('points backends at versions and frontends at backends', async () => {
  await json('register', '--app', 'shop', '--version', '1.0.0', '--host', 'a', '--port', '1', '--ttl', '1m');
  await json('register', '--app', 'shop', '--version', '2.0.0', '--host', 'b', '--port', '2', '--ttl', '1m');

  const created = { resource: 'Backend', name: 'live', app: 'shop', version: '1.0.0' };
  expect(await json('backends', 'create', 'live', '--app', 'shop', '--version', '1.0.0')).toEqual(created);
  expect((await bender('frontends', 'create', 'www')).stdout).toBe('created www: no backend yet');
  expect(await bender('resolve', 'www')).toEqual({ stdout: '', stderr: 'No registrations.', exitCode: 0 });
  expect((await bender('frontends', 'update', 'www', '--backend', 'live')).stdout).toBe('updated www: live');
  expect((await bender('resolve', 'www')).stdout).toBe('a:1');

  expect((await bender('backends', 'update', 'live', '--version', '2.0.0')).stdout).toBe('updated live: shop@2.0.0');
  expect((await bender('resolve', 'www')).stdout).toBe('b:2');
  expect(await json('resolve', 'www')).toMatchObject([{ host: 'b', port: 2 }]);
  expect((await bender('backends', 'show', 'live')).stdout).toMatch(/^live: shop@2\.0\.0\nAPP .*\nshop +2\.0\.0 +b:2/);
  expect(await json('frontends', 'show', 'www')).toMatchObject({
    name: 'www',
    registrations: [{ host: 'b' }],
  });

  expect((await bender('backends', 'update', 'live', '--split', '1.0.0=90', '--split', '2.0.0=10')).stdout).toBe(
    'updated live: shop@1.0.0=90,2.0.0=10',
  );
  expect(await json('resolve', 'www')).toMatchObject([{ weight: 9 }, { weight: 1 }]);
  expect((await bender('resolve', 'www', '--one')).stdout).toMatch(/^(a:1|b:2)$/);
  expect((await bender('backends', 'update', 'live', '--split', '1.0.0')).exitCode).toBe(2);
  await json('backends', 'update', 'live', '--version', '2.0.0');

  expect((await bender('ls', 'backends')).stdout).toBe('BACKEND  APP   VERSION\nlive     shop  2.0.0');
  expect((await bender('ls', 'frontends')).stdout).toBe('FRONTEND  BACKEND\nwww       live');
  expect(await json('ls', 'backends', '--app', 'other')).toEqual([]);

  expect(await json('frontends', 'rm', 'www')).toEqual({ name: 'www', removed: true });
  expect((await bender('backends', 'delete', 'live')).stdout).toBe('removed live');
  expect((await bender('ls', 'frontends')).stderr).toBe('No frontends.');
});

it('drains instances and takes them back', async () => {
  const ids = await Promise.all(
    ['1', '2'].map(async (port) => {
      const args = ['--app', 'pool', '--version', '1.0.0', '--host', 'a', '--port', port, '--ttl', '1m'];
      return (await json<Registration>('register', ...args)).id;
    }),
  );
  await json('backends', 'create', 'pool', '--app', 'pool', '--version', '1.0.0');
  await json('frontends', 'create', 'pool', '--backend', 'pool');
  expect((await bender('drain', ids[0]!, '--reason', 'new disk')).stdout).toBe(`draining ${ids[0]}`);
  expect((await bender('resolve', 'pool')).stdout).toBe('a:2');
  expect((await bender('ls', '--app', 'pool')).stdout).toMatch(/a:1 +draining \(new disk\)[^]*a:2 +online/);
  expect(await json('undrain', ids[0]!)).toMatchObject([{ id: ids[0], draining: false }]);
  expect(await json('drain', ...ids)).toMatchObject(ids.map((id) => ({ id, draining: true })));
  expect((await bender('resolve', 'pool')).stdout).toBe('');
  expect((await bender('undrain', '--app', 'pool', '--version', '1.x')).stdout).toBe(
    ids.map((id) => `undrained ${id}`).join('\n'),
  );
  expect((await bender('resolve', 'pool')).stdout).toBe('a:1\na:2');
});

it('says what it has undrained, and of what it has not', async () => {
  const ids = ['1', '2'].map((port) => `mixed/1.0.0/a/${port}`);
  for (const port of ['1', '2'])
    await json('register', '--app', 'mixed', '--version', '1.0.0', '--host', 'a', '--port', port, '--ttl', '1m');
  await bender('drain', ids[1]!);
  expect(await bender('undrain', '--app', 'mixed')).toEqual({ stdout: `undrained ${ids[1]}`, stderr: '', exitCode: 0 });
  expect(await bender('undrain', '--app', 'mixed')).toEqual({
    stdout: '',
    stderr: 'No online instance of mixed was draining.',
    exitCode: 0,
  });
  expect(await json('undrain', '--app', 'mixed')).toEqual([]);
  expect((await bender('undrain', ids[0]!)).stdout).toBe(`${ids[0]} was not draining`);
});

it('goes on to the next id if one is not found', async () => {
  const ids = ['1', '2'].map((port) => `several/1.0.0/a/${port}`);
  for (const port of ['1', '2'])
    await json('register', '--app', 'several', '--version', '1.0.0', '--host', 'a', '--port', port, '--ttl', '1m');
  const gone = 'several/1.0.0/a/3';
  const inJson = await bender('renew', ids[0]!, gone, ids[1]!, '--json');
  expect(JSON.parse(inJson.stdout)).toMatchObject({ error: { code: 'NOT_FOUND' }, done: ids.map((id) => ({ id })) });
  const outcomes = { drain: 'draining', undrain: 'undrained', renew: 'renewed', deregister: 'deregistered' };
  for (const [command, done] of Object.entries(outcomes)) {
    const { stdout, stderr, exitCode } = await bender(command, ids[0]!, gone, ids[1]!);
    expect(stdout).toBe(ids.map((id) => `${done} ${id}`).join('\n'));
    expect([stderr.includes(gone), stderr.split('\n').length, exitCode]).toEqual([true, 1, 4]);
  }
  expect(await json('ls', '--app', 'several')).toEqual([]);
});

it('waits for instances to come and to go', async () => {
  const args = (port: string) => ['--app', 'slow', '--version', '2.0.0', '--host', 'a', '--port', port];
  const first = await json<Registration>('register', ...args('1'), '--ttl', '1m');
  await json('drain', first.id);
  const waiting = bender('wait', '--app', 'slow', '--version', '2.x', '--count', '1');
  const missed = await bender('wait', '--app', 'slow', '--count', '1', '--timeout', '300ms');
  expect(missed).toMatchObject({ stdout: '', exitCode: 6 });
  expect(missed.stderr).toContain('Error: after 300ms: 0 of slow online, waiting for 1');
  expect(await bender('wait', '--app', 'slow', '--count', '1', '--timeout', '0')).toMatchObject({
    stderr: expect.stringContaining('Error: after 0ms: 0 of slow online, waiting for 1'),
    exitCode: 6,
  });
  await json('undrain', first.id);
  expect(await bender('wait', '--app', 'slow', '--timeout', '0')).toMatchObject({ exitCode: 0 });
  expect(await waiting).toMatchObject({ stdout: '1 of slow@2.x online', exitCode: 0 });
  expect(await json('wait', '--app', 'slow')).toMatchObject([{ id: first.id }]);
  const gone = bender('wait', '--app', 'slow', '--count', '0');
  await json('deregister', first.id);
  expect(await gone).toMatchObject({ stdout: '0 of slow online', exitCode: 0 });
});

it('tells of the daemon and its peers', async () => {
  expect((await bender('status')).stdout).toMatch(/^url +http:\/\/127\.0\.0\.1:\d+$/m);
  expect(await json('status')).toMatchObject({ url: server, settings: { ttl: 4000 } });
  expect(await json('ls', 'daemons')).toMatchObject([{ url: server, self: true, state: 'online' }]);
  expect((await bender('ls', 'daemons')).stdout).toContain('this one');
});

it('tells where a daemon listens, beside what it advertises', async () => {
  const { listening, url } = await startDaemon({ args: ['--advertise', 'http://10.0.0.5:1729', '--warm-for', '0'] });
  expect(url).toBe('http://10.0.0.5:1729');
  expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await runJson(['status'], { server: listening })).toMatchObject({ url, listening });
  const { stdout } = await run(['status'], { server: listening });
  expect(stdout).toMatch(new RegExp(`^listening on +${listening}$`, 'm'));
});

describe('exit codes, the same with --json', () => {
  const failures: [string, string[], number, string][] = [
    ['an unknown flag', ['ls', '--nope'], 2, 'INVALID'],
    ['a bad duration', ['register', ...web, '--ttl', 'soon'], 2, 'INVALID'],
    ['what a daemon refuses', ['register', ...web, '--ttl', '1'], 2, 'INVALID'],
    ['a missing argument', ['resolve'], 2, 'INVALID'],
    ['a missing flag', ['register', '--app', 'web'], 2, 'INVALID'],
    ['an unknown event type', ['watch', '--type', 'birthday'], 2, 'INVALID'],
    ['a program that is not there', ['register', ...web, '--', './no-such-program'], 2, 'INVALID'],
    ['an unknown registration', ['renew', 'no/1/h/1'], 4, 'NOT_FOUND'],
    ['an unknown registration to end', ['deregister', 'no/1/h/1'], 4, 'NOT_FOUND'],
    ['an unknown registration to drain', ['drain', 'no/1/h/1'], 4, 'NOT_FOUND'],
    ['a condition without a value', ['ls', '--meta', 'zone'], 2, 'INVALID'],
    ['all of what is no registration', ['ls', 'backends', '--all'], 2, 'INVALID'],
    ['metadata of what has none', ['ls', 'daemons', '--meta', 'a=b'], 2, 'INVALID'],
    ['nothing to drain', ['drain'], 2, 'INVALID'],
    ['an unknown frontend', ['resolve', 'nobody'], 4, 'NOT_FOUND'],
    ['an unknown backend', ['backends', 'show', 'nobody'], 4, 'NOT_FOUND'],
    ['a name in use', ['frontends', 'create', 'taken'], 5, 'CONFLICT'],
  ];
  beforeAll(async () => {
    await json('frontends', 'create', 'taken');
  });

  it.each(failures)('%s', async (_, args, exitCode, code) => {
    const { own, program } = splitProgram(args);
    const withJson = program.length > 0 ? [...own, '--json', '--', ...program] : [...own, '--json'];
    const [text, object] = await Promise.all([bender(...args), bender(...withJson)]);
    expect(text).toMatchObject({ stdout: '', exitCode });
    expect(text.stderr).toMatch(/^Error: .+$/);
    expect(object).toMatchObject({ stderr: '', exitCode });
    expect(JSON.parse(object.stdout)).toEqual({
      error: { code, message: text.stderr.replace('Error: ', '') },
    });
  });

  it('3 where no daemon can be reached, naming those tried', async () => {
    const urls = [await deadUrl(), await deadUrl()];
    const { stderr, exitCode } = await run(['ls', '--server', urls[0]!, '-s', urls[1]!], { server });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(urls[0]);
    expect(stderr).toContain(urls[1]);
  });

  it('2 for an unknown command', async () => {
    expect(await bender('frobnicate')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

it('goes to the next server in BENDER_SERVER', async () => {
  expect((await run(['status'], { server: `${await deadUrl()}, ${server}` })).exitCode).toBe(0);
});

it('colours where it is wanted, unless NO_COLOR is set', async () => {
  await json('register', ...web, '--ttl', '1m');
  const args = ['ls', '--app', 'web'];
  const escapes = /\u001b\[/;
  expect((await run(args, { server })).stdout).not.toMatch(escapes);
  expect((await run(args, { server, env: { FORCE_COLOR: '1' } })).stdout).toMatch(escapes);
  expect((await run(args, { server, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toMatch(escapes);
});

it('explains every command, with examples', async () => {
  const verbs = ['create', 'show', 'update', 'rm'];
  const commands = [
    ...[
      'serve',
      'register',
      'renew',
      'deregister',
      'ls',
      'watch',
      'resolve',
      'status',
      'drain',
      'undrain',
      'wait',
      'deploy',
      'rollback',
      'history',
    ].map((name) => [name]),
    ...['backends', 'frontends'].flatMap((topic) => verbs.map((verb) => [topic, verb])),
  ];
  const helps = await Promise.all(commands.map((command) => bender(...command, '--help')));
  for (const { stdout, exitCode } of helps) {
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/USAGE[^]*EXAMPLES/);
  }
});
