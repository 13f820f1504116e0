/** What a person finds out about the command line from itself. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Client } from '../../src/client/client.js';
import { parseId } from '../../src/model/registration.js';
import { run, runJson } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { deadUrl, FakeDaemon, json } from '../helpers/fake-daemon.js';

let server: string;
let folder: string;
const bender = (...args: string[]) => run(args, { server, cwd: folder });

beforeAll(async () => {
  server = (await startDaemon()).url;
  folder = await mkdtemp(join(tmpdir(), 'bender-usage-'));
  for (const [host, port] of ['10.0.0.45 80', '10.0.0.5 80'].map((each) => each.split(' ')))
    await bender('register', ...address('web', host!, port!), '--ttl', '10m', '--meta', `note=${'x'.repeat(300)}`);
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const address = (app: string, host: string, port: string) => [
  '--app',
  app,
  '--version',
  '1.2.0',
  '--host',
  host,
  '--port',
  port,
];

describe('help', () => {
  it.each([
    [['help'], /COMMANDS\n[^]* deploy [^]*BENDER_SERVER[^]*EXIT CODES\n[^]*bender help COMMAND/],
    [['-h'], /COMMANDS\n[^]*EXIT CODES\n/],
    [['help', 'deploy'], /^Switch a backend [^]*\$ bender deploy NAME --version VERSION \[FLAGS\]\n/],
    [['deploy', '-h'], /^Switch a backend /],
    [['help', 'backends', 'rm'], /^Remove a backend/],
    [['help', 'backends'], /^List the backends[^]*backends create /],
    [['version'], /^bender\/\d+\.\d+\.\d+ /],
    [['-V'], /^bender\/\d+\.\d+\.\d+ /],
  ])('%j', async (args, text) => {
    const { stdout, stderr, exitCode } = await run(args);
    expect(stdout).toMatch(text);
    expect([stderr, exitCode]).toEqual(['', 0]);
  });
});

describe('what does not exist is told in one line, with exit code 2', () => {
  it.each([
    [['deplyo', 'web'], "there is no command 'deplyo': did you mean 'bender deploy'? (see bender --help)"],
    [['help', 'deplyo'], "there is no command 'deplyo': did you mean 'bender deploy'? (see bender --help)"],
    [['deplyo', '--help'], "there is no command 'deplyo': did you mean 'bender deploy'? (see bender --help)"],
    [['--verison'], 'unknown flag --verison: did you mean --version? (see bender --help)'],
    [['ls', '--ap', 'web'], 'unknown flag --ap: did you mean --app? (see bender ls --help)'],
    [['serve', 'extra'], "'bender serve' takes no argument: 'extra' (see bender serve --help)"],
    [
      ['backends', 'updtae', 'web'],
      "'bender backends' has no command 'updtae': did you mean 'bender backends update'? (see bender backends --help)",
    ],
    [['deploy'], 'NAME is missing (see bender deploy --help)'],
    [
      ['deploy', 'web', '2.0.0'],
      "unexpected argument '2.0.0': did you mean --version 2.0.0? (see bender deploy --help)",
    ],
    [['wait'], '--app is missing (see bender wait --help)'],
    [['wait', '--app', 'web', '--timeout', 'x'], /^--timeout must be a duration.* \(see bender wait --help\)$/],
  ] as [string[], string | RegExp][])('%j', async (args, message) => {
    const { stdout, stderr, exitCode } = await bender(...args);
    const [line, ...more] = stderr.split('\n');
    expect([stdout, more, exitCode]).toEqual(['', [], 2]);
    if (typeof message === 'string') expect(line).toBe(`Error: ${message}`);
    else expect(line!.replace('Error: ', '')).toMatch(message);
  });

  it('as an object with --json', async () => {
    const { stdout, exitCode } = await run(['deplyo', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INVALID' } });
    expect(exitCode).toBe(2);
  });
});

it('says how to name a daemon if none was named', async () => {
  const { stderr, exitCode } = await run(['ls'], { env: { BENDER_SERVER: '' } });
  // Where the tests run, a daemon may listen at the usual port.
  if (exitCode !== 0) expect(stderr).toMatch(/; start one with 'bender serve', or name one with --server/);
  expect((await run(['ls'], { server: await deadUrl() })).stderr).not.toContain('start one');
});

describe('lists', () => {
  const ids = ['web/1.2.0/10.0.0.5/80', 'web/1.2.0/10.0.0.45/80'];

  it('show ids, and their names only with -o name, in the order of their addresses', async () => {
    expect((await bender('ls', '--app', 'web', '-o', 'name')).stdout.split('\n')).toEqual(ids);
    const lines = (await bender('ls', '--app', 'web')).stdout.split('\n');
    expect(lines.slice(1).map((line) => line.split(/ +/).at(-1))).toEqual(ids);
  });

  it('show what is unhealthy with --unhealthy, and why', async () => {
    await bender('register', ...address('ill', '10.0.0.6', '80'), '--ttl', '10m');
    await new Client({ servers: [server] }).setHealth(parseId('ill/1.2.0/10.0.0.6/80'), 'GET /health: 503');
    expect((await bender('ls', '--app', 'ill')).stderr).toBe('No registrations.');
    expect((await bender('ls', '--unhealthy')).stdout).toMatch(
      /STATE[^]*ill .*unhealthy \(GET \/health: 503\) .* ill\/1\.2\.0\/10\.0\.0\.6\/80$/,
    );
    expect(await runJson(['ls', '--unhealthy'], { server })).toMatchObject([{ unhealthy: 'GET /health: 503' }]);
    expect((await bender('ls', 'backends', '--unhealthy')).exitCode).toBe(2);
  });

  it('are JSON with -o json, as with --json, errors included', async () => {
    expect(JSON.parse((await bender('ls', '--app', 'web', '-o', 'json')).stdout)).toEqual(
      await runJson(['ls', '--app', 'web'], { server }),
    );
    const failed = await bender('history', 'nosuch', '--output=json');
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('are the same as YAML with -o yaml, errors included', async () => {
    const { stdout } = await bender('ls', '--app', 'web', '-o', 'yaml');
    expect(stdout).toMatch(/^- resource: Registration\n {2}id: web\/1\.2\.0\/10\.0\.0\./);
    expect(parse(stdout)).toEqual(await runJson(['ls', '--app', 'web'], { server }));
    const failed = await bender('history', 'nosuch', '-o', 'yaml');
    expect(failed.stdout).toMatch(/^error:\n {2}code: NOT_FOUND\n {2}message: /);
    expect([failed.stderr, failed.exitCode]).toEqual(['', 4]);
    expect(parse((await bender('status', '-oyaml')).stdout)).toMatchObject({ url: server, ready: true });
  });

  it.each([['ls'], ['backends'], ['frontends'], ['daemons'], ['history']])('%s takes -o', async (command) => {
    expect((await bender(command, '-o', 'wide')).exitCode).toBe(0);
    expect((await bender(command, '-o', 'name')).exitCode).toBe(0);
    expect((await bender(command, '-o', 'bogus')).exitCode).toBe(2);
  });

  it.each(['backends', 'frontends', 'daemons'])('%s ls is the same as %s', async (topic) => {
    const [short, long] = [await bender(topic, '-o', 'name'), await bender(topic, 'ls', '-o', 'name')];
    expect(long).toEqual(short);
    expect(long.exitCode).toBe(0);
  });

  // `script`, of Linux, runs its command in a terminal of its own.
  (existsSync('/usr/bin/script') ? it : it.skip)('fit the terminal', async () => {
    const line = `stty cols 72; "${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}"`;
    for (const command of ['ls', 'daemons', 'ls --app web', 'backends']) {
      const { stdout } = await execa('script', ['-qec', `${line} ${command} --server ${server}`, '/dev/null']);
      const plain = stdout.replace(/\u001b\[[\d;]*[A-Za-z]|\r/g, '').split('\n');
      for (const one of plain) expect(one.length).toBeLessThanOrEqual(72);
      if (command.startsWith('ls')) expect(plain.join('\n')).toContain(ids[0]);
    }
    // Shorter words instead of words that are cut.
    await bender(
      'backends',
      'create',
      'live',
      ...['--app', 'web', '--version', '1.2.0', '--author', 'ann@a-long-name-of-a-machine'],
    );
    const { stdout } = await execa('script', ['-qec', `${line} history --server ${server}`, '/dev/null']);
    expect(stdout).toMatch(
      /\d\d:\d\d {2}ann@a-long-name-of-a-machine {2}backend live {2}web@1\.2\.0 {2}[0-9a-f]{7}\s*$/,
    );
  });
});

describe('a daemon behind a proxy that wants a password', () => {
  it('gets it from the URL, which is not shown', async () => {
    const proxy = await FakeDaemon.start((asked, response) => {
      const isRight = asked.headers.authorization === `Basic ${Buffer.from('ann:s3cret').toString('base64')}`;
      json(isRight ? 200 : 401, [])(asked, response);
    });
    const url = proxy.url.replace('//', '//ann:s3cret@');
    expect((await run(['backends', '--server', url])).exitCode).toBe(0);
    proxy.isBender = false;
    const { stderr, exitCode } = await run(['backends', '--server', url.replace('s3cret', 'wr0ng')]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${proxy.url} (answers 401`);
    expect(stderr).not.toContain('wr0ng');
    await proxy.stop();
  });
});

describe('a template without a file', () => {
  it('is printed by --dry-run, and nothing is written or run', async () => {
    await writeFile(join(folder, 'x.liquid'), '{% for one in registrations %}{{ one.host }}\n{% endfor %}');
    const before = await readdir(folder);
    const dry = await bender('template', 'x.liquid', '--dry-run', '--check', 'false {}', '--exec', 'touch ran');
    expect(dry).toEqual({ stdout: '10.0.0.45\n10.0.0.5', stderr: '', exitCode: 0 });
    expect((await bender('template', 'x.liquid', 'dest', '--dry-run')).stderr).toMatch(/\/dest would be:$/);
    expect(await readdir(folder)).toEqual(before);
  });

  it.each(['-', '/dev/stdout'])('%s is told of it', async (dest) => {
    const { stderr, exitCode } = await bender('template', 'x.liquid', dest, '--once');
    expect(stderr).toContain('--dry-run');
    expect(exitCode).not.toBe(0);
  });
});

it('a port that a daemon has already is told with its name', async () => {
  const { host, port } = new URL(server);
  const { stderr, exitCode } = await run(['serve', '--port', port]);
  expect(stderr).toMatch(
    new RegExp(`cannot listen on ${host}: a bender daemon \\(${host}, up \\d+\\w+\\) does already`),
  );
  expect(exitCode).toBe(1);
});

it('serve --check says that a daemon would start, and starts none', async () => {
  expect(await run(['serve', '--check', '--port', new URL(server).port])).toEqual({
    ...{ stdout: 'the settings are valid', stderr: '', exitCode: 0 },
  });
  expect((await run(['serve', '--check', '--port', 'x'])).exitCode).toBe(2);
});
