/** Whether and at which host a port accepts connections. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenderError } from '../model/errors.js';
import { isLoopback } from '../model/loopback.js';
import { isOwnAddress } from '../model/outward-address.js';
import type { Address } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { exactly } from './durations.js';

type Where = Pick<Address, 'host' | 'port'>;

const pollMs = 50;

/** How long one attempt to connect may take: on this machine it takes no time. */
const attemptMs = 1000;

/** ms after which it is worth a word that nothing listens yet. */
const slowMs = 2000;

/** The host, and loopback: a host may not be able to reach itself by its public name. */
const hostsOf = ({ host }: Where): string[] => [...new Set([host, '127.0.0.1', '::1'])];

/** Throws if something accepts connections at the port before the program has started. */
export async function assertFree(where: Where): Promise<void> {
  const taken = await Promise.all(hostsOf(where).map((host) => accepts({ ...where, host }, 300)));
  const at = hostsOf(where).find((_, index) => taken[index]);
  if (at === undefined) return;
  throw new BenderError('INTERNAL', `something listens on ${hostPort({ ...where, host: at })} already: see --no-wait`);
}

/**
 * Settles once `where` accepts connections, at its host or at loopback, and returns at which host; undefined if `over`
 * aborts before. Rejects if it takes longer than `withinMs`. Calls `onSlow` once if it takes longer than 2 s.
 */
export async function untilReady(
  where: Where,
  withinMs: number,
  over: AbortSignal,
  onSlow: (what: string) => void = () => undefined,
): Promise<string | undefined> {
  const begun = performance.now();
  const deadline = begun + withinMs;
  let isSlow = false;
  while (!over.aborted && performance.now() < deadline) {
    const hosts = hostsOf(where);
    const timeout = Math.min(attemptMs, Math.max(1, deadline - performance.now()));
    const at = await Promise.any(
      hosts.map(async (host) =>
        (await accepts({ ...where, host }, timeout, over)) ? host : Promise.reject(new Error()),
      ),
    ).catch(() => undefined);
    if (at !== undefined) return at;
    if (!isSlow && performance.now() - begun > slowMs && !over.aborted) {
      isSlow = true;
      onSlow(`nothing listens on ${hostPort(where)} yet: waiting for ${exactly(withinMs)} (--ready-timeout)`);
    }
    await sleep(pollMs, undefined, { signal: over }).catch(() => undefined);
  }
  if (over.aborted) return undefined;
  throw new BenderError(
    'INTERNAL',
    `nothing listens on ${hostPort(where)} after ${exactly(withinMs)}: see --ready-timeout and --no-wait`,
  );
}

/**
 * Something accepts connections at `at`. Says what is wrong if callers, who are sent to `where`, reach nothing there.
 */
export async function misplaced(at: string, where: Where): Promise<string | undefined> {
  if (at === where.host || (await accepts(where, attemptMs))) return undefined;
  const here = hostPort({ ...where, host: at });
  const there = hostPort(where);
  return isLoopback(where.host) || isOwnAddress(where.host)
    ? `CMD listens on ${here} only; callers are sent to ${there}`
    : `CMD listens on ${here}; callers are sent to ${there}, which cannot be reached from here`;
}

/** Whether `where` accepts a connection within so many ms. */
export async function accepts({ host, port }: Where, withinMs: number, over?: AbortSignal): Promise<boolean> {
  const timeout = AbortSignal.timeout(withinMs);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: over ? AbortSignal.any([over, timeout]) : timeout });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
