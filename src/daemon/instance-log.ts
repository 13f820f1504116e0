/** Logs each event of an instance in one line, at level debug. */

import type { EventLog } from './core/events/event-log.js';
import type { Log } from './core/log.js';

/** Logs the events from now on. */
export function logInstances(events: Pick<EventLog, 'subscribe'>, log: Pick<Log, 'debug'>): void {
  events.subscribe(({ event }) => {
    if (!('registration' in event)) return;
    const { id, instance } = event.registration;
    const reason = 'reason' in event ? { reason: event.reason } : {};
    log.debug({ id, instance, ...reason }, event.type);
  });
}
