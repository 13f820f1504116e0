// Requests of node:http to http://www.bender/ go to an instance of the frontend `www`. axios, got and others take the
// agent, too. Run it with: node http-agent.mjs [URL of a daemon…]
import { Client } from 'bender-client';
import { benderAgent } from 'bender-client/http-agent';
import http from 'node:http';
import { text } from 'node:stream/consumers';

const client = new Client({ servers: process.argv.slice(2) });
const agent = benderAgent(client, { pick: 'least-pending' });

const get = (url) =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent }, async (response) => resolve(`${response.statusCode} ${await text(response)}`))
      .on('error', reject);
  });

console.log(await get('http://www.bender/'));
console.log(await get('http://www.bender/'));
agent.destroy();
