/** A registry that speaks HTTP, driven as bender's own benchmarks drive bender. */

import { numbers } from '../helpers/instances.js';
import { generate, warmUp } from '../helpers/load.js';
import { seconds } from '../helpers/options.js';
import { type ServerProcess, stopAll } from '../helpers/processes.js';
import { inParallel, type Message, type Requests } from '../helpers/requests.js';
import { sum } from '../helpers/statistics.js';
import { rssMB } from '../helpers/usage.js';
import type { Started } from './side.js';

/** Its requests, by the number of the instance. */
export interface Form {
  /** In an order in which they may be under way at the same time. */
  register(indexes: readonly number[]): Message[];
  renew(index: number): Message;
  query(index: number): Message;
}

/** More than any of them registers while it is measured, so that none comes twice. */
const most = 40_000 * seconds;

/** The first of the servers is asked; the others belong to it. */
export function byHttp(servers: readonly ServerProcess[], form: Form): Started {
  const first = servers[0]!;
  const perSecond = async (messages: readonly Message[]): Promise<number> => {
    const { perSecond, refused } = await generate({ port: first.port, messages, seconds });
    // One without an answer is none that was refused: some are so slow that wrk stops waiting.
    if (refused > 0) throw new Error(`${refused} requests were refused`);
    return perSecond;
  };
  return {
    fill: (live) => sendAll(first.requests, form.register(numbers(live))),
    register: async (from) => {
      // Others than those that are measured.
      await warmUp(first, form.register(numbers(most, from)));
      const messages = form.register(numbers(most, from + most));
      return (await perSecond(messages)) / (messages.length / most);
    },
    renew: async (live) => {
      const messages = numbers(live).map((index) => form.renew(index));
      await warmUp(first, messages);
      return perSecond(messages);
    },
    query: (live) => perSecond(numbers(live).map((index) => form.query(index))),
    rss: () => sum(servers.map(({ pid }) => rssMB(pid))),
    stop: () => stopAll(servers),
  };
}

export async function send(requests: Requests, { method, path, body }: Message): Promise<void> {
  const { status } = await requests.send(method, path, body);
  if (status >= 300) throw new Error(`${method} ${path} answers ${status}`);
}

const sendAll = (requests: Requests, messages: readonly Message[]): Promise<void> =>
  inParallel(messages.length, 64, (index) => send(requests, messages[index]!));
