/**
 * bender 0.2.1: Restify and Scuttlebutt, on Node 6. Its events are in what a daemon prints, the only place where one
 * can watch without becoming a member.
 */

import { fileURLToPath } from 'node:url';
import { Awaited } from '../helpers/awaited.js';
import { fromNpm } from '../helpers/fetch.js';
import { longTtl } from '../helpers/instances.js';
import { look, renewOld } from '../helpers/messages.js';
import { freePort } from '../../test/helpers/free-port.js';
import { eventually, type ServerProcess, startServer, stopAll } from '../helpers/processes.js';
import { byHttp, send } from './by-http.js';
import type { Side } from './side.js';

const program = fileURLToPath(new URL('../../../../bench/peers/old-daemon.cjs', import.meta.url));

/** ms; what the program has and what cannot be changed there. */
export const oldTtl = 4000;

export interface OldDaemon extends ServerProcess {
  peerPort: number;
  /** The events that it printed; those of the daemons themselves are included, twice each. */
  events: Awaited;
}

interface Line {
  message: string;
  meta?: { id?: string };
}

export async function startOldDaemon(ttl: number, peers: readonly OldDaemon[] = []): Promise<OldDaemon> {
  const modules = fromNpm('peers/bender-0.2.1', {
    dependencies: { bender: '0.2.1', node: '6' },
    // Its dependency on a git repository is on npm too. What Engine.IO would need of GitHub is not used.
    overrides: { 'bender-crdt': '0.2.3', 'engine.io-stream': 'npm:through@2.3.8' },
  });
  const folder = fileURLToPath(new URL('node_modules', modules));
  const events = new Awaited();
  const peerPort = await freePort();
  const daemon = await startServer(
    `${folder}/.bin/node`,
    (port) => [program, `${port},${peerPort}`, String(ttl), ...peers.map((peer) => String(peer.peerPort))],
    {
      env: { NODE_PATH: folder, NODE_NO_WARNINGS: '1' },
      says: '"listening"',
      onLine: (line) => {
        const { message, meta } = JSON.parse(line) as Line;
        events.hear(message, meta?.id?.replace('registration/', ''));
      },
    },
  );
  return { ...daemon, peerPort, events };
}

/** Three that have heard of each other. */
async function startOldCluster(): Promise<OldDaemon[]> {
  const first = await startOldDaemon(oldTtl);
  const daemons = [first];
  while (daemons.length < 3) daemons.push(await startOldDaemon(oldTtl, [first]));
  await eventually(async () => daemons.every(({ events }) => (events.counts.get('online') ?? 0) >= 6));
  return daemons;
}

export const benderOld: Side = {
  name: 'bender 0.2.1',
  start: async () => {
    const register = (indexes: readonly number[]) => indexes.map(renewOld);
    return byHttp([await startOldDaemon(longTtl)], { register, renew: renewOld, query: look });
  },
  watched: async () => {
    const daemons = await startOldCluster();
    const { events } = daemons[2]!;
    return {
      ttl: oldTtl,
      register: (index) => send(daemons[0]!.requests, renewOld(index)),
      next: (type, id) => events.next(type, id),
      stop: () => stopAll(daemons),
    };
  },
};
