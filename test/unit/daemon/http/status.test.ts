import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Status } from '../../../../src/model/daemon.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

it('says what the daemon is and which others it knows', async () => {
  expect(await server.ask('GET', '/status')).toMatchObject({
    status: 200,
    body: { name: 'one', cluster: 'test', version: '1.0.0', settings: { ttl: 4000, peerTimeout: 2000 } },
  });
  expect(await server.ask('GET', '/daemons')).toMatchObject({
    status: 200,
    body: [{ name: 'one', state: 'online', self: true, runId: server.daemon.runId }],
  });
});

it('forgets daemons that are not there, and only those', async () => {
  expect(await server.ask('DELETE', '/daemons/nobody')).toMatchObject({ status: 404 });
  expect(await server.ask('DELETE', '/daemons/one')).toMatchObject({
    status: 409,
    body: { code: 'CONFLICT' },
  });
});

it('says how much the catalog takes without saving it', async () => {
  const { document } = server.daemon.documents.catalog;
  const save = jest.spyOn(document, 'save');
  const bytes = async () => ((await server.ask('GET', '/status')).body as Status).catalogBytes;
  const before = await bytes();
  server.daemon.catalog.backends.create({ name: 'web', app: 'web', version: '1' }, 'a test');
  expect(await bytes()).toBeGreaterThan(before + 50);
  expect(save).not.toHaveBeenCalled();
});
