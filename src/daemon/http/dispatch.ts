/** The part that all routes share, however their path was matched: body, readiness, errors. */

import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { NotReadyError } from '../../model/errors.js';
import type { Caveats } from '../../model/events.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/log.js';
import type { Caller } from './auth/caller.js';
import type { Gate } from './auth/gate.js';
import { limits } from '../../model/limits.js';
import { type Bodies, mayHaveBody, readBody, readJson } from './body.js';
import { errorAnswer } from './errors.js';
import type { Pressure } from './pressure.js';
import type { RateQuota } from './quotas/rate-quota.js';
import type { ApiRequest, Complete, Reply, Route } from './route.js';
import { respond } from './send.js';
import type { UnreadAnswers } from './unread-answers.js';

export type Dispatch = (
  route: Route,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
) => void;

interface DispatchContext {
  gate: Gate;
  rates: RateQuota;
  pressure: Pressure;
  bodies: Bodies;
  unread: UnreadAnswers;
}

/** Answers at once if the reply is known: a promise costs as much as some handlers. */
export function createDispatch(
  registry: Registry,
  log: Log,
  { gate, rates, pressure, bodies, unread }: DispatchContext,
): Dispatch {
  const marked = (reply: Reply): Reply => {
    if ('late' in reply) return reply;
    const { warming, stale } = registry.caveats;
    return warming || stale ? { ...reply, headers: { ...reply.headers, ...marks(registry.caveats) } } : reply;
  };
  // That something does not exist may be wrong as well, so errors are marked, too.
  const markedFailure = (error: unknown, message: IncomingMessage): Reply => marked(errorAnswer(error, log, message));
  const handle = (route: Route, request: ApiRequest, message: IncomingMessage): Reply | Promise<Reply> => {
    if (!route.reads && !route.marked) return route.handle(request);
    try {
      const reply = route.handle(request);
      return reply instanceof Promise ? reply.then(marked, (error) => markedFailure(error, message)) : marked(reply);
    } catch (error) {
      return markedFailure(error, message);
    }
  };
  const produce = (
    route: Route,
    params: Readonly<Record<string, string>>,
    message: IncomingMessage,
  ): Reply | Promise<Reply> => {
    const caller = gate.enter(route.access, message, params);
    const hasBody = takesBody(route) && mayHaveBody(message);
    const isUrgent = route.urgent === 'without-body' ? !hasBody : route.urgent;
    pressure.admit(isUrgent, message);
    // Probes are answered whatever others do.
    if (route.access.need !== 'nothing') rates.admitRequest(caller, isUrgent, message.socket);
    if (hasBody)
      return (route.raw ? readBody(message, limits.body, bodies) : readJson(message, bodies)).then((body) => {
        gate.enterWith(body, route.access, caller, message);
        return handle(route, new Received(params, message, body, caller, gate, pressure), message);
      });
    if (route.reads && !registry.synced)
      throw new NotReadyError('this daemon has not heard from its cluster yet: ask again, or another one');
    const reply = handle(route, new Received(params, message, undefined, caller, gate, pressure), message);
    if (caller === undefined) return reply;
    // What stays open is to end with its token.
    const noted = (reply: Reply): Reply => {
      if ('stream' in reply || 'late' in reply) gate.endWith(caller, message.socket);
      return reply;
    };
    return reply instanceof Promise ? reply.then(noted) : noted(reply);
  };
  return (route, params, request, response) => {
    const complete = (reply: Reply): Complete | Promise<Complete> =>
      'late' in reply
        ? reply.late(response).then((answer) => unread.hold(answer, response))
        : unread.hold(reply, response);
    respond(request, response, log, () => {
      const reply = produce(route, params, request);
      if (!(reply instanceof Promise)) return complete(reply);
      pressure.count(reply);
      return reply.then(complete);
    });
  };
}

/** A request whose parts are computed on demand: most handlers need few. */
class Received implements ApiRequest {
  constructor(
    readonly params: Readonly<Record<string, string>>,
    private readonly message: IncomingMessage,
    readonly body: unknown,
    readonly caller: Caller | undefined,
    private readonly gate: Gate,
    private readonly pressure: Pressure,
  ) {}

  get permit(): (app: string | undefined) => void {
    const { caller } = this;
    return caller ? (app) => this.gate.requireApp(app, caller, this.message) : () => {};
  }

  get admitChange(): () => void {
    return () => this.pressure.admit(false, this.message);
  }

  get query(): () => URLSearchParams {
    return () => parametersOf(this.message.url!);
  }

  get headers(): IncomingHttpHeaders {
    return this.message.headers;
  }

  get address(): string {
    return this.message.socket.remoteAddress ?? '';
  }
}

const none = new URLSearchParams();

/** Most have none, and that is to cost nothing. */
function parametersOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return mark < 0 ? none : new URLSearchParams(url.slice(mark + 1));
}

const takesBody = ({ method }: Route): boolean => method === 'POST' || method === 'PUT';

/** The headers with the daemon's caveats: registrations may be missing, or may be gone in fact. */
const marks = ({ warming, stale }: Caveats): OutgoingHttpHeaders => ({
  ...(warming && { 'x-bender-warming': 'true' }),
  ...(stale && { 'x-bender-stale': 'true' }),
});
