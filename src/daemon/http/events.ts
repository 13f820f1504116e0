/** Watching. */

import { EventFilter } from './event-filter.js';
import type { EventStreams } from './event-streams.js';
import { route, type Route } from './route.js';

export function eventRoutes(streams: EventStreams): Route[] {
  return [
    route('GET', '/events', { reads: true }, ({ query, headers, address }) => {
      const parameters = query();
      // EventSource sends the header when it reconnects by itself; the parameter is for those who cannot set one.
      const header = headers['last-event-id'] as string | undefined;
      return streams.open({
        filter: new EventFilter(parameters),
        resumeFrom: header ?? parameters.get('lastEventId') ?? undefined,
        address,
      });
    }),
  ];
}
