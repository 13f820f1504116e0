/** Contexts: which cluster a command asks, and what it shows there. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../helpers/cli.js';
import { run } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { deadUrl } from '../helpers/fake-daemon.js';

let [staging, production]: RunningDaemon[] = [];
let folder: string;
beforeAll(async () => {
  [staging, production] = await Promise.all([startDaemon({ args: ['--name', 'staging'] }), startDaemon()]);
});
afterAll(stopDaemons);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-contexts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bender = (line: string, env: NodeJS.ProcessEnv = {}): Promise<Result> =>
  run(line.split(' '), { env: { XDG_CONFIG_HOME: folder, BENDER_SERVER: '', ...env }, cwd: folder });
const file = (): string => join(folder, 'bender/contexts.json');

describe('with two contexts', () => {
  beforeEach(async () => {
    for (const line of [`set staging -s ${staging!.url}`, `set production -s ${production!.url}`])
      expect(await bender(`context ${line}`)).toMatchObject({ exitCode: 0 });
  });

  it('asks the first one, until another one is chosen', async () => {
    expect((await bender('daemons -o name')).stdout).toBe('staging');
    expect(await bender('context use production')).toMatchObject({ stdout: 'context production is in use' });
    expect((await bender('daemons -o name')).stdout).toBe(new URL(production!.url).host);
    expect((await bender('daemons -o name --context staging')).stdout).toBe('staging');
    expect((await bender('daemons -o name', { BENDER_CONTEXT: 'staging' })).stdout).toBe('staging');
  });

  it('lists them', async () => {
    const { stdout } = await bender('context');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['', 'CONTEXT', 'SERVERS', 'TOKEN', 'TLS'],
      ['', 'production', production!.url, '-', '-'],
      ['*', 'staging', staging!.url, '-', '-'],
    ]);
    expect(JSON.parse((await bender('context --json')).stdout)).toEqual([
      { name: 'production', current: false, servers: [production!.url] },
      { name: 'staging', current: true, servers: [staging!.url] },
    ]);
  });

  it('asks what is named on the command line or in the environment instead', async () => {
    const host = new URL(production!.url).host;
    expect((await bender(`daemons -o name -s ${production!.url}`)).stdout).toBe(host);
    expect((await bender('daemons -o name', { BENDER_SERVER: production!.url })).stdout).toBe(host);
    expect(await bender(`daemons -s ${production!.url} --context staging`)).toMatchObject({ exitCode: 2 });
  });

  it('uses none once it is removed, or none is wanted', async () => {
    expect(await bender('context use --none')).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(await readFile(file(), 'utf8'))).not.toHaveProperty('current');
    await bender('context use staging');
    expect(await bender('context rm staging')).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({
      contexts: { production: { servers: [production!.url] } },
    });
    expect(await bender('daemons --context staging')).toMatchObject({
      stderr: "Error: there is no context 'staging': there are production",
      exitCode: 4,
    });
  });
});

it('shows the token of a context to its servers, and to no others', async () => {
  const tokens = join(folder, 'tokens.jsonl');
  const token = (await bender(`token create --name ops --role admin --tokens ${tokens}`)).stdout.trim();
  const [closed, other] = await Promise.all([
    startDaemon({ args: ['--tokens', tokens] }),
    startDaemon({ args: ['--tokens', tokens] }),
  ]);
  await writeFile(join(folder, 'ops.token'), token);
  await chmod(join(folder, 'ops.token'), 0o600);
  expect(await bender(`context set closed -s ${closed.url} --token-file ops.token`)).toMatchObject({ exitCode: 0 });
  expect(await readFile(file(), 'utf8')).not.toContain(token);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  // From any folder.
  expect(await run(['daemons'], { env: { XDG_CONFIG_HOME: folder, BENDER_SERVER: '' }, cwd: '/' })).toMatchObject({
    exitCode: 0,
  });
  expect(await bender('daemons', { BENDER_SERVER: other.url })).toMatchObject({ exitCode: 8 });
  // A token in the environment is for another cluster than the one that is named.
  const foreign = { BENDER_TOKEN: `bender_00000000_${'x'.repeat(43)}` };
  expect(await bender('daemons --context closed', foreign)).toMatchObject({ exitCode: 0 });
  expect(await bender('daemons', foreign)).toMatchObject({ exitCode: 8 });
});

it('says which context it is if no daemon answers', async () => {
  const dead = await deadUrl();
  await bender(`context set gone -s ${dead}`);
  expect(await bender('ls')).toMatchObject({
    stderr: expect.stringMatching(/^Error: no daemon reachable: .*; this is the context 'gone'$/),
    exitCode: 3,
  });
});

it('refuses what is no context, and says where', async () => {
  for (const line of ['set x', 'set x -s nonsense', 'set a/b -s http://h:1', 'set x -s http://h:1 --token-file none'])
    expect(await bender(`context ${line}`)).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await bender('context use')).toMatchObject({ exitCode: 2 });
  await bender(`context set staging -s ${staging!.url}`);
  await writeFile(file(), '{"contexts": {"staging": {"servers": []}}}');
  expect(await bender('ls')).toMatchObject({
    stderr: `Error: the file of contexts ${file()}: the context 'staging' must have servers, and paths of files`,
    exitCode: 2,
  });
});
