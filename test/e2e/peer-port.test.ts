/** Daemons that meet at ports of their own, while clients use others. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonInfo, Status } from '../../src/model/daemon.js';
import { run, runJson } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-peers-'));
  await run(['ca', 'init', '--dir', folder]);
  await run(['ca', 'issue', 'one', 'two', '--dir', folder]);
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const ownPort = ['--peer-listen', '127.0.0.1:0', '--warm-for', '0'];
const certificatesOf = (name: string): string[] => [
  ...['--tls-cert', join(folder, `${name}.pem`), '--tls-key', join(folder, `${name}-key.pem`)],
  ...['--tls-ca', join(folder, 'ca.pem')],
];

it.each([
  ['without TLS', () => [], 'http:'],
  ['with certificates', certificatesOf, 'https:'],
])('they find each other, and show clients the port of clients, %s', async (_, argsOf, protocol) => {
  const env = { BENDER_TLS_CA: join(folder, 'ca.pem') };
  const start = (name: string, peers: string[] = []): Promise<RunningDaemon> =>
    startDaemon({ args: [...ownPort, '--name', name, ...argsOf(name)], peers });
  const statusOf = ({ url }: RunningDaemon) => runJson<Status>(['status'], { server: url, env });

  const one = await start('one');
  const { peerUrl, url } = await statusOf(one);
  expect([url, new URL(peerUrl!).protocol, peerUrl === url]).toEqual([one.url, protocol, false]);
  const two = await start('two', [peerUrl!]);
  const daemons = await eventually(async () => {
    const all = await runJson<DaemonInfo[]>(['daemons'], { server: one.url, env });
    return all.filter(({ linked, self }) => linked || self).length === 2 && all;
  });
  const there = await statusOf(two);
  expect(daemons.map((daemon) => [daemon.name, daemon.url, daemon.peerUrl])).toEqual([
    ['one', one.url, peerUrl],
    ['two', two.url, there.peerUrl],
  ]);
  const { stdout } = await run(['ls', '--app', 'bender'], { server: two.url, env });
  expect(stdout).toContain(new URL(one.url).port);

  // The port of clients takes no daemon.
  const lost = await start(protocol === 'http:' ? 'three' : 'two', [one.url]);
  const { peers } = await eventually(async () => {
    const status = await statusOf(lost);
    return status.peers?.[0]?.reason !== undefined && status;
  });
  expect(peers![0]).toMatchObject({ reached: false, reason: expect.stringMatching(/nothing at \/peer/) });
  await Promise.all([one, two, lost].map((daemon) => daemon.stop()));
});

it.each([
  [['--peer-listen', '1730'], /--peer-listen must be HOST:PORT/],
  [['--peer-advertise', 'http://10.0.0.5:1730'], /--peer-advertise needs --peer-listen/],
  [['--peer-listen', '0.0.0.0:0'], /every program that reaches 0\.0\.0\.0 could read and change everything/],
])('%j does not start', async (args, message) => {
  const { exitCode, stderr } = await run(['serve', '--port', '0', ...args]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
});
