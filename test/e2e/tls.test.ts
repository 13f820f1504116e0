/** TLS from one end to the other: a CA, daemons and callers of it, and files that are replaced while they run. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonInfo, Status } from '../../src/model/daemon.js';
import { linesOf, run, runJson, start } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let folder: string;
let dir: string;
let one: RunningDaemon;
let two: RunningDaemon;

const pem = (name: string): string => join(dir, `${name}.pem`);
const own = (name: string): string[] => ['--tls-cert', pem(name), '--tls-key', pem(`${name}-key`)];
const of = (name: string): string[] => [...own(name), '--tls-ca', pem('ca')];
const ca = (...args: string[]) => run(['ca', ...args, '--dir', dir]);
const trusting = () => ({ BENDER_TLS_CA: pem('ca') });
const web = ['--app', 'web', '--version', '1.0.0', '--host', '127.0.0.1', '--port', '9', '--ttl', '1m'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-tls-'));
  dir = join(folder, 'ca');
  await ca('init');
  await ca('issue', 'one', 'two', 'three');
  await ca('issue', 'ci', '--client');
  one = await startDaemon({ args: [...of('one'), '--warm-for', '0'] });
  two = await startDaemon({ args: [...of('two'), '--warm-for', '0'], peers: [one.url] });
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

describe('bender ca', () => {
  it('makes private keys for their owner alone, and says what to do next', async () => {
    const { stdout, stderr } = await ca('issue', 'three', '--host', '10.0.0.7', '--days', '90');
    expect(stdout).toBe(pem('three'));
    expect(stderr).toMatch(/For the daemon 'three', valid until \d{4}-\d\d-\d\d/);
    expect(stderr).toContain(`bender serve ${of('three').join(' ')}`);
    for (const name of ['ca-key', 'one-key', 'ci-key']) expect((await stat(pem(name))).mode & 0o777).toBe(0o600);
  });

  it.each([
    [['init'], 5, /there is a CA in .* already/],
    [['issue', 'ca'], 2, /NAME must have/],
    [['issue', '../one'], 2, /NAME must have/],
    [['issue', 'four', '--host', 'no host'], 2, /--host must be a host name or an address, not 'no host'/],
    [['issue', 'four', '--host', 'a', '--client'], 2, /--host does not go with --client/],
    [['issue', 'four', '--dir', 'nowhere'], 4, /there is no CA in nowhere: .*bender ca init/],
  ])('%j is refused', async (args, code, message) => {
    const { exitCode, stderr } = args.includes('--dir') ? await run(['ca', ...args]) : await ca(...args);
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(message)]);
  });
});

describe('a cluster over TLS', () => {
  it('goes by the names in the certificates, and shows https', async () => {
    const daemons = await eventually(async () => {
      const all = await runJson<DaemonInfo[]>(['daemons'], { server: one.url, env: trusting() });
      return all.length === 2 && all;
    });
    expect(daemons.map(({ name, url }) => [name, url])).toEqual([
      ['one', one.url],
      ['two', two.url],
    ]);
    expect(one.url).toMatch(/^https:/);
    const { stdout } = await run(['status'], { server: two.url, env: trusting() });
    expect(stdout).toMatch(/tls +until \d{4}-\d\d-\d\d; daemons show certificates of the CA, clients may/);
    expect(await runJson<Status>(['status'], { server: two.url, env: trusting() })).toMatchObject({
      listening: two.url,
      tls: { mutual: true, clientAuth: 'request', expires: expect.any(Number) },
    });
  });

  it('carries registrations and events', async () => {
    const watch = start(['watch', '--count', '1', '--app', 'web'], { server: two.url, env: trusting() });
    const lines = linesOf(watch.stdout);
    const told = linesOf(watch.stderr);
    await eventually(() => [...lines, ...told].length > 0);
    expect(await run(['register', ...web, '--tls-ca', pem('ca')], { server: one.url })).toMatchObject({ exitCode: 0 });
    await eventually(() => /online .*web/.test(lines.join('\n')));
    expect((await watch).exitCode).toBe(0);
  });

  it.each([
    ['its CA is not known', [], {}, /certificate is not trusted \(.*\): --tls-ca FILE or BENDER_TLS_CA/, 3],
    ['the CA is not there', ['--tls-ca', 'nowhere.pem'], {}, /TLS file nowhere\.pem cannot be read: ENOENT/, 2],
    ['the key is missing', [], { BENDER_TLS_CERT: 'x' }, /needs both --tls-cert and --tls-key/, 2],
  ])('a command says what to do if %s', async (_, args, env, message, code) => {
    const { exitCode, stderr } = await run(['ls', ...args], { server: one.url, env });
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it('asks clients for certificates if it is to, which is protection enough to be reached by others', async () => {
    const args = ['--host', '0.0.0.0', '--advertise', 'https://127.0.0.1:1', '--warm-for', '0'];
    const open = await run(['serve', '--port', '0', ...args, ...of('one'), '--name', 'one']);
    expect([open.exitCode, open.stderr]).toEqual([2, expect.stringMatching(/--tls-client-auth require.*--insecure/)]);
    const strict = await startDaemon({ args: [...args, ...of('three'), '--tls-client-auth', 'require'] });
    const server = strict.listening.replace('0.0.0.0', '127.0.0.1');
    const without = await run(['status'], { server, env: trusting() });
    expect([without.exitCode, without.stderr]).toEqual([3, expect.stringMatching(/wants a client certificate/)]);
    const env = { ...trusting(), BENDER_TLS_CERT: pem('ci'), BENDER_TLS_KEY: pem('ci-key') };
    expect(await runJson<Status>(['status'], { server, env })).not.toHaveProperty('insecure');
    await strict.stop();
  });

  it.each([
    [
      'a name that its certificate does not have',
      () => [...of('one'), '--name', 'two'],
      /is for the daemon 'one', and not/,
    ],
    ['the certificate of a caller', () => of('ci'), /not one for a daemon/],
    ['a key without its certificate', () => of('one').slice(2), /--tls-key needs --tls-cert/],
  ])('a daemon does not start with %s', async (_, args, message) => {
    const { exitCode, stderr } = await run(['serve', '--port', '0', ...args()]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('takes a certificate that is issued again, without a restart', async () => {
    const { expires } = (await runJson<Status>(['status'], { server: two.url, env: trusting() })).tls!;
    await ca('issue', 'two', '--days', '20');
    const status = await eventually(async () => {
      const now = await runJson<Status>(['status'], { server: two.url, env: trusting() });
      return now.tls!.expires < expires && now;
    });
    expect(status.counts.daemons).toBe(2);
  });
});
