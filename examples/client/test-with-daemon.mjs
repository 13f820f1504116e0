// A test that brings its own daemons: they run in the process of the test, and leave nothing behind.
// Run: node --test examples/client/test-with-daemon.mjs       (npm install --save-dev bender)

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, waitFor } from 'bender-client';
import { createDaemon } from 'bender/daemon';

let first, second;

before(async () => {
  first = await createDaemon({ ttl: 1000 });
  second = await createDaemon({ ttl: 1000, peers: [first.url] });
});

after(() => Promise.all([first.close(), second.close()]));

test('what is registered at one daemon is found at the other', async () => {
  const [here, there] = [first, second].map(({ url }) => new Client({ servers: [url] }));
  const lease = here.hold({ app: 'web', version: '1.0.0', host: '127.0.0.1', port: 8080 });
  const [found] = await waitFor(there, { app: 'web' }, (online) => online.length === 1, { timeoutMs: 5000 });
  assert.equal(found.id, 'web/1.0.0/127.0.0.1/8080');
  await lease.stop();
  assert.deepEqual(await here.registrations({ app: 'web' }), []);
});
