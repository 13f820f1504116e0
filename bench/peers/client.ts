/** A registry that does not speak HTTP, as its clients for Node see it. */

import { createRequire } from 'node:module';
import { fromNpm } from '../helpers/fetch.js';
import type { Awaited } from '../helpers/awaited.js';

export interface Client {
  /** What must be there before instances `from` to `to` - 1 can be registered, or watched. */
  prepare(from: number, to: number): Promise<void>;
  /** Without a TTL for longer than a benchmark takes. */
  register(index: number, ttlSeconds?: number): Promise<unknown>;
  renew(index: number): Promise<unknown>;
  /** Asks for the instances of its app version; answers how many they are. */
  query(index: number): Promise<number>;
  /** From now on reports online and offline events. */
  watch(events: Awaited): Promise<void>;
  close(): void;
}

/** One of the clients' packages; all of them are fetched together. */
export function load(name: string): unknown {
  const folder = fromNpm('peers/clients', {
    dependencies: { axon: '1.0.0', etcd3: '1.1.2', 'node-zookeeper-client': '1.1.3', ioredis: '5' },
  });
  return createRequire(folder)(name);
}
