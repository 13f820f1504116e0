/** An API whose registrations of the app `web`, backends and frontends are gone after each test. */

import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

/** To be called once, outside of tests. */
export function webServer(): { readonly server: ApiServer } {
  let server: ApiServer;
  beforeAll(async () => {
    server = await ApiServer.start();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    server.set({ synced: true, ready: true, stale: false });
    const { backends, frontends } = server.daemon.catalog;
    for (const { name } of frontends.list()) frontends.delete(name, 'test');
    for (const { name } of backends.list()) backends.delete(name, 'test', { atLeast: 0 });
    for (const { id } of server.daemon.registrations({ app: 'web' })) await server.daemon.deregister(id);
  });
  return {
    get server() {
      return server;
    },
  };
}

/** An address of the app. */
export const address = (host: string, version = '1.0.0', port = 80) => ({ app: 'web', version, host, port });
