/** Commands that take something away ask at a terminal, and only there. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import { run } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

let server: string;
let client: Client;
beforeAll(async () => {
  server = (await startDaemon({ args: ['--warm-for', '0'] })).url;
  client = new Client({ servers: [server] });
});
afterAll(stopDaemons);

const one = { app: 'web', version: '1', host: '10.0.0.1', port: 80 };
beforeEach(async () => {
  await client.register({ ...one, ttl: 600_000 });
  await client.setState(one, { draining: false });
  if ((await client.frontends()).length === 0) await client.createFrontend({ name: 'www' });
});
const isThere = async () => (await client.registrations({ app: 'web' })).length === 1;

// `script`, of Linux, runs its command in a terminal of its own.
(existsSync('/usr/bin/script') ? describe : describe.skip)('at a terminal', () => {
  const answer = (input: string, command: string) => {
    const line = `"${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}" ${command} --server ${server}`;
    return execa('script', ['-qec', line, '/dev/null'], { input, reject: false });
  };

  it('nothing is removed after a no, with exit code 1', async () => {
    const { stdout, exitCode } = await answer('n\n', 'frontends rm www');
    expect(stdout).toMatch(/Remove the frontend 'www'\? .*\[y\/N\][^]*Nothing was changed\./);
    expect(exitCode).toBe(1);
    expect(await client.frontends()).toHaveLength(1);
  });

  it('it is after a yes, and with --yes without a question', async () => {
    const { stdout, exitCode } = await answer('y\n', 'deregister web/1/10.0.0.1/80');
    expect([stdout, exitCode]).toEqual([expect.stringMatching(/offline, everywhere\?[^]*deregistered web\/1/), 0]);
    expect(await isThere()).toBe(false);
    expect((await answer('', 'frontends rm www --yes')).stdout.trim()).toBe('removed www');
  });

  it('to drain the last instances that callers are sent to asks, and JSON never does', async () => {
    expect((await answer('n\n', 'drain --app web')).stdout).toMatch(/Drain 1 instance of web\? None is left/);
    expect((await client.registrations({ app: 'web' }))[0]).toMatchObject({ draining: false });
    const { stdout } = await answer('', 'drain --app web --json');
    expect(stdout).not.toContain('?');
    expect((await client.registrations({ app: 'web' }))[0]).toMatchObject({ draining: true });
  });
});

it('a script is not asked', async () => {
  expect(await run(['frontends', 'rm', 'www'], { server })).toEqual({ stdout: 'removed www', stderr: '', exitCode: 0 });
  expect((await run(['deregister', 'web/1/10.0.0.1/80'], { server })).exitCode).toBe(0);
  expect(await isThere()).toBe(false);
});
