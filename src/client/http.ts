/**
 * One HTTP request to one server. node:http rather than fetch, whose first call costs a command a further
 * 15 ms of its start.
 */

import type { IncomingMessage, RequestOptions } from 'node:http';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { daemonHeader } from '../model/daemon.js';
import type { Caveats } from '../model/events.js';
import { idempotencyHeader } from '../model/idempotency.js';
import type { TlsCredentials } from '../model/tls-credentials.js';
import { caveatsIn } from './caveats.js';
import { clampTimeout } from './timers.js';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, encoded. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds until the whole answer must be there; for a stream, until its headers must be. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Whether it is for a daemon only: what anything else answers may be endless, and is not read. */
  ofDaemon?: boolean;
  /** For `https:`, what to trust and to show. */
  tls?: TlsCredentials | undefined;
}

export interface HttpAnswer {
  status: number;
  body: string;
  /** Whether the request was sent twice, on a new connection when the kept one was found closed. */
  resent?: boolean;
  /** Whether it says that it comes from a daemon. */
  isBender: boolean;
  /** Its media type, such as `text/html`. */
  type: string;
  /** Seconds after which the server wants to be asked again, if it said so. */
  retryAfter?: number;
  /** How far a daemon trusts its answer itself; empty: it does. */
  caveats: Caveats;
}

let plainAgent: http.Agent | undefined;
/** Connections are used again for the same credentials only. */
const tlsAgents = new WeakMap<TlsCredentials, http.Agent>();
const nothingSpecial: TlsCredentials = {};

/** Kept-alive connections, which do not keep an idle process alive. TLS is loaded by those who use it. */
async function transport(protocol: string, tls = nothingSpecial) {
  if (protocol === 'http:')
    return { request: http.request, agent: (plainAgent ??= new http.Agent({ keepAlive: true })) };
  const { default: https } = await import('node:https');
  let agent = tlsAgents.get(tls);
  if (!agent) tlsAgents.set(tls, (agent = new https.Agent({ keepAlive: true, minVersion: 'TLSv1.2', ...tls })));
  return { request: https.request, agent };
}

/** Sends `request` to the server at `base` and answers with the whole body. Rejects with Node's own errors. */
export async function exchange(base: string, request: HttpRequest): Promise<HttpAnswer> {
  return open(base, request, async (response, resent) => {
    const said = saidIn(response);
    const isRead = said.isBender || !request.ofDaemon;
    if (!isRead) response.destroy();
    const body = isRead ? await text(response) : '';
    return { status: response.statusCode!, body, ...(resent && { resent }), ...said };
  });
}

/** What the headers say. */
export const saidIn = (
  response: IncomingMessage,
): Pick<HttpAnswer, 'isBender' | 'type' | 'retryAfter' | 'caveats'> => ({
  caveats: caveatsIn(response.headers),
  isBender: response.headers[daemonHeader] !== undefined,
  type: (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
  ...retryAfterIn(response),
});

/** The dates that the header may carry instead are of no daemon. */
function retryAfterIn({ headers }: IncomingMessage): { retryAfter?: number } {
  const said = headers['retry-after'];
  return said !== undefined && /^\d{1,6}$/.test(said) ? { retryAfter: Number(said) } : {};
}

/** The same for an answer that goes on: settles when its headers are there. */
export async function openStream(base: string, request: HttpRequest): Promise<IncomingMessage> {
  return open(base, request, async (response) => response);
}

async function open<T>(
  base: string,
  request: HttpRequest,
  read: (response: IncomingMessage, resent: boolean) => Promise<T>,
  retried = false,
): Promise<T> {
  const url = new URL(base.replace(/\/$/, '') + request.path);
  const { request: start, agent } = await transport(url.protocol, request.tls);
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const options: RequestOptions = {
    method: request.method,
    agent,
    headers: {
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
      ...request.headers,
    },
    ...(request.signal && { signal: request.signal }),
  };

  let timer: NodeJS.Timeout | undefined;
  let late: Error | undefined;
  const outgoing = start(url, options);
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        late = new Error(`no answer within ${request.timeoutMs} ms`);
        outgoing.destroy(late);
      }, clampTimeout(request.timeoutMs));
      outgoing.once('error', reject);
      outgoing.once('response', (response) => void read(response, retried).then(resolve, reject));
      outgoing.end(body);
    });
  } catch (error) {
    // A server that closes a kept connection at the moment of its reuse has mostly not seen the request, but it may
    // have.
    const wasStale = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (wasStale && late === undefined && !retried && mayRepeat(request)) return open(base, request, read, true);
    throw late ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/** A POST may do something else the second time, unless it says that it is the same one. */
const mayRepeat = ({ method, headers = {} }: HttpRequest): boolean =>
  method !== 'POST' || headers[idempotencyHeader] !== undefined;

/** Whether a server may have seen a request that failed with `error`. */
export const mayHaveArrived = (error: unknown): boolean => !neverSent.test((error as NodeJS.ErrnoException).code ?? '');

/** Codes of connections that were never made: not found, not accepted, or with a certificate that is not trusted. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_TLS_.*|ERR_OSSL_.*|CERT_.*|.*_CERT_.*|UNABLE_TO_.*)$/;
