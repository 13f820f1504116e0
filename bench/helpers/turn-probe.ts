/**
 * Loaded ahead of a daemon: measures the turns of its event loop between two questions, of which each is a connection
 * to `TURN_PROBE_PORT`. The answer to the second one is how many ms the longest turn took, by the clock and of
 * processor time: on a machine that does other things as well, only the latter says what the daemon did.
 *
 * While it measures, an immediate in each turn keeps the loop from waiting: what lies between two of them is work.
 */

import { createServer } from 'node:net';

let isMeasuring = false;
let last = readClocks();
let longest = { wall: 0, cpu: 0 };

/** ms */
function readClocks(): { wall: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}

function measure(): void {
  const now = readClocks();
  longest = {
    wall: Math.max(longest.wall, now.wall - last.wall),
    cpu: Math.max(longest.cpu, now.cpu - last.cpu),
  };
  last = now;
  if (isMeasuring) setImmediate(measure);
}

createServer((socket) => {
  socket.on('error', () => undefined);
  isMeasuring = !isMeasuring;
  if (!isMeasuring) return void socket.end(JSON.stringify(longest));
  [last, longest] = [readClocks(), { wall: 0, cpu: 0 }];
  setImmediate(measure);
  socket.end('measuring');
})
  .listen(Number(process.env.TURN_PROBE_PORT), '127.0.0.1')
  .unref();
