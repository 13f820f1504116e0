/** The client of the original, `bender-api` 0.2.1, as it is: it must notice no change. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';

interface ApiError extends Error {
  statusCode?: number;
  code?: string;
}

type Client = Record<string, (...args: unknown[]) => unknown>;

const BenderApi = createRequire(import.meta.url)('bender-api') as new (options: object) => Client;

let daemons: RunningDaemon[];
let client: Client;
beforeAll(async () => {
  const one = await startDaemon({ args: ['--ttl', '1s'] });
  daemons = [one, await startDaemon({ args: ['--ttl', '1s'], peers: [one.url] })];
  // One of its servers is not there: it goes on to the next.
  const ports = [await freePort(), ...daemons.map(({ url }) => Number(new URL(url).port))];
  client = new BenderApi({ servers: ports.map((port) => ({ host: '127.0.0.1', port })) });
});
afterAll(() => stopDaemons());

const call = (method: string, ...args: unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    client[method]!(...args, (error: ApiError | null, result: unknown) => (error ? reject(error) : resolve(result)));
  });

/** What every daemon answers by now: the client asks one after the other. */
const everywhere = (method: string, args: unknown[], expected: unknown): Promise<unknown> =>
  eventually(async () => {
    for (const _ of daemons) expect(await call(method, ...args)).toEqual(expected);
    return true;
  });

it('registers, renews and finds, and what it leaves goes offline', async () => {
  const timer = client.startRegistering!({ app: 'web', version: '1.0.0', host: '127.0.0.1', port: 80 }, 300);
  const one = [expect.objectContaining({ resource: 'Registration', app: 'web', version: '1.0.0', host: '127.0.0.1' })];
  await everywhere('getRegistrations', ['web'], one);
  await everywhere('getRegistrations', ['web', '1.0.0'], one);
  await everywhere('getRegistrations', ['web', '2.0.0'], []);
  await everywhere('getRegistrations', [], expect.arrayContaining(one));
  client.stopRegistering!(timer);
  await everywhere('getRegistrations', ['web'], []);
});

it('creates, changes and removes backends and frontends', async () => {
  await call('createBackend', { name: 'b', app: 'web', version: '1.0.0' });
  await everywhere('getBackends', [], [expect.objectContaining({ name: 'b', app: 'web', version: '1.0.0' })]);
  await call('createFrontend', { name: 'f' });
  await call('createFrontend', { name: 'g', backend: 'b' });
  await everywhere(
    'getFrontends',
    [],
    [
      { resource: 'Frontend', name: 'f' },
      { resource: 'Frontend', name: 'g', backend: 'b' },
    ],
  );
  await everywhere('getFrontend', ['g'], expect.objectContaining({ backend: 'b' }));
  for (const name of ['f', 'g']) await call('removeFrontend', name);
  await everywhere('getFrontends', [], []);
  await call('removeBackend', 'b');
  await everywhere('getBackends', [], []);
});

it.each([
  ['getBackend', ['none'], { statusCode: 404, code: 'NOT_FOUND' }],
  ['updateBackend', ['none', { version: '1' }], { statusCode: 404, code: 'NOT_FOUND' }],
  ['removeFrontend', ['none'], { statusCode: 404, code: 'NOT_FOUND' }],
  ['createBackend', [{ name: 'b' }], { statusCode: 400, code: 'INVALID' }],
  ['register', [{ app: 'web', version: '1.0.0', host: '127.0.0.1', port: 'x' }], { statusCode: 400, code: 'INVALID' }],
])('%s%j gets the error that it knows', async (method, args, expected) => {
  await expect(call(method, ...args)).rejects.toMatchObject({
    ...expected,
    message: expect.stringContaining('bender error'),
  });
});

it('is told of a name that is taken', async () => {
  await call('createFrontend', { name: 'taken' });
  await everywhere('getFrontend', ['taken'], expect.objectContaining({ name: 'taken' }));
  await expect(call('createFrontend', { name: 'taken' })).rejects.toMatchObject({ statusCode: 409, code: 'CONFLICT' });
});
