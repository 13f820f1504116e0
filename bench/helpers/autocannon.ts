/** autocannon as a load generator where there is no wrk; also the process that it runs in. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connections, type Load, type LoadResult } from './generator.js';

const itself = fileURLToPath(import.meta.url);

export async function autocannonLoad(load: Load): Promise<LoadResult> {
  const child = fork(itself, { serialization: 'advanced' });
  child.send(load);
  const [result] = (await once(child, 'message')) as [LoadResult];
  child.disconnect();
  return result;
}

/** Each connection has its part of the messages, so that distinct ones stay distinct. */
async function run({ port, overTls, messages, seconds }: Load): Promise<LoadResult> {
  const { default: autocannon } = await import('autocannon');
  const part = Math.ceil(messages.length / connections);
  let client = 0;
  const found = await autocannon({
    url: `${overTls ? 'https' : 'http'}://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    setupClient: (one) => {
      const from = (client++ * part) % messages.length;
      one.setRequests(messages.slice(from, from + part).map((message) => withType(message) as never));
    },
  });
  return {
    requests: found['2xx'] + found['3xx'],
    perSecond: (found['2xx'] + found['3xx']) / found.duration,
    p50: found.latency.p50,
    p99: found.latency.p99,
    refused: found['4xx'] + found['5xx'],
    broken: found.errors + found.timeouts,
  };
}

const withType = (message: Load['messages'][number]) => ({
  ...message,
  headers: { ...message.headers, ...(message.body !== undefined && { 'content-type': 'application/json' }) },
});

if (process.argv[1] === itself)
  process.once('message', (load: Load) => void run(load).then((result) => process.send!(result)));
