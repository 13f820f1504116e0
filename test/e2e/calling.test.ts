/** Programs that call services through the client library: the examples, and callers under load while things change. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { join } from 'node:path';
import { Client } from '../../src/client/index.js';
import { startCalledService, stopCalledServices } from '../helpers/called-services.js';
import { linesOf } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const root = join(import.meta.dirname, '../..');

let callers: { kill: (signal: 'SIGKILL') => unknown } | undefined;

afterAll(async () => {
  callers?.kill('SIGKILL');
  await stopCalledServices();
  await stopDaemons();
});

/** The frontends `www` and `rpc`, for the services that tests call. */
async function serve(client: Client, version: string): Promise<void> {
  await client.createBackend({ name: 'web', app: 'web', version });
  await client.createFrontend({ name: 'www', backend: 'web' });
  await client.createBackend({ name: 'rpc', app: 'rpc', version });
  await client.createFrontend({ name: 'rpc', backend: 'rpc' });
}

describe('the examples', () => {
  let url: string;

  beforeAll(async () => {
    ({ url } = await startDaemon());
    await serve(new Client({ servers: [url] }), '1.0.0');
    await Promise.all([startCalledService('1.0.0', [url]), startCalledService('1.0.0', [url])]);
  });

  const run = async (example: string): Promise<string[]> => {
    const program = join(root, 'examples/client', example);
    const { stdout } = await execa(process.execPath, [program, url], { env: { NODE_OPTIONS: '' } });
    return stdout.split('\n');
  };
  const lines = (count: number, line: unknown): unknown[] => Array.from({ length: count }, () => line);

  it.each([
    ['pool.mjs', lines(10, expect.stringMatching(/^1\.0\.0 1\.0\.0 for 127\.0\.0\.1:\d+$/))],
    ['fetch.mjs', lines(10, '200 1.0.0 for www.bender')],
    ['http-agent.mjs', lines(2, '200 1.0.0 for www.bender')],
    ['grpc.mjs', ['1.0.0']],
  ])('%s calls instances', async (example, expected) => {
    expect(await run(example)).toEqual(expected);
  });
});

interface Calls {
  by: string;
  ok: Record<string, number>;
  failed: string[];
}

it('no call fails in a deployment, nor when a daemon is lost; of a crash, callers see at most what was under way', async () => {
  // Pools keep what they know as long as all daemons are warming, which would be the first seconds of this test.
  const args = ['--warm-for', '0s'];
  const first = await startDaemon({ args });
  const others = await Promise.all([1, 2].map(() => startDaemon({ peers: [first.url], args })));
  const daemons = [first, ...others];
  const servers = daemons.map(({ url }) => url);
  const client = new Client({ servers });
  await eventually(async () => (await client.daemons()).filter(({ state }) => state === 'online').length === 3);
  await serve(client, '1.0.0');
  const [one, two] = await Promise.all([startCalledService('1.0.0', servers), startCalledService('1.0.0', servers)]);

  const calling = execa(process.execPath, [join(root, 'test/fixtures/callers.mjs'), ...servers], {
    ...{ reject: false, stdin: 'pipe', env: { NODE_OPTIONS: '' } },
  });
  callers = calling;
  const said = linesOf(calling.stdout);
  const answered = (version: string): Promise<unknown> =>
    eventually(() => said.filter((line) => line.includes(`"first":"${version}"`)).length === 3);
  await answered('1.0.0');

  // A deployment: the new version comes, takes over, and the former one drains and goes.
  const [three, four] = await Promise.all([startCalledService('2.0.0', servers), startCalledService('2.0.0', servers)]);
  await client.updateBackend('web', { version: '2.0.0' }, { atLeast: 2 });
  await client.updateBackend('rpc', { version: '2.0.0' }, { atLeast: 2 });
  await Promise.all([one.stop(), two.stop()]);
  await answered('2.0.0');

  // The daemon that the callers listen to is killed, then a split brings a third version.
  await first.kill();
  const five = await startCalledService('3.0.0', servers);
  await client.updateBackend('web', { split: { '2.0.0': 50, '3.0.0': 50 } });
  await client.updateBackend('rpc', { split: { '2.0.0': 50, '3.0.0': 50 } });
  await answered('3.0.0');
  expect(said.filter((line) => line.includes('failed'))).toEqual([]);

  // An instance crashes.
  await three.kill();
  await eventually(async () => (await client.resolve('www')).every(({ id }) => !three.id.includes(id)));
  calling.stdin.end();
  await calling;
  await Promise.all([four.stop(), five.stop()]);

  const calls = said.filter((line) => line.includes('failed')).map((line) => JSON.parse(line) as Calls);
  const by = Object.fromEntries(calls.map((one) => [one.by, one]));
  for (const { ok } of calls) expect(Object.keys(ok)).toEqual(['1.0.0', '2.0.0', '3.0.0']);
  expect(by.fetch!.failed).toEqual([]);
  // Four calls were made at a time, some of them to the instance that crashed.
  expect(by.agent!.failed.length).toBeLessThanOrEqual(4);
  expect(by.agent!.failed.filter((text) => !/ECONNRESET/.test(text))).toEqual([]);
  expect(by.grpc!.failed.length).toBeLessThanOrEqual(4);
});
