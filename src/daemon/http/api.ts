/** The whole HTTP face of a daemon: what answers which request, and when none is answered at all. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { type DnsStatus, type LoadStatus, noRoute, type TlsStatus } from '../../model/daemon.js';
import { printable } from '../../model/printable.js';
import { type BenderError, type ErrorBody, NotFoundError } from '../../model/errors.js';
import type { Registry } from '../core/registry.js';
import type { Log, Logs } from '../core/log.js';
import { peerPath } from '../peer/message-stream.js';
import { type Anonymous, Gate, type TokenSource } from './auth/gate.js';
import { BrowserGuard } from './browser-guard.js';
import { Callers } from './callers.js';
import { catalogRoutes } from './catalog.js';
import { Bodies } from './body.js';
import { answerClientErrors } from './client-errors.js';
import { connectionOf } from './connection.js';
import { ConnectionLimits } from './connection-limits.js';
import { Contents } from './contents.js';
import { createDispatch } from './dispatch.js';
import { errorAnswer, errorBody } from './errors.js';
import { type EventStreamOptions, EventStreams, eventStreamDefaults } from './event-streams.js';
import { type Handle, Intake } from './intake.js';
import { LoadCounters } from './load-counters.js';
import { loadLimitDefaults, type LoadLimits } from './load-limits.js';
import { Pressure } from './pressure.js';
import { UnreadAnswers } from './unread-answers.js';
import { Watchers } from './watchers.js';
import { eventRoutes } from './events.js';
import { explainRoutes } from './explain.js';
import { mountRoutes } from './express-router.js';
import { readmit } from './offers.js';
import { matchHotRoutes } from './hot-routes.js';
import { leaseRoutes } from './leases.js';
import { Listings } from './listings.js';
import { PeerTraffic } from '../peer/peer-traffic.js';
import { PeerEndpoint } from '../peer/peer-endpoint.js';
import { endWith } from './raw-answer.js';
import { registrar, registrationRoutes } from './registrations.js';
import { Repeats } from './repeats.js';
import { RateQuota } from './quotas/rate-quota.js';
import { RegistrationQuota } from './quotas/registration-quota.js';
import { send } from './send.js';
import { statusMaker, statusRoutes } from './status.js';
import { SurfaceCounts } from '../surfaces/counts.js';
import { surfaces } from '../surfaces/list.js';
import { surfaceRoutes } from '../surfaces/routes.js';
import { whoAmIRoutes } from './whoami.js';
import { toDashboard, wantsDashboard } from '../surfaces/ui/surface.js';

export interface Api {
  /** Ends the event streams, which would otherwise keep the server from closing. */
  close(): void;
  /** How many event streams are open. */
  readonly watchers: number;
  readonly surfaceCounts: SurfaceCounts;
  /** Ends the streams of peers, which stay open for longer than those of clients. */
  hangUp(reason: string): void;
}

