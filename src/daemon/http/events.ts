/** Watching. */

import { EventFilter } from './event-filter.js';
import type { EventStreams } from './event-stream.js';
import { route, type Route } from './route.js';

export function eventRoutes(streams: EventStreams): Route[] {
  return [
    route('GET', '/events', { reads: true }, ({ query, headers }) => {
      const parameters = query();
      // EventSource sends the header when it reconnects by itself; the parameter is for those who cannot set one.
      const header = headers['last-event-id'] as string | undefined;
      return streams.open(new EventFilter(parameters), header ?? parameters.get('lastEventId') ?? undefined);
    }),
  ];
}
