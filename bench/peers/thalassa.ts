/** Thalassa 0.4.1 on Redis, on Node 0.12. */

import { fileURLToPath } from 'node:url';
import { Awaited } from '../helpers/awaited.js';
import { fromNpm } from '../helpers/fetch.js';
import { idOf, longTtl } from '../helpers/instances.js';
import { look } from '../helpers/messages.js';
import { freePort } from '../../test/helpers/free-port.js';
import { listening, type ServerProcess, startServer, stopAll } from '../helpers/processes.js';
import type { Message } from '../helpers/requests.js';
import { byHttp, send } from './by-http.js';
import { load } from './client.js';
import { startRedis } from './redis.js';
import type { Side } from './side.js';

interface Thalassa {
  /** Thalassa itself, and its Redis. */
  servers: ServerProcess[];
  /** Of the socket that reports online and offline events. */
  eventsPort: number;
}

async function startThalassa(): Promise<Thalassa> {
  const modules = fromNpm('peers/thalassa', {
    dependencies: { thalassa: '0.4.1', node: '0.12' },
    // A newer one came to be allowed by a package in between, and does not run on this Node.
    overrides: { debug: '2.2.0' },
  });
  const folder = fileURLToPath(new URL('node_modules', modules));
  const redis = await startRedis();
  const eventsPort = await freePort();
  const args = (port: number): string[] => {
    const ports = { apiport: port, port: eventsPort, redisPort: redis.port };
    const flags = Object.entries(ports).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return [`${folder}/thalassa/bin/server.js`, ...flags];
  };
  const thalassa = await startServer(`${folder}/.bin/node`, args, { ready: listening });
  await listening(eventsPort);
  return { servers: [thalassa, redis], eventsPort };
}

const register =
  (ttlSeconds: number) =>
  (index: number): Message => ({
    method: 'POST',
    path: `/registrations/${idOf(index)}`,
    body: JSON.stringify({ secondsToExpire: ttlSeconds }),
  });

/** What is used of the package `axon`. */
interface Axon {
  socket(kind: 'sub'): {
    connect(port: number, host: string, connected: () => void): void;
    subscribe(pattern: string): void;
    on(event: 'message', hear: (topic: string, type: string) => void): void;
    close(): void;
  };
}

export const thalassa: Side = {
  name: 'Thalassa on Redis',
  start: async () => {
    const renew = register(longTtl / 1000);
    const { servers } = await startThalassa();
    return byHttp(servers, { register: (indexes) => indexes.map(renew), renew, query: look });
  },
  watched: async () => {
    const socket = (load('axon') as Axon).socket('sub');
    const { servers, eventsPort } = await startThalassa();
    const events = new Awaited();
    socket.subscribe('*');
    socket.on('message', (topic, type) => events.hear(String(type), String(topic).slice(1)));
    await new Promise<void>((resolve) => socket.connect(eventsPort, '127.0.0.1', resolve));
    const ttl = 1000;
    return {
      ttl,
      register: (index) => send(servers[0]!.requests, register(ttl / 1000)(index)),
      next: (type, id) => events.next(type, id),
      stop: async () => {
        socket.close();
        await stopAll(servers);
      },
    };
  },
};
