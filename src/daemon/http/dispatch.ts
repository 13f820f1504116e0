/** What every route has in common, however its path was matched: body, readiness, errors. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { NotReadyError } from '../../model/errors.js';
import type { Caveats } from '../../model/events.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import { readJson } from './body.js';
import type { Route } from './route.js';
import { respond } from './send.js';

export type Dispatch = (
  route: Route,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

export function createDispatch(registry: Registry, log: Log): Dispatch {
  return (route, params, request, response) =>
    respond(request, response, log, async () => {
      if (route.reads && !registry.synced)
        throw new NotReadyError('this daemon has not heard from its cluster yet: ask again, or another one');
      const takesBody = route.method === 'POST' || route.method === 'PUT';
      const body = takesBody ? await readJson(request) : undefined;
      const query = (): URLSearchParams => new URLSearchParams(/\?(.*)$/.exec(request.url!)?.[1]);
      const reply = await route.handle({ params, query, headers: request.headers, body });
      return route.reads ? { ...reply, headers: { ...reply.headers, ...marks(registry.caveats) } } : reply;
    });
}

/** What those should know who would act on an absence: something may be missing yet, or be there no more. */
const marks = ({ warming, stale }: Caveats): OutgoingHttpHeaders => ({
  ...(warming && { 'x-bender-warming': 'true' }),
  ...(stale && { 'x-bender-stale': 'true' }),
});
