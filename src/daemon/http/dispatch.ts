/** What every route has in common, however its path was matched: body, readiness, errors. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { NotReadyError } from '../../model/errors.js';
import type { Caveats } from '../../model/events.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import { mayHaveBody, readJson } from './body.js';
import type { Reply, Route } from './route.js';
import { respond } from './send.js';

export type Dispatch = (
  route: Route,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/** What is known at once is answered at once: a promise costs as much as some handlers. */
export function createDispatch(registry: Registry, log: Log): Dispatch {
  return (route, params, request, response) => {
    const handle = (body: unknown): Reply | Promise<Reply> => {
      const query = (): URLSearchParams => parametersOf(request.url!);
      const { headers, socket } = request;
      return route.handle({ params, query, headers, address: socket.remoteAddress ?? '', body });
    };
    const produce = (): Reply | Promise<Reply> => {
      if (!route.reads)
        return takesBody(route) && mayHaveBody(request) ? readJson(request).then(handle) : handle(undefined);
      if (!registry.synced)
        throw new NotReadyError('this daemon has not heard from its cluster yet: ask again, or another one');
      const reply = handle(undefined);
      return reply instanceof Promise ? reply.then(marked) : marked(reply);
    };
    const marked = (reply: Reply): Reply => {
      const { warming, stale } = registry.caveats;
      return warming || stale
        ? { ...reply, headers: { ...reply.headers, ...marks(registry.caveats) } }
        : reply;
    };
    respond(request, response, log, produce);
  };
}

const none = new URLSearchParams();

/** Most have none, and that is to cost nothing. */
function parametersOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return mark < 0 ? none : new URLSearchParams(url.slice(mark + 1));
}

const takesBody = ({ method }: Route): boolean => method === 'POST' || method === 'PUT';

/** What those should know who would act on an absence: something may be missing yet, or be there no more. */
const marks = ({ warming, stale }: Caveats): OutgoingHttpHeaders => ({
  ...(warming && { 'x-bender-warming': 'true' }),
  ...(stale && { 'x-bender-stale': 'true' }),
});