/** What may be different from the defaults. */
export interface ApiOptions {
  limits?: LoadLimits;
  streams?: EventStreamOptions;
  /** Names by which this daemon is called, beside its addresses. */
  hosts?: readonly string[];
  /** The URL that it listens at, for its status. */
  listening?: string;
  /** Whether every program that reaches it may do everything, for its status. */
  insecure?: boolean;
  /** The tokens that grant access; undefined: every caller may do everything. */
  tokens?: TokenSource | undefined;
  /** What callers without a token may do, if there are tokens; default `none`. */
  anonymous?: Anonymous;
  /** Whether peers show a certificate, with the name that they go by, in the place of a token. */
  mutual?: boolean;
  /** A server of its own for peers; undefined: they use that of clients. */
  peerServer?: Server | undefined;
  /** What passes between this daemon and its peers. */
  traffic?: PeerTraffic;
  /** The names of surfaces that are switched off. */
  without?: readonly string[];
  /** What there is to say of TLS, for the status. */
  tls?: (() => TlsStatus) | undefined;
  /** Where it answers DNS, for the status; undefined while it does not. */
  dns?: () => DnsStatus | undefined;
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
  { http: log, peers: peerLog }: Pick<Logs, 'http' | 'peers'>,
  {
    limits = loadLimitDefaults,
    streams: streamOptions = eventStreamDefaults,
    hosts = [],
    listening,
    insecure = false,
    tokens,
    anonymous = 'none',
    mutual = false,
    peerServer,
    without = [],
    traffic = new PeerTraffic(),
    tls,
    dns = () => undefined,
  }: ApiOptions = {},
): Api {
  const counters = new LoadCounters(log);
  const pressure = new Pressure(counters);
  const connections = new ConnectionLimits(server, limits.connections, counters);
  const contents = new Contents();
  const listings = new Listings(registry, contents);
  const unread = new UnreadAnswers(counters);
  const watchers = new Watchers(new Callers(limits.watchers), counters);
  const leaving = new AbortController();
  const streams = new EventStreams(registry, log, { listings, counters, unread, watchers }, streamOptions);
  const load = (): LoadStatus => ({
    overloaded: pressure.overloaded,
    connections: connections.total,
    watchers: watchers.total,
    refused: counters.counts,
  });
  const repeats = new Repeats();
  const rates = new RateQuota(limits, counters);
  const surfaceCounts = new SurfaceCounts();
  const status = statusMaker(registry, { load, listening, insecure, tls, dns });
  const register = registrar(registry, new RegistrationQuota(registry, limits, counters));
  const routes = [
    ...registrationRoutes(registry, listings, repeats, register),
    ...catalogRoutes(registry, { listings, contents }, (request) => rates.admitCatalogWrite(request)),
    ...explainRoutes(registry),
    ...leaseRoutes(registry),
    ...whoAmIRoutes(tokens !== undefined),
    ...eventRoutes(streams),
    ...statusRoutes(registry, repeats, status),
    ...surfaceRoutes(
      surfaces.filter(({ name }) => !without.includes(name)),
      {
        ...{ registry, register, watchers, leaving: leaving.signal, contents, counts: surfaceCounts, log },
        vitals: { status, traffic, counts: surfaceCounts },
      },
    ),
  ];
  const gate = new Gate(tokens, anonymous, log, counters, limits.wrongTokens);
  const dispatch = createDispatch(registry, log, {
    gate,
    rates,
    pressure,
    bodies: new Bodies(counters),
    unread,
  });
  const matchHot = matchHotRoutes(routes);
  const peers = new PeerEndpoint(registry, peerLog, gate, mutual, traffic);
  const guard = new BrowserGuard(hosts);
  const hasDashboard = !without.includes('ui');
  const always = new Set(routes.filter((route) => route.always).map(({ path }) => path));
  mountRoutes(app, routes, dispatch, log);

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (!registry.awake()) return void request.socket.destroy();
    const refusal = guard.refusal(request);
    if (refusal) return send(request, response, errorAnswer(refusal, log, request));
    const url = request.url!;
    if (url === peerPath && !peerServer) return peers.explain(request, response);
    if (registry.phase !== 'running' && !always.has(url.split('?', 1)[0]!)) return void request.socket.destroy();
    const overLimit = connections.refusal(request.socket);
    if (overLimit) return refuse(request, response, overLimit, log);
    if (hasDashboard && wantsDashboard(request)) return send(request, response, toDashboard);
    const match = matchHot(request.method!, url);
    if (match) dispatch(match.route, match.params, request, response);
    else app(request, response);
  };
  /** All that the port of peers answers, if they have one of their own. */
  const handlePeer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!registry.awake()) return void request.socket.destroy();
    if (request.url === peerPath) return peers.explain(request, response);
    const path = printable(request.url!.split('?', 1)[0]!);
    send(request, response, errorAnswer(new NotFoundError(`${noRoute}${path}: this port is for daemons`), log));
  };
  const serveOn = (door: Server, answer: Handle, forPeers: boolean): void => {
    new Intake(door, answer, {
      onWaited: (ms) => pressure.waited(ms),
      onTooMuch: (socket) => {
        counters.count('bodies', socket.remoteAddress);
        socket.destroy();
      },
    });
    answerClientErrors(door, log);
    door.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      send(request, response, { status: 417, headers: { connection: 'close' }, body: onlyContinue }),
    );
    door.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      takeFrom(stream as Socket, head, (rest) => {
        if (request.url !== peerPath || !forPeers) return readmit(door, request, rest);
        if (!registry.awake()) return void request.socket.destroy();
        const refusal = guard.upgradeRefusal(request);
        if (refusal) endWith(request.socket, errorAnswer(refusal, log).status, errorBody(refusal, log));
        else peers.open(request, rest);
      });
    });
    door.on('connect', (_: IncomingMessage, stream: Duplex, head: Buffer) => {
      takeFrom(stream as Socket, head, () => endWith(stream as Socket, 405, noProxy));
    });
  };
  serveOn(server, handle, peerServer === undefined);
  if (peerServer) {
    new ConnectionLimits(peerServer, limits.connections, counters);
    serveOn(peerServer, handlePeer, true);
  }
  return {
    close: () => {
      streams.close();
      leaving.abort();
      gate.close();
    },
    hangUp: (reason) => peers.hangUp(reason),
    surfaceCounts,
    get watchers() {
      return watchers.total;
    },
  };
}

const onlyContinue: ErrorBody = { code: 'INVALID', message: "'Expect' must be '100-continue'" };

const noProxy: ErrorBody = {
  code: 'METHOD_NOT_ALLOWED',
  message: 'this is no proxy: it does not take CONNECT',
};

function destroySelf(this: Socket): void {
  this.destroy();
}

/**
 * Calls `take` with what was read of a connection that Node has handed over, once the answers to what came before are
 * written.
 */
function takeFrom(socket: Socket, head: Buffer, take: (rest: Buffer) => void): void {
  // Node listens no longer.
  if (!socket.listeners('error').includes(destroySelf)) socket.on('error', destroySelf);
  const connection = connectionOf(socket);
  if (!connection) return take(head);
  const rest = Buffer.concat([head, connection.release()]);
  connection.afterAnswers(() => take(rest));
}

/** Answers a request of a connection that is one too many, and closes it. */
function refuse(request: IncomingMessage, response: ServerResponse, error: BenderError, log: Log): void {
  const { headers, ...answer } = errorAnswer(error, log, request);
  send(request, response, { ...answer, headers: { ...headers, connection: 'close' } });
}
