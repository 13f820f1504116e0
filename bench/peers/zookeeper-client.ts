/** ZooKeeper by `node-zookeeper-client`: one session, whose end ends all its instances together. */

import type { Awaited } from '../helpers/awaited.js';
import { perVersion } from '../helpers/instances.js';
import { inParallel } from '../helpers/requests.js';
import { type Client, load } from './client.js';
import { idOfNode, nodeOf, parentOf, valueOf } from './values.js';

type Done<T> = (error: Error | null, answer: T) => void;

/** What is used of the package. */
interface Session {
  once(event: 'connected', hear: () => void): void;
  connect(): void;
  close(): void;
  create(path: string, data: Buffer, mode: number, done: Done<string>): void;
  setData(path: string, data: Buffer, version: number, done: Done<unknown>): void;
  getChildren(path: string, watcher: (() => void) | undefined, done: Done<string[]>): void;
}

interface Package {
  createClient: (address: string) => Session;
  CreateMode: { PERSISTENT: number; EPHEMERAL: number };
}

/** A promise of what comes back. */
const called = <T>(call: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));

export async function openZooKeeper(port: number): Promise<Client> {
  const { createClient, CreateMode } = load('node-zookeeper-client') as Package;
  const session = createClient(`127.0.0.1:${port}`);
  const connected = new Promise<void>((resolve) => session.once('connected', resolve));
  session.connect();
  await connected;
  const children = (parent: string, watcher?: () => void): Promise<string[]> =>
    called((done) => session.getChildren(parent, watcher, done));

  /** A watch tells once that something has changed; what it was, and whatever comes next, has to be asked for. */
  async function follow(parent: string, events: Awaited, known: ReadonlySet<string>): Promise<void> {
    const again = (): Promise<void> => follow(parent, events, found);
    // An error means that the session is being closed, and nothing waits for these events.
    const found = new Set(await children(parent, () => void again().catch(() => undefined)));
    const said = (type: string, child: string): void => events.hear(type, idOfNode(`${parent}/${child}`));
    for (const child of found) if (!known.has(child)) said('online', child);
    for (const child of known) if (!found.has(child)) said('offline', child);
  }

  let watching: Awaited | undefined;
  return {
    prepare: async (from, to) => {
      const first = Math.ceil(from / perVersion);
      await inParallel(Math.ceil(to / perVersion) - first, 100, async (offset) => {
        const parent = parentOf((first + offset) * perVersion);
        if (watching) await follow(parent, watching, new Set());
        else await called((done) => session.create(parent, Buffer.alloc(0), CreateMode.PERSISTENT, done));
      });
    },
    register: (index) =>
      called((done) => session.create(nodeOf(index), Buffer.from(valueOf(index)), CreateMode.EPHEMERAL, done)),
    renew: (index) => called((done) => session.setData(nodeOf(index), Buffer.from(valueOf(index)), -1, done)),
    query: async (index) => (await children(parentOf(index))).length,
    watch: async (events) => void (watching = events),
    close: () => session.close(),
  };
}
