/** Renewing a thousand with one write: bender's batches, and Redis with pipelining. */

import { longTtl, numbers, register } from '../helpers/instances.js';
import { underLoad, warmUp } from '../helpers/load.js';
import { renewAll } from '../helpers/messages.js';
import { rounds } from '../helpers/options.js';
import { startDaemon } from '../helpers/processes.js';
import { compare } from '../helpers/rounds.js';
import { anyKey, fillRedis, redisPerSecond, setAny, startRedis } from './redis.js';

/** Renewals that are sent together. */
export const together = 1000;

/** Renewals a second. */
export interface Batches {
  bender: number;
  /** Of Redis, by two of its commands. */
  set: number;
  expire: number;
}

export async function measureBatches(live: number): Promise<Batches> {
  const [daemon, redis] = [await startDaemon(), await startRedis()];
  await register(daemon.requests, live);
  await fillRedis(redis, live);
  const messages = numbers(live / together).map((batch) => renewAll(numbers(together, batch * together)));
  await warmUp(daemon, messages);
  const byRedis = async (command: readonly string[]) => ({
    perSecond: await redisPerSecond(redis, command, { keys: live, together }),
  });
  const found = await compare(rounds, {
    bender: async () => ({ perSecond: together * (await underLoad(daemon, messages)).perSecond }),
    set: () => byRedis(setAny),
    expire: () => byRedis(['EXPIRE', anyKey, String(longTtl / 1000)]),
  });
  await Promise.all([daemon.stop(), redis.stop()]);
  return { bender: found.bender.perSecond, set: found.set.perSecond, expire: found.expire.perSecond };
}
