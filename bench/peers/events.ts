/** How soon a watcher hears that an instance has come, and how long after its TTL that it has gone. */

import { idOf, numbers } from '../helpers/instances.js';
import { size } from '../helpers/options.js';
import { wait } from '../helpers/requests.js';
import type { Watched } from './side.js';

const samples = size(100, 10);
/** Instances that come, one right after the other, before anything is measured. */
const warmth = size(2000, 10);
/** The first of them. */
const warmFrom = 100_000;

export interface Heard {
  /** ms from sending the request. */
  online: number[];
  /** ms from the end of the TTL, counted from sending the request. */
  late: number[];
}

/** Has everything compiled that is measured then. */
export async function warmUp(watched: Watched): Promise<void> {
  await watched.prepare?.(warmFrom, warmFrom + warmth);
  for (const index of numbers(warmth, warmFrom)) {
    const came = watched.next('online', idOf(index));
    await Promise.all([watched.register(index), came]);
  }
}

/** Registers instances, each for itself and other ones in every turn, and does not renew them. */
export async function hear(watched: Watched, turn: number): Promise<Heard> {
  const { ttl } = watched;
  const heard: Heard = { online: [], late: [] };
  const from = turn * samples;
  await watched.prepare?.(from, from + samples);
  const gone: Promise<void>[] = [];
  for (const index of numbers(samples, from)) {
    const came = watched.next('online', idOf(index));
    const goes = ttl === undefined ? undefined : watched.next('offline', idOf(index));
    // If the first does not come, nothing waits for the second.
    goes?.catch(() => undefined);
    const sent = performance.now();
    const answer = watched.register(index);
    heard.online.push((await came) - sent);
    await answer;
    if (goes) gone.push(goes.then((at) => void heard.late.push(at - sent - ttl!)));
    // Long enough apart, and not in step with any timer of the servers.
    await wait(5 + 10 * Math.random());
  }
  await Promise.all(gone);
  return heard;
}
