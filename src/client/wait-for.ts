/** Waiting until something holds of what is online. */

import { TimedOutError, UnreachableError } from '../model/errors.js';
import type { Registration } from '../model/registration.js';
import type { Client } from './client.js';
import type { EventFilter } from './events.js';
import { Picture } from './picture.js';
import { timeoutSignal } from './timers.js';

export interface WaitOptions {
  /** Milliseconds; then it throws. 0: it looks once. */
  timeoutMs: number;
  /** Told of what is online, at first and whenever that changes. */
  onProgress?: (registrations: Registration[]) => void;
}

/** Milliseconds that looking once may take. */
const onceMs = 5000;

/**
 * Settles with what is online as soon as `condition` holds of it. Goes on through lost daemons, and believes none that
 * is warming or stale. Throws TimedOutError; UnreachableError where no daemon had anything to say in all that time.
 *
 *     await waitFor(client, { app: 'web' }, (online) => online.length >= 3, { timeoutMs: 60_000 });
 */
export async function waitFor(
  client: Pick<Client, 'events'> & Partial<Pick<Client, 'servers'>>,
  filter: Omit<EventFilter, 'types'>,
  condition: (registrations: Registration[]) => boolean,
  { timeoutMs, onProgress }: WaitOptions,
): Promise<Registration[]> {
  const signal = timeoutSignal(timeoutMs || onceMs);
  const picture = new Picture();
  let isKnown = false;
  let trouble = ['no daemon has answered: tried', client.servers?.urls.join(', ')].join(' ').trim();
  const events = client.events(
    { ...filter, types: ['online', 'offline', 'updated'] },
    { signal, trusted: true, persistent: true, onDisconnect: ({ reason }) => (trouble = reason) },
  );
  for await (const { event } of events) {
    if (event.type === 'condition') continue;
    isKnown = true;
    picture.apply(event);
    const { registrations } = picture;
    if (condition(registrations)) return registrations;
    onProgress?.(registrations);
    if (timeoutMs === 0) break;
  }
  if (!isKnown) throw new UnreachableError(`within ${timeoutMs || onceMs} ms: ${trouble}`);
  throw new TimedOutError(`it was not so within ${timeoutMs} ms`);
}
