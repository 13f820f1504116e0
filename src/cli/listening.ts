/** Waiting for a port to be served. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenderError } from '../model/errors.js';
import type { Address } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { exactly } from './durations.js';

type Where = Pick<Address, 'host' | 'port'>;

const pollMs = 50;

/** Settles once `where` accepts connections or `over` aborts; rejects where it takes longer than `withinMs`. */
export async function untilReady(where: Where, withinMs: number, over: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(withinMs);
  const listening = await untilListening(where, AbortSignal.any([over, timeout]));
  if (listening || over.aborted) return;
  throw new BenderError(
    'INTERNAL',
    `nothing listens on ${hostPort(where)} after ${exactly(withinMs)}: see --ready-timeout and --no-wait`,
  );
}

/**
 * Settles with true once something accepts connections at `port`, of `host` or of loopback (a host may not
 * be able to reach itself by its public name); with false once `signal` aborts.
 */
export async function untilListening({ host, port }: Where, signal: AbortSignal): Promise<boolean> {
  const found = new AbortController();
  const over = AbortSignal.any([signal, found.signal]);
  const hosts = new Set([host, '127.0.0.1', '::1']);
  try {
    return await Promise.race([...hosts].map((host) => untilAccepted(host, port, over)));
  } finally {
    found.abort();
  }
}

async function untilAccepted(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const socket = connect({ host, port });
    try {
      await once(socket, 'connect', { signal });
      return true;
    } catch {
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    } finally {
      socket.destroy();
    }
  }
  return false;
}
