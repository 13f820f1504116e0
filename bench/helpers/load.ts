/** Load on one server from a process of its own, and what the server had to do for it. */

import { autocannonLoad } from './autocannon.js';
import { seconds as perSide, short } from './options.js';
import type { Message } from './requests.js';
import { cpuSeconds } from './usage.js';
import { haveWrk, wrk } from './wrk.js';

/** Of one side in one round. */
export interface Throughput {
  perSecond: number;
  /** µs of CPU that the server took for one request; NaN where that is not known. */
  cpu: number;
  p99: number;
}

/** A server under load. */
interface Loaded {
  port: number;
  pid: number;
  overTls?: boolean | undefined;
}

export const generate = haveWrk() ? wrk : autocannonLoad;
export const generator = generate === wrk ? 'wrk' : 'autocannon';

/** Throws where a request failed: a figure for errors is none. */
export async function underLoad(
  { port, pid, overTls }: Loaded,
  messages: readonly Message[],
  seconds = perSide,
): Promise<Throughput> {
  const before = cpuSeconds(pid);
  const { requests, perSecond, p99, refused, broken } = await generate({ port, overTls, messages, seconds });
  if (refused > 0 || broken > 0) throw new Error(`${refused} requests were refused, ${broken} had no answer`);
  return { perSecond, p99, cpu: (1e6 * (cpuSeconds(pid) - before)) / requests };
}

/** So that what is measured afterwards is compiled and has its connections to others. */
export async function warmUp(server: Loaded, messages: readonly Message[]): Promise<void> {
  if (!short) await underLoad(server, messages, 1);
}
