// A service on Express that is registered while it listens. On SIGTERM it drains, and ends without a failed request.
// Run: node examples/client/express.mjs       (npm install express, and a daemon: npx bender serve)

import express from 'express';
import { Client } from 'bender-client';
import { runService } from 'bender-client/node-http';

const app = express();
app.get('/', (request, response) => response.send(`hello from ${process.pid}\n`));
app.get('/slow', (request, response) => setTimeout(() => response.send('hello at last\n'), 300));

const service = await runService(app.listen(Number(process.env.PORT ?? 0), '127.0.0.1'), {
  client: new Client({ servers: process.env.BENDER_SERVER?.split(',') ?? [] }),
  app: 'hello-express',
  version: '1.0.0',
  meta: { pid: process.pid },
  drainForMs: 1000,
});
console.log('online as', service.id);
