// A service on Fastify that is registered while it listens, by a plugin.
// Run: node examples/client/fastify.mjs       (npm install fastify, and a daemon: npx bender serve)

import fastify from 'fastify';
import { Client } from 'bender-client';
import { benderService } from 'bender-client/fastify';

const app = fastify();
app.get('/', async () => `hello from ${process.pid}\n`);

await app.register(benderService, {
  client: new Client({ servers: process.env.BENDER_SERVER?.split(',') ?? [] }),
  app: 'hello-fastify',
  version: '1.0.0',
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) });

const service = await app.bender.ready;
console.log('online as', service.id);
