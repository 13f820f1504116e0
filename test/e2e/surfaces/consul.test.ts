/** docs/integrations/consul.md, with the clients of npm and Python against real daemons. */

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Consul from 'consul';
import type { CheckOptions } from 'consul/lib/agent/check.js';
import { execa } from 'execa';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../../src/client/client.js';
import type { Instance } from '../../../src/daemon/surfaces/consul/instance.js';
import type { Registration } from '../../../src/model/registration.js';
import { run } from '../../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/free-port.js';
import { blocksOf } from '../../helpers/page.js';
import { itWith } from '../deployments/programs.js';

const project = join(import.meta.dirname, '../../..');
const page = 'docs/integrations/consul.md';
/** Debian's, which has python3-consul. */
const python = '/usr/bin/python3';

let folder: string;
let ended: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-consul-'));
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await stopDaemons();
  await rm(folder, { recursive: true });
});

/** A daemon that is sure of what it knows from the start. */
const ready = (peers: string[] = []): Promise<RunningDaemon> => startDaemon({ peers, args: ['--warm-for', '0'] });

const clientOf = ({ url }: RunningDaemon): Consul => {
  const { hostname, port } = new URL(url);
  return new Consul({ host: hostname, port: Number(port) });
};

const benderAt = ({ url }: RunningDaemon): Client => new Client({ servers: [url] });

const onlineAt = async ({ url }: RunningDaemon): Promise<Registration[]> =>
  (await (await fetch(`${url}/registrations/web`)).json()) as Registration[];

/** What stands in the page, for a daemon at another port and with less patience. */
async function block(language: string, { url }: { url: string }): Promise<string> {
  const [text] = (await blocksOf(page, language)) as [string];
  return text.replaceAll('1729', new URL(url).port).replaceAll("'15s'", "'2s'").replaceAll('5000', '500');
}

itWith(['curl'])('the page works by copy and paste', async () => {
  const bender = join(folder, 'bender');
  await writeFile(bender, `#!/bin/sh\nexec '${process.execPath}' '${join(project, 'bin/run.js')}' "$@"\n`);
  await chmod(bender, 0o755);
  const port = await freePort();
  const { BENDER_SERVER: _, ...rest } = process.env;
  const env = {
    ...rest,
    PATH: `${folder}:${rest.PATH}`,
    BENDER_PORT: String(port),
    BENDER_WARM_FOR: '0',
    XDG_STATE_HOME: join(folder, 'state'),
  };
  const commands = await block('sh', { url: `http://h:${port}` });
  const server = `BENDER_SERVER=http://127.0.0.1:${port}`;
  try {
    const { stdout, stderr, exitCode } = await execa(
      'sh',
      ['-ec', commands.replace('bender ls', `${server} bender ls`)],
      { cwd: folder, env, extendEnv: false, reject: false, stdin: 'ignore', timeout: 30_000 },
    );
    if (exitCode !== 0) throw new Error(stderr);
    expect(stdout).toMatch(/web\s+1\.2\.0\s+127\.0\.0\.1/);
    const [instance] = JSON.parse(stdout.split('\n').find((line) => line.startsWith('['))!) as [Instance];
    expect(instance.Service).toMatchObject({ ID: 'web-1', Tags: ['blue'], Meta: { version: '1.2.0' } });
  } finally {
    await run(['stop', '--port', String(port)], { env });
  }
});

describe('npm consul', () => {
  it('registers, passes and watches as in the page, and is gone soon after it has stopped', async () => {
    const [one, other] = await cluster();
    const program = execa(process.execPath, ['--input-type=module', '-e', await block('js', one)], {
      cwd: project,
      reject: false,
      cancelSignal: ended.signal,
    });
    let printed = '';
    program.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    await eventually(() => printed.includes("[ '10.0.0.1:8080' ]"));
    await eventually(async () => (await onlineAt(other)).length === 1);

    const seen = watching(clientOf(other), 'web');
    await eventually(() => seen.at(-1)?.length === 1);
    program.kill('SIGKILL');
    await eventually(() => seen.at(-1)?.length === 0);
    expect(await clientOf(one).catalog.service.list()).not.toHaveProperty('web');
  });

  it('goes on at another daemon, drains, and deregisters', async () => {
    const [one, other] = await cluster();
    const [first, second] = [clientOf(one), clientOf(other)];
    const service = {
      name: 'web',
      id: 'web-1',
      address: '10.0.0.1',
      port: 8080,
      tags: ['blue'],
      meta: { version: '2.0.0' },
    };
    await first.agent.service.register({
      ...service,
      check: { ttl: '3s', deregistercriticalserviceafter: '1m' } as CheckOptions,
    });
    // Right after it, at the one that has not heard of it.
    await second.agent.check.pass('service:web-1');
    const seen = watching(second, 'web');
    await eventually(() => seen.at(-1)?.[0]?.Service.Meta.version === '2.0.0');

    const beat = setInterval(() => void second.agent.check.pass('service:web-1').catch(() => undefined), 500);
    try {
      await one.kill();
      const before = seen.length;
      await second.agent.service.maintenance({ id: 'web-1', enable: true, reason: 'deploy' });
      await eventually(() => seen.length > before && seen.at(-1)?.length === 0);
      expect(await onlineAt(other)).toMatchObject([{ draining: true, drainReason: 'deploy' }]);
      await second.agent.service.maintenance({ id: 'web-1', enable: false });
      await eventually(() => seen.at(-1)?.length === 1);
      await second.agent.service.deregister('web-1');
      await eventually(() => seen.at(-1)?.length === 0);
    } finally {
      clearInterval(beat);
    }
    expect(await second.agent.service.list()).not.toHaveProperty('web-1');
    expect(await second.agent.self()).toMatchObject({ Config: { Datacenter: 'default' } });
    expect(await second.status.leader()).toBe(new URL(other.url).host);
  });
});

