/** Waits until the registrations that are online meet a condition. */

import { TimedOutError, UnreachableError } from '../model/errors.js';
import type { Registration } from '../model/registration.js';
import type { Client } from './client.js';
import type { EventFilter } from './events.js';
import { Picture } from './picture.js';
import { timeoutSignal } from './timers.js';
import { call } from './warnings.js';

export interface WaitOptions {
  /** Milliseconds until it throws. 0: it checks once. */
  timeoutMs: number;
  /** Ends the wait: `waitFor` throws its reason. */
  signal?: AbortSignal | undefined;
  /** Called with the registrations that are online, at first and whenever they change. */
  onProgress?: ((registrations: Registration[]) => void) | undefined;
}

/** The timeout of a single check. */
const onceMs = 5000;

/**
 * Resolves with the registrations that are online as soon as `condition` is true for them. It survives the loss of
 * daemons, and trusts none that is warming or stale. Throws TimedOutError; UnreachableError if no daemon could be used
 * in all that time.
 *
 *     await waitFor(client, { app: 'web' }, (online) => online.length >= 3, { timeoutMs: 60_000 });
 */
export async function waitFor(
  client: Pick<Client, 'events'> & Partial<Pick<Client, 'servers'>>,
  filter: Omit<EventFilter, 'types'>,
  condition: (registrations: Registration[]) => boolean,
  { timeoutMs, onProgress, signal: ended }: WaitOptions,
): Promise<Registration[]> {
  ended?.throwIfAborted();
  const over = new AbortController();
  const end = (): void => over.abort();
  timeoutSignal(timeoutMs || onceMs).addEventListener('abort', end);
  ended?.addEventListener('abort', end, { once: true, signal: over.signal });
  const { signal } = over;
  const picture = new Picture();
  let isKnown = false;
  let trouble = ['no daemon has answered: tried', client.servers?.urls.join(', ')].join(' ').trim();
  const events = client.events(
    { ...filter, types: ['online', 'offline', 'updated'] },
    { signal, trusted: true, persistent: true, onDisconnect: ({ reason }) => (trouble = reason) },
  );
  try {
    for await (const { event } of events) {
      if (event.type === 'condition') continue;
      isKnown = true;
      picture.apply(event);
      const { registrations } = picture;
      if (condition(registrations)) return registrations;
      call(() => onProgress?.(registrations));
      if (timeoutMs === 0) break;
    }
  } finally {
    over.abort();
  }
  ended?.throwIfAborted();
  if (!isKnown) throw new UnreachableError(`within ${timeoutMs || onceMs} ms: ${trouble}`);
  throw new TimedOutError(`it was not so within ${timeoutMs} ms`);
}
