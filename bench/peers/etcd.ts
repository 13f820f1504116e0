/** etcd from Debian, through its HTTP gateway and over gRPC. */

import { fileURLToPath } from 'node:url';
import { Awaited } from '../helpers/awaited.js';
import { fromDebian } from '../helpers/fetch.js';
import { idOf, longTtl } from '../helpers/instances.js';
import { freePort } from '../../test/helpers/free-port.js';
import { listening, type ServerProcess, startServer, stopAll } from '../helpers/processes.js';
import type { Message } from '../helpers/requests.js';
import { byHttp } from './by-http.js';
import { openEtcd } from './etcd-client.js';
import { withScratch } from './scratch.js';
import type { Side } from './side.js';
import { leaseOf, rangeOf, valueOf } from './values.js';
import { byClient } from './worker.js';

/** So many members of one cluster. */
async function startEtcd(members: number): Promise<ServerProcess[]> {
  const folder = fromDebian('peers/etcd', ['etcd-server']);
  const program = fileURLToPath(new URL('usr/bin/etcd', folder));
  const peerUrls: string[] = [];
  while (peerUrls.length < members) peerUrls.push(`http://127.0.0.1:${await freePort()}`);
  const cluster = peerUrls.map((url, index) => `member-${index}=${url}`).join();
  const start = (peerUrl: string, index: number): Promise<ServerProcess> =>
    withScratch((data) => {
      const options = (port: number): Record<string, string> => ({
        name: `member-${index}`,
        'data-dir': data,
        'listen-client-urls': `http://127.0.0.1:${port}`,
        'advertise-client-urls': `http://127.0.0.1:${port}`,
        'listen-peer-urls': peerUrl,
        'initial-advertise-peer-urls': peerUrl,
        'initial-cluster': cluster,
        logger: 'zap',
        'log-level': 'error',
      });
      const args = (port: number): string[] =>
        Object.entries(options(port)).flatMap(([name, value]) => [`--${name}`, value]);
      // It listens for clients once it has joined its cluster.
      return startServer(program, args, { ready: listening });
    });
  return Promise.all(peerUrls.map(start));
}

const post = (path: string, body: object): Message => ({
  method: 'POST',
  path: `/v3/${path}`,
  body: JSON.stringify(body),
});

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

const grant = (index: number): Message => post('lease/grant', { TTL: String(longTtl / 1000), ID: leaseOf(index) });

const put = (index: number): Message =>
  post('kv/put', { key: base64(idOf(index)), value: base64(valueOf(index)), lease: leaseOf(index) });

/** Puts so many instances after their grants, since requests on different connections overtake each other. */
const apart = 1000;

/** A lease is there before what is put with it. */
export const grantsAndPuts = (indexes: readonly number[]): Message[] => [
  ...indexes.slice(0, apart).map(grant),
  ...indexes.flatMap((index, place) => {
    const later = indexes[place + apart];
    return later === undefined ? [put(index)] : [grant(later), put(index)];
  }),
];

function query(index: number): Message {
  const [key, end] = rangeOf(index);
  return post('kv/range', { key: base64(key), range_end: base64(end) });
}

export const etcdHttp: Side = {
  name: 'etcd, HTTP',
  start: async () =>
    byHttp(await startEtcd(1), {
      register: grantsAndPuts,
      renew: (index) => post('lease/keepalive', { ID: leaseOf(index) }),
      query,
    }),
};

export const etcdGrpc: Side = {
  name: 'etcd, gRPC',
  start: async () => byClient('etcd', (await startEtcd(1))[0]!),
  watched: async () => {
    const members = await startEtcd(3);
    const [client, watcher] = [await openEtcd(members[0]!.port), await openEtcd(members[2]!.port)];
    const events = new Awaited();
    await watcher.watch(events);
    // What it makes of anything shorter.
    const ttl = 2000;
    return {
      ttl,
      register: (index) => client.register(index, ttl / 1000),
      next: (type, id) => events.next(type, id),
      stop: async () => {
        client.close();
        watcher.close();
        await stopAll(members);
      },
    };
  },
};
