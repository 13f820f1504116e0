/** A process that drives a registry through a {@link Client}, 32 operations at a time; also what starts it. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask } from '../helpers/ask.js';
import { connections } from '../helpers/generator.js';
import { numbers } from '../helpers/instances.js';
import { seconds } from '../helpers/options.js';
import { type ServerProcess } from '../helpers/processes.js';
import { inParallel } from '../helpers/requests.js';
import { rssMB } from '../helpers/usage.js';
import type { Client } from './client.js';
import { openEtcd } from './etcd-client.js';
import type { Started } from './side.js';
import { openZooKeeper } from './zookeeper-client.js';

const itself = fileURLToPath(import.meta.url);

const clients = { etcd: openEtcd, zookeeper: openZooKeeper };

type Task =
  | { do: 'fill'; live: number }
  | { do: 'register'; from: number; seconds: number }
  | { do: 'renew' | 'query'; live: number; seconds: number };

/** What came of it, or what went wrong. */
interface Answer {
  found?: number;
  error?: string;
}

/** More than are registered in a second. */
const mostPerSecond = 40_000;

export function byClient(kind: keyof typeof clients, server: ServerProcess): Started {
  const worker = fork(itself, [kind, String(server.port)]);
  const perSecond = async (task: Task): Promise<number> => {
    const { found, error } = await ask<Answer>(worker, task);
    if (found === undefined) throw new Error(error);
    return found;
  };
  return {
    fill: async (live) => void (await perSecond({ do: 'fill', live })),
    register: (from) => perSecond({ do: 'register', from, seconds }),
    renew: (live) => perSecond({ do: 'renew', live, seconds }),
    query: (live) => perSecond({ do: 'query', live, seconds }),
    rss: () => rssMB(server.pid),
    stop: async () => {
      if (worker.connected) worker.disconnect();
      await server.stop();
    },
  };
}

async function run(client: Client, task: Task): Promise<number> {
  switch (task.do) {
    case 'fill':
      await client.prepare(0, task.live);
      await inParallel(task.live, connections, (index) => client.register(index));
      return task.live;
    case 'register': {
      const most = mostPerSecond * task.seconds;
      await client.prepare(task.from, task.from + 2 * most);
      await pace(1, (index) => client.register(task.from + index));
      return pace(task.seconds, (index) => client.register(task.from + most + index));
    }
    case 'renew':
      return pace(task.seconds, (index) => client.renew(index % task.live));
    case 'query':
      return pace(task.seconds, (index) => client.query(index % task.live));
  }
}

/** How many there are in a second, by so many seconds. */
async function pace(seconds: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < begun + 1000 * seconds) await work(next++);
  };
  await Promise.all(numbers(connections).map(worker));
  return (1000 * next) / (performance.now() - begun);
}

async function serve(kind: keyof typeof clients, port: number): Promise<void> {
  const client = await clients[kind](port);
  const answer = (said: Answer): void => void process.send!(said);
  process.on('message', (task: Task) => {
    run(client, task).then(
      (found) => answer({ found }),
      (error: unknown) => answer({ error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}

if (process.argv[1] === itself) {
  const [kind, port] = process.argv.slice(2) as [keyof typeof clients, string];
  await serve(kind, Number(port));
}
