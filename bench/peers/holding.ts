/** Does everything stay online that renews in time, by the requests of 0.2.1 and its TTL of 4 s, at both? */

import type { Awaited } from '../helpers/awaited.js';
import { renewOld } from '../helpers/messages.js';
import { size } from '../helpers/options.js';
import { renewEvery } from '../helpers/pace.js';
import { eventually, type ServerProcess, startDaemon } from '../helpers/processes.js';
import { wait } from '../helpers/requests.js';
import { percentile } from '../helpers/statistics.js';
import { Watcher } from '../helpers/watcher.js';
import { oldTtl, startOldDaemon } from './bender-old.js';

export const holdFor = size(15_000, 3000);
export const everyMs = 1300;

export interface Held {
  /** `offline` events. */
  offline: number;
  perSecond: number;
  p99: number;
}

export async function holdBender(live: number): Promise<Held> {
  const daemon = await startDaemon({ args: ['--ttl', String(oldTtl)] });
  const watcher = await Watcher.open(daemon.port);
  const held = await hold(daemon, watcher, live);
  watcher.close();
  await daemon.stop();
  return held;
}

export async function holdBenderOld(live: number): Promise<Held> {
  const daemon = await startOldDaemon(oldTtl);
  const held = await hold(daemon, daemon.events, live);
  await daemon.stop();
  return held;
}

/** The first renewal of each registers it; offline events count only once all have come. */
async function hold(daemon: ServerProcess, events: Awaited, live: number): Promise<Held> {
  const counted = (type: string): number => events.counts.get(type) ?? 0;
  const fleet = renewEvery(everyMs, live, () => daemon, renewOld);
  await eventually(async () => counted('online') >= live);
  fleet.count();
  const before = counted('offline');
  await wait(holdFor);
  const offline = counted('offline') - before;
  const { perSecond, times } = await fleet.stop();
  return { offline, perSecond, p99: percentile(times, 99) };
}
