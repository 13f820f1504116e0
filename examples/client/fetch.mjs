// fetch('http://www.bender/') goes to an instance of the frontend `www`. It needs undici 7 or 8: npm install undici
// Run it with: node fetch.mjs [URL of a daemon…]
import { Client } from 'bender-client';
import { benderDispatcher } from 'bender-client/undici';
import { setGlobalDispatcher } from 'undici';

const client = new Client({ servers: process.argv.slice(2) });
const dispatcher = benderDispatcher(client, { pick: 'round-robin' });
setGlobalDispatcher(dispatcher); // or for one request: fetch(url, { dispatcher })

for (let count = 0; count < 10; count++) {
  const response = await fetch('http://www.bender/');
  console.log(response.status, await response.text());
}
await dispatcher.close();
