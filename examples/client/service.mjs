// A service on node:http that is registered while it listens, and tells what happens to its registration.
// Run: node examples/client/service.mjs       (with a daemon: npx bender serve)

import { createServer } from 'node:http';
import { Client } from 'bender-client';
import { runService } from 'bender-client/node-http';

const server = createServer((request, response) => {
  if (request.url === '/healthz') response.end('ok\n');
  else response.end(`hello from ${process.pid}\n`);
});

const service = await runService(server, {
  client: new Client({ servers: process.env.BENDER_SERVER?.split(',') ?? [] }),
  app: 'hello',
  version: '1.0.0',
  listen: { host: '127.0.0.1', port: Number(process.env.PORT ?? 0) },
  check: { check: 'http:/healthz' },
});
console.log('online as', service.id);

for await (const state of service.lease) console.log(state.type);
