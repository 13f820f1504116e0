/** etcd over gRPC, by the client `etcd3`: a lease of its own for each instance. */

import type { Awaited } from '../helpers/awaited.js';
import { idOf, longTtl } from '../helpers/instances.js';
import { type Client, load } from './client.js';
import { leaseOf, rangeOf, valueOf } from './values.js';

/** What is used of the package. */
interface Etcd {
  leaseClient: {
    leaseGrant(request: { TTL: number; ID: string }): Promise<unknown>;
    leaseKeepAlive(): Promise<KeepAlive>;
  };
  kv: {
    put(request: { key: Buffer; value: Buffer; lease: string }): Promise<unknown>;
    range(request: { key: Buffer; range_end: Buffer }): Promise<{ kvs: unknown[] }>;
  };
  watch(): { prefix(prefix: string): { create(): Promise<Watcher> } };
  close(): void;
}

interface KeepAlive {
  write(request: { ID: string }): void;
  on(event: 'data', hear: (answer: { TTL: string }) => void): void;
}

interface Watcher {
  on(event: 'put' | 'delete', hear: (entry: { key: Buffer }) => void): void;
}

export async function openEtcd(port: number): Promise<Client> {
  const { Etcd3 } = load('etcd3') as { Etcd3: new (options: { hosts: string }) => Etcd };
  const etcd = new Etcd3({ hosts: `http://127.0.0.1:${port}` });
  const { leaseClient, kv } = etcd;
  const stream = await leaseClient.leaseKeepAlive();
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  // Answers come in the order of the renewals.
  stream.on('data', ({ TTL }) => {
    const { resolve, reject } = waiting.shift()!;
    if (Number(TTL) > 0) resolve();
    else reject(new Error('renewed a lease that is gone'));
  });
  return {
    prepare: async () => undefined,
    register: async (index, ttlSeconds = longTtl / 1000) => {
      const ID = leaseOf(index);
      await leaseClient.leaseGrant({ TTL: ttlSeconds, ID });
      await kv.put({ key: Buffer.from(idOf(index)), value: Buffer.from(valueOf(index)), lease: ID });
    },
    renew: (index) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ resolve, reject });
        stream.write({ ID: leaseOf(index) });
      }),
    query: async (index) => {
      const [key, range_end] = rangeOf(index);
      return (await kv.range({ key, range_end })).kvs.length;
    },
    watch: async (events: Awaited) => {
      const watcher = await etcd.watch().prefix('app-').create();
      watcher.on('put', ({ key }) => events.hear('online', key.toString()));
      watcher.on('delete', ({ key }) => events.hear('offline', key.toString()));
    },
    close: () => etcd.close(),
  };
}
