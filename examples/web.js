// The smallest service: says who it is. Run it with: bender register --app web --version 1.0.0 -- node examples/web.js
import { createServer } from 'node:http';

const { PORT, BENDER_ID } = process.env;
createServer((request, response) => response.end(`this is ${BENDER_ID}\n`)).listen(Number(PORT));
