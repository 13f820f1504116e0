/** Instances that renew on time, as a fleet of services does: each by itself, spread evenly. */

import type { ServerProcess } from './processes.js';
import { renew } from './messages.js';
import { Requests } from './requests.js';

/** ms between two checks of which registrations are due. */
const tick = 5;

export interface Renewed {
  renewals: number;
  perSecond: number;
  /** Answers other than 200 and 204, and requests without an answer. */
  refused: number;
  /** ms that each took. */
  times: number[];
}

/** Instances that are renewing. */
export interface Renewing {
  /** What was so far is not to be counted. */
  count(): void;
  stop(): Promise<Renewed>;
}

/**
 * Has instances 0 to `live` - 1 renew every so many ms, each always at the same daemon, until they are stopped. Like
 * services, none sends a renewal while it waits for another; they have connections of their own.
 */
export function renewEvery(
  everyMs: number,
  live: number,
  daemonOf: (index: number) => ServerProcess,
  message = renew,
): Renewing {
  const begun = performance.now();
  let countedFrom = begun;
  const pools = new Map<ServerProcess, Requests>();
  const requestsOf = (daemon: ServerProcess): Requests => {
    const pool = pools.get(daemon) ?? new Requests(daemon.port);
    pools.set(daemon, pool);
    return pool;
  };
  let times: number[] = [];
  const pending = new Map<number, Promise<void>>();
  let due = 0;
  let renewals = 0;
  let refused = 0;
  const one = async (index: number): Promise<void> => {
    const { method, path } = message(index);
    const at = performance.now();
    const answer = await requestsOf(daemonOf(index))
      .send(method, path)
      .catch(() => undefined);
    times.push(performance.now() - at);
    renewals++;
    if (answer?.status !== 204 && answer?.status !== 200) refused++;
    pending.delete(index);
  };
  const timer = setInterval(() => {
    const now = ((performance.now() - begun) / everyMs) * live;
    for (; due < now; due++) {
      const index = due % live;
      if (!pending.has(index)) pending.set(index, one(index));
    }
  }, tick);
  return {
    count: () => {
      countedFrom = performance.now();
      times = [];
      renewals = refused = 0;
    },
    stop: async () => {
      clearInterval(timer);
      const perSecond = (1000 * renewals) / (performance.now() - countedFrom);
      await Promise.all(pending.values());
      for (const pool of pools.values()) pool.close();
      return { renewals, perSecond, refused, times };
    },
  };
}
