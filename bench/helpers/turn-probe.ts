/**
 * Loaded ahead of a daemon: measures the turns of its event loop between two questions, of which each is a connection to
 * `TURN_PROBE_PORT`. The answer to the second one is how many ms the longest turn took.
 *
 * While it measures, an immediate in each turn keeps the loop from waiting: what lies between two of them is work.
 */

import { createServer } from 'node:net';

let isMeasuring = false;
let last = 0;
let longest = 0;

function measure(): void {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  if (isMeasuring) setImmediate(measure);
}

createServer((socket) => {
  socket.on('error', () => undefined);
  isMeasuring = !isMeasuring;
  if (!isMeasuring) return void socket.end(String(longest));
  [last, longest] = [performance.now(), 0];
  setImmediate(measure);
  socket.end('measuring');
})
  .listen(Number(process.env.TURN_PROBE_PORT), '127.0.0.1')
  .unref();