it('probes what registers with an HTTP check, as Spring and Dapr do', async () => {
  const daemon = await ready();
  const client = clientOf(daemon);
  const server = createServer((_, response) => response.writeHead(isWell ? 200 : 503).end());
  let isWell = true;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const check = { http: `http://127.0.0.1:${port}/health`, interval: '1s' };
    await client.agent.service.register({ name: 'web', address: '127.0.0.1', port, check: check as never });
    const seen = watching(client, 'web');
    await eventually(() => seen.at(-1)?.length === 1);
    isWell = false;
    await eventually(() => seen.at(-1)?.length === 0);
    expect(await client.agent.service.list()).toHaveProperty('web');
    isWell = true;
    await eventually(() => seen.at(-1)?.length === 1);
  } finally {
    server.close();
  }
});

/** Skipped without Debian's package. */
const withPython = existsSync('/usr/lib/python3/dist-packages/consul') ? it : it.skip;

withPython('python-consul registers, reports, lists, waits and deregisters (python3-consul)', async () => {
  const daemon = await ready();
  const more = `
import threading
assert instances[0]['Service']['Address'] == '10.0.0.1', instances
assert client.health.service('web', index=index, wait='100ms', passing=True)[0] == index
threading.Timer(0.2, client.agent.check.ttl_fail, ['service:web-1', 'broken']).start()
later, instances = client.health.service('web', index=index, wait='20s', passing=True)
assert int(later) > int(index) and instances == [], (index, later, instances)
assert client.health.service('web')[1][0]['Checks'][0]['Output'] == 'broken'
client.agent.check.ttl_pass('service:web-1')
client.agent.service.maintenance('web-1', 'true', 'deploy')
assert client.health.service('web', passing=True)[1] == []
assert client.catalog.services()[1]['web'] == []
assert client.agent.services()['web-1']['Port'] == 8080
assert client.catalog.service('web')[1][0]['ServiceID'] == 'web-1'
assert len(client.health.state('any')[1]) >= 2 and client.catalog.nodes()[1]
assert client.kv.get('a')[1] is None
client.agent.service.deregister('web-1')
assert 'web' not in client.catalog.services()[1]
assert client.agent.check.ttl_pass('service:web-1') is False
print('done')
`;
  const { stdout } = await execa(python, ['-c', (await block('python', daemon)) + more], {
    cancelSignal: ended.signal,
  });
  expect(stdout).toBe('done');
});

async function cluster(): Promise<[RunningDaemon, RunningDaemon]> {
  const one = await ready();
  const other = await ready([one.url]);
  // A daemon that has just joined asks the other in vain for what it does not know, until they have heard each other.
  for (const [from, to] of [[one, other] as const, [other, one] as const]) {
    const greeting = { version: '1.0.0', host: '10.0.0.9', port: 80 };
    const { id } = await benderAt(from).register({ ...greeting, app: `hello-${new URL(from.url).port}` });
    await eventually(async () => (await benderAt(to).registrations()).some((known) => known.id === id));
  }
  return [one, other];
}

/** What a watch of npm's client has seen so far. */
function watching(client: Consul, service: string): Instance[][] {
  const seen: Instance[][] = [];
  const options = { service, passing: true } as unknown as Record<string, string>;
  // The watch calls it as a method.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const method = client.health.service;
  const watch = client.watch({ method, options });
  watch.on('change', (instances: Instance[]) => void seen.push(instances));
  watch.on('error', () => undefined);
  ended.signal.addEventListener('abort', () => watch.end());
  return seen;
}
