// The smallest service that may be stopped under load: says who it is, and on SIGTERM answers what it was asked before
// it ends. Run it with: bender register --app web --version 1.0.0 -- node examples/web.js
import { createServer } from 'node:http';

const { PORT, BENDER_ID } = process.env;
let stopping = false;

const server = createServer((request, response) => {
  // A connection that is kept alive would bring more requests, which nobody answers any more.
  if (stopping) response.setHeader('connection', 'close');
  response.end(`this is ${BENDER_ID}\n`);
}).listen(Number(PORT));

process.on('SIGTERM', () => {
  stopping = true;
  server.close();
});
