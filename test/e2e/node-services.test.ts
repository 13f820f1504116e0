/** The examples of services in Node, as users run them: registered while they listen, drained before they end. */

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { execaNode } from 'execa';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Client, hostPort, Picture, type Registration } from '../../src/client/index.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const examples = join(import.meta.dirname, '../../examples/client');

let client: Client;
let url: string;
const running: Running[] = [];

beforeAll(async () => {
  ({ url } = await startDaemon());
  client = new Client({ servers: [url] });
});

afterEach(async () => {
  for (const process of running.splice(0)) {
    process.kill('SIGKILL');
    await process;
  }
});

afterAll(() => stopDaemons());

const begin = (name: string) =>
  execaNode(join(examples, `${name}.mjs`), { env: { BENDER_SERVER: url, PORT: '0' }, reject: false });

type Running = ReturnType<typeof begin>;

/** Starts an example, and returns its registration. */
async function start(name: string, app: string): Promise<{ process: Running; registration: Registration }> {
  const known = new Set((await client.registrations({ app })).map(({ id }) => id));
  const process = begin(name);
  running.push(process);
  const registration = await eventually(async () =>
    (await client.registrations({ app })).find(({ id }) => !known.has(id)),
  );
  return { process, registration };
}

async function get(where: Registration, agent: Agent, path = '/'): Promise<string> {
  const outgoing = request({ host: where.host, port: where.port, agent, path }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}`);
  return body;
}

it.each([
  ['service', 'hello'],
  ['fastify', 'hello-fastify'],
])('%s.mjs is registered, serves, drains on SIGTERM, deregisters, and ends by the signal', async (name, app) => {
  const { process, registration } = await start(name, app);
  const agent = new Agent({ keepAlive: true });
  expect(await get(registration, agent)).toBe(`hello from ${process.pid}\n`);
  process.kill('SIGTERM');
  const drains = await eventually(async () => (await client.registrations({ app })).find(({ draining }) => draining));
  expect(drains).toMatchObject({ id: registration.id, drainReason: 'stopping: SIGTERM' });
  // It still serves those that have not followed yet.
  expect(await get(registration, agent)).toBe(`hello from ${process.pid}\n`);
  // A second one cuts the wait short.
  process.kill('SIGTERM');
  expect(await process).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  expect(await client.registrations({ app })).toEqual([]);
  agent.destroy();
});

it('fails no request of callers that follow the registry, while an Express service under load ends', async () => {
  const app = 'hello-express';
  const [old, young] = [await start('express', app), await start('express', app)];
  const stop = new AbortController();
  const picture = new Picture();
  const followed = (async () => {
    for await (const { event } of client.events({ app }, { signal: stop.signal })) picture.apply(event);
  })();
  await eventually(() => picture.registrations.length === 2);

  const served = new Map<string, number>();
  const failed: unknown[] = [];
  const agent = new Agent({ keepAlive: true });
  const call = async (worker: number): Promise<void> => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const online = picture.registrations.filter(({ draining }) => !draining);
      const one = online[(worker + n) % online.length];
      // Some requests take long enough to be under way when the service ends.
      await (one ? get(one, agent, n % 4 === 0 ? '/slow' : '/') : Promise.reject(new Error('nothing is online')))
        .then(() => served.set(hostPort(one!), (served.get(hostPort(one!)) ?? 0) + 1))
        .catch((error: unknown) => failed.push(error));
    }
  };
  const callers = Promise.all(Array.from({ length: 8 }, (_, worker) => call(worker)));
  await eventually(() => [...served.values()].filter((count) => count > 50).length === 2);
  old.process.kill('SIGTERM');
  expect(await old.process).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  const before = served.get(hostPort(young.registration))!;
  await eventually(() => served.get(hostPort(young.registration))! > before + 50);
  stop.abort();
  await Promise.all([callers, followed]);
  expect(failed).toEqual([]);
  expect(await client.registrations({ app })).toMatchObject([{ id: young.registration.id }]);
  agent.destroy();
});
