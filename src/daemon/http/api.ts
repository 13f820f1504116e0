/** The whole HTTP face of a daemon: what answers which request, and when none is answered at all. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import { peerPath } from '../peer/message-stream.js';
import { BrowserGuard } from './browser-guard.js';
import { catalogRoutes } from './catalog.js';
import { createDispatch } from './dispatch.js';
import { type EventStreamOptions, EventStreams, eventStreamDefaults } from './event-stream.js';
import { errorAnswer, errorBody } from './errors.js';
import { eventRoutes } from './events.js';
import { mountRoutes } from './express-router.js';
import { matchHotRoutes } from './hot-routes.js';
import { Listings } from './listings.js';
import { PeerEndpoint } from '../peer/peer-endpoint.js';
import { rawAnswer } from './raw-answer.js';
import { registrationRoutes } from './registrations.js';
import { send } from './send.js';
import { statusRoutes } from './status.js';

export interface Api {
  /** Ends the event streams, which would otherwise keep the server from closing. */
  close(): void;
  /** Ends the streams of peers, who are to be heard for longer. */
  hangUp(): void;
}

/** What may be different from the defaults. */
export interface ApiOptions {
  streams?: EventStreamOptions;
  /** Names by which this daemon is called, beside its addresses. */
  hosts?: readonly string[];
}

/**
 * Serves `registry` on a server and app of `createExpressServer`.
 *
 * While the daemon joins or leaves, connections of API clients are closed unanswered: clients fail over to
 * another daemon when a connection fails, many of them at nothing else. Peers and probes are always answered,
 * but right after a long pause: whatever had been waiting meanwhile is of another time.
 */
export function createApi(
  { app, server }: { app: Express; server: Server },
  registry: Registry,
  log: Log,
  { streams: streamOptions = eventStreamDefaults, hosts = [] }: ApiOptions = {},
): Api {
  const streams = new EventStreams(registry, log, streamOptions);
  const listings = new Listings(registry);
  const routes = [
    ...registrationRoutes(registry, listings),
    ...catalogRoutes(registry, listings),
    ...eventRoutes(streams),
    ...statusRoutes(registry),
  ];
  const dispatch = createDispatch(registry, log);
  const matchHot = matchHotRoutes(routes);
  const peers = new PeerEndpoint(registry, log);
  const guard = new BrowserGuard(hosts);
  const always = new Set(routes.filter((route) => route.always).map(({ path }) => path));
  mountRoutes(app, routes, dispatch, log);

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!registry.awake()) return void request.socket.destroy();
    const refusal = guard.refusal(request);
    if (refusal) return send(request, response, errorAnswer(refusal, log));
    const url = request.url!;
    if (url === peerPath) return peers.explain(request, response);
    if (registry.phase !== 'running' && !always.has(url.split('?', 1)[0]!))
      return void request.socket.destroy();
    const match = matchHot(request.method!, url);
    if (match) dispatch(match.route, match.params, request, response);
    else app(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (!registry.awake()) return void request.socket.destroy();
    const refusal = guard.upgradeRefusal(request);
    if (refusal) stream.end(rawAnswer(errorAnswer(refusal, log).status, errorBody(refusal, log)));
    else peers.open(request, head);
  });
  return { close: () => streams.close(), hangUp: () => peers.close() };
}
