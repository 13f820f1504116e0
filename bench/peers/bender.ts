/** bender itself, alone and with two peers. */

import { idOf } from '../helpers/instances.js';
import { look, registerByPath, renew } from '../helpers/messages.js';
import { startCluster, stopAll } from '../helpers/processes.js';
import { Watcher } from '../helpers/watcher.js';
import { byHttp, send } from './by-http.js';
import type { Side, Watched } from './side.js';

const ttl = 1000;

async function watched(): Promise<Watched> {
  const cluster = await startCluster(3);
  const watcher = await Watcher.open(cluster[2]!.port);
  const body = JSON.stringify({ ttl });
  return {
    ttl,
    register: (index) => send(cluster[0]!.requests, { method: 'POST', path: `/registrations/${idOf(index)}`, body }),
    next: (type, id) => watcher.next(type, id),
    stop: async () => {
      watcher.close();
      await stopAll(cluster);
    },
  };
}

const form = { register: (indexes: readonly number[]) => indexes.map(registerByPath), renew, query: look };

const daemons = async (count: number) => byHttp(await startCluster(count), form);

export const bender: Side = { name: 'bender', start: () => daemons(1), watched };

export const benderOfThree: Side = { name: 'bender, two peers connected', start: () => daemons(3) };
