/** Checks the traffic of servers in this process against the description of the API. */

import type { Server } from 'node:http';
import { recordTraffic } from './record-traffic.js';
import { undescribed } from './described.js';

/** By server, while it is recorded. */
const problems = new Map<Server, string[]>();
let stopRecording: (() => void) | undefined;

/** From now on, whatever passes through the server is checked. */
export function checkTraffic(server: Server): void {
  problems.set(server, []);
  stopRecording ??= recordTraffic(
    (server) => problems.has(server),
    (exchange, server) => {
      const problem = undescribed(exchange);
      if (problem !== undefined) problems.get(server)?.push(problem);
    },
  );
}

/** Ends that. Throws if something was not as described. */
export function requireDescribed(server: Server): void {
  const found = new Set(problems.get(server));
  problems.delete(server);
  if (problems.size === 0) {
    stopRecording?.();
    stopRecording = undefined;
  }
  if (found.size > 0) throw new Error([...found].join('\n'));
}
