/** ms until a daemon that is started beside one with so many instances has all of them. */

import { longTtl, register } from '../helpers/instances.js';
import { renewOld } from '../helpers/messages.js';
import { eventually, startDaemon, status } from '../helpers/processes.js';
import { inParallel } from '../helpers/requests.js';
import { type OldDaemon, startOldDaemon } from './bender-old.js';
import { send } from './by-http.js';

export interface Filled {
  /** Starts a fresh one, and stops it again. */
  join(): Promise<number>;
  stop(): Promise<void>;
}

export async function fillBender(live: number): Promise<Filled> {
  const first = await startDaemon();
  await register(first.requests, live);
  const join = async (): Promise<number> => {
    const fresh = await startDaemon({ peers: [first.url] });
    const { counts } = await status(fresh);
    if (counts.registrations < live) throw new Error(`joined with ${counts.registrations} of ${live}`);
    await fresh.stop();
    return fresh.startedIn;
  };
  return { join, stop: () => first.stop() };
}

export async function fillBenderOld(live: number): Promise<Filled> {
  const first = await startOldDaemon(longTtl);
  await inParallel(live, 64, (index) => send(first.requests, renewOld(index)));
  const join = async (): Promise<number> => {
    const begun = performance.now();
    const fresh = await startOldDaemon(longTtl, [first]);
    await eventually(async () => onlineAt(fresh) >= live);
    const ms = performance.now() - begun;
    await fresh.stop();
    return ms;
  };
  return { join, stop: () => first.stop() };
}

const onlineAt = ({ events }: OldDaemon): number => events.counts.get('online') ?? 0;
