/** Waiting until something holds of what is online. */

import { TimedOutError, UnreachableError } from '../model/errors.js';
import type { Registration } from '../model/registration.js';
import type { Client } from './client.js';
import type { EventFilter } from './events.js';
import { Picture } from './picture.js';
import { timeoutSignal } from './timers.js';

export interface WaitOptions {
  /** Milliseconds; then it throws. */
  timeoutMs: number;
  /** Told of what is online, at first and whenever that changes. */
  onProgress?: (registrations: Registration[]) => void;
}

/**
 * Settles with what is online as soon as `condition` holds of it. Goes on through lost daemons, and believes none that
 * is warming or stale. Throws TimedOutError; UnreachableError where no daemon had anything to say in all that time.
 *
 *     await waitFor(client, { app: 'web' }, (online) => online.length >= 3, { timeoutMs: 60_000 });
 */
export async function waitFor(
  client: Pick<Client, 'events'>,
  filter: Omit<EventFilter, 'types'>,
  condition: (registrations: Registration[]) => boolean,
  { timeoutMs, onProgress }: WaitOptions,
): Promise<Registration[]> {
  const signal = timeoutSignal(timeoutMs);
  const picture = new Picture();
  let isKnown = false;
  const events = client.events(
    { ...filter, types: ['online', 'offline', 'updated'] },
    { signal, trusted: true, persistent: true },
  );
  for await (const { event } of events) {
    if (event.type === 'condition') continue;
    isKnown = true;
    picture.apply(event);
    const { registrations } = picture;
    if (condition(registrations)) return registrations;
    onProgress?.(registrations);
  }
  if (!isKnown) throw new UnreachableError(`no daemon that is ready could be reached within ${timeoutMs} ms`);
  throw new TimedOutError(`it was not so within ${timeoutMs} ms`);
}
