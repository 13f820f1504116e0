/** A daemon that other machines reach asks for tokens, or was told not to. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../../src/model/daemon.js';
import { run, runJson } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-exposure-'));
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const everywhere = ['--host', '0.0.0.0', '--advertise', 'http://10.0.0.5:1729'];
const listening = async (args: string[], env = {}) => {
  const daemon = await startDaemon({ args: [...everywhere, '--warm-for', '0', ...args], env });
  return { ...daemon, url: daemon.listening.replace('0.0.0.0', '127.0.0.1') };
};

it('does not start otherwise, and says what to do', async () => {
  const { exitCode, stderr } = await run(['serve', '--port', '0', ...everywhere]);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/could read and change everything: ask for tokens .*--insecure/),
  ]);
});

it.each([
  ['by a flag', ['--insecure'], {}],
  ['by the environment', [], { BENDER_INSECURE: 'true' }],
])('starts if it was told to be open %s, and says so in its log and status', async (_, args, env) => {
  const daemon = await listening(args, env);
  const server = { server: daemon.url };
  expect(await runJson<Status>(['status'], server)).toMatchObject({ insecure: true });
  expect((await run(['status'], server)).stdout).toMatch(
    /access +open to every program that reaches it \(--insecure\)/,
  );
  expect(daemon.log.join('\n')).toMatch(/every program that reaches this address may read and change everything/);
  await daemon.stop();
});

it('starts with tokens, and is not called insecure', async () => {
  const tokens = join(folder, 'tokens.jsonl');
  const { stdout } = await run(['token', 'create', '--tokens', tokens, '--role', 'read']);
  const daemon = await listening(['--tokens', tokens]);
  const status = await runJson<Status>(['status'], { server: daemon.url, env: { BENDER_TOKEN: stdout } });
  expect(status).not.toHaveProperty('insecure');
  await daemon.stop();
});
