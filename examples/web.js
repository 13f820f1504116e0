// The smallest service that may be stopped under load: it returns its id, and on SIGTERM answers the requests that it
// has before it ends. Run it with: bender register --app web --version 1.0.0 -- node examples/web.js
import { createServer } from 'node:http';

const { PORT, BENDER_ID } = process.env;
let stopping = false;

const server = createServer((request, response) => {
  // A connection that is kept alive would bring more requests, which would not be answered.
  if (stopping) response.setHeader('connection', 'close');
  response.end(`this is ${BENDER_ID}\n`);
}).listen(Number(PORT));

process.on('SIGTERM', () => {
  stopping = true;
  server.close();
});
