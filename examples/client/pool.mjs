// Sends ten requests to the instances behind the frontend `www`, without asking a daemon for each.
// Run it with: node pool.mjs [URL of a daemon…]
import { Client, hostPort } from 'bender-client';

const client = new Client({ servers: process.argv.slice(2) });

// Says if the daemon is lost, another one answers, or what it says cannot be trusted.
const status = client.connection();
void (async () => {
  for await (const { state, server, reason } of status) console.error(state, server, reason ?? '');
})();

const pool = client.pool('www', { pick: 'least-pending' });
await pool.ready;
for (let count = 0; count < 10; count++) {
  const { instance, release } = pool.acquire(); // throws NoInstanceError if nothing is online
  try {
    const response = await fetch(`http://${hostPort(instance)}/`);
    console.log(instance.version, await response.text());
    pool.succeeded(instance);
  } catch (error) {
    pool.failed(instance); // it is left out for a moment
    console.error(instance.id, error);
  } finally {
    release();
  }
}
await pool.close();
