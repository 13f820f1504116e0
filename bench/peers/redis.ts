/** Redis from Debian: `SET key value EX ttl`, under load from its own benchmark program. */

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Awaited } from '../helpers/awaited.js';
import { fromDebian } from '../helpers/fetch.js';
import { connections } from '../helpers/generator.js';
import { idOf, longTtl, numbers, perVersion } from '../helpers/instances.js';
import { seconds } from '../helpers/options.js';
import { type ServerProcess, startServer } from '../helpers/processes.js';
import { rssMB } from '../helpers/usage.js';
import { load } from './client.js';
import { withScratch } from './scratch.js';
import type { Side } from './side.js';
import { redisKeyOf, valueOf } from './values.js';

/** Its programs, and the environment in which they find their libraries. */
function fetched(): { folder: string; env: Record<string, string> } {
  const url = fromDebian('peers/redis', ['libatomic1', 'libjemalloc2', 'liblzf1', 'redis-server', 'redis-tools']);
  const lib = new URL('usr/lib/', url);
  const triplet = readdirSync(lib).find((name) => name.endsWith('-linux-gnu')) ?? '';
  return {
    folder: fileURLToPath(new URL('usr/bin', url)),
    env: { LD_LIBRARY_PATH: fileURLToPath(new URL(triplet, lib)) },
  };
}

export const startRedis = (): Promise<ServerProcess> =>
  withScratch((data) => {
    const { folder, env } = fetched();
    const options = ['--bind', '127.0.0.1', '--dir', data, '--save', '', '--appendonly', 'no'];
    const args = (port: number): string[] => ['--port', String(port), ...options];
    return startServer(`${folder}/redis-server`, args, { env, says: 'Ready to accept connections' });
  });

async function run(program: string, { port }: ServerProcess, args: readonly string[]): Promise<string> {
  const { folder, env } = fetched();
  const all = ['-p', String(port), ...args];
  return (await promisify(execFile)(`${folder}/${program}`, all, { env })).stdout;
}

/** {@link redisKeyOf} of an instance that is drawn for each command. */
export const anyKey = redisKeyOf(0).replace('000000000000', '__rand_int__');

const forever = ['EX', String(longTtl / 1000)];
export const setAny = ['SET', anyKey, valueOf(0), ...forever];

/** As if 0 to `live` - 1 were registered, at once. */
export async function fillRedis(server: ServerProcess, live: number): Promise<void> {
  const key = redisKeyOf(0).replace('000000000000', '%012d');
  const script = `for i = 0, ${live - 1} do redis.call('SET', string.format('${key}', i), ARGV[1], 'EX', ARGV[2]) end`;
  await run('redis-cli', server, ['EVAL', script, '0', valueOf(0), forever[1]!]);
}

/** How often a second it does a command, with keys drawn from so many; so many commands are sent together. */
export async function redisPerSecond(
  server: ServerProcess,
  command: readonly string[],
  { keys, together = 1 }: { keys: number; together?: number },
): Promise<number> {
  // It is told a number of commands, not a time.
  const count = Math.ceil(seconds * (together === 1 ? 60_000 : 1_200_000));
  const how = { '-c': connections, '-n': count, '-r': keys, '-P': together };
  const args = Object.entries(how).flatMap(([name, value]) => [name, String(value)]);
  const output = await run('redis-benchmark', server, [...args, '--csv', ...command]);
  return readRedisBenchmark(output);
}

/** Commands a second, by what it prints last: the command, this, and six figures about latency. */
export function readRedisBenchmark(output: string): number {
  const figures = /"([\d.]+)"(?:,"[\d.]+"){6}$/.exec(output.trim());
  if (!figures) throw new Error(`redis-benchmark says nothing of use: ${output}`);
  return Number(figures[1]);
}

/** What is used of the package `ioredis`. */
interface Connection {
  set(key: string, value: string, ex: 'EX', seconds: number): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  config(command: 'SET', name: string, value: string): Promise<unknown>;
  on(event: 'message', hear: (channel: string, key: string) => void): void;
  disconnect(): void;
}

export const redis: Side = {
  name: 'Redis, no pipelining',
  start: async () => {
    const server = await startRedis();
    return {
      fill: (live) => fillRedis(server, live),
      // So many that hardly any comes twice.
      register: () => redisPerSecond(server, setAny, { keys: 1e9 }),
      renew: (live) => redisPerSecond(server, setAny, { keys: live }),
      query: (live) => redisPerSecond(server, ['MGET', ...numbers(perVersion).map(() => anyKey)], { keys: live }),
      rss: () => rssMB(server.pid),
      stop: () => server.stop(),
    };
  },
  watched: async () => {
    const { default: Redis } = load('ioredis') as { default: new (port: number) => Connection };
    const server = await startRedis();
    const [client, watcher] = [new Redis(server.port), new Redis(server.port)];
    const events = new Awaited();
    // Keyevents of strings and of what expires.
    await client.config('SET', 'notify-keyspace-events', 'E$x');
    await watcher.subscribe('__keyevent@0__:set', '__keyevent@0__:expired');
    watcher.on('message', (channel, key) => events.hear(channel.endsWith(':set') ? 'online' : 'offline', key));
    const ttl = 1000;
    return {
      ttl,
      register: (index) => client.set(idOf(index), valueOf(index), 'EX', ttl / 1000),
      next: (type, id) => events.next(type, id),
      stop: async () => {
        client.disconnect();
        watcher.disconnect();
        await server.stop();
      },
    };
  },
};
