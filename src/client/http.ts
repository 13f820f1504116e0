/** One HTTP request to one server. It uses node:http rather than fetch, whose first call would cost a command 15 ms. */

import type { IncomingMessage, RequestOptions } from 'node:http';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { daemonHeader } from '../model/daemon.js';
import { idempotencyHeader } from '../model/idempotency.js';
import type { TlsCredentials } from '../model/tls-credentials.js';
import { caveatsIn } from './caveats.js';
import type { HttpAnswer, HttpRequest } from './http-messages.js';
import { clampTimeout } from './timers.js';

let plainAgent: http.Agent | undefined;
/** Connections are reused only for the same credentials. */
const tlsAgents = new WeakMap<TlsCredentials, http.Agent>();
const nothingSpecial: TlsCredentials = {};

/** Kept-alive connections, which do not keep an idle process running. TLS is loaded on demand. */
async function transport(protocol: string, tls = nothingSpecial) {
  if (protocol === 'http:')
    return { request: http.request, agent: (plainAgent ??= new http.Agent({ keepAlive: true })) };
  const { default: https } = await import('node:https');
  let agent = tlsAgents.get(tls);
  if (!agent) tlsAgents.set(tls, (agent = new https.Agent({ keepAlive: true, minVersion: 'TLSv1.2', ...tls })));
  return { request: https.request, agent };
}

/** Sends `request` to the server at `base` and resolves with the whole response. Rejects with Node's own errors. */
export async function exchange(base: string, request: HttpRequest): Promise<HttpAnswer> {
  return open(base, request, async (response, resent) => {
    const said = saidIn(response);
    const isRead = said.isBender || !request.ofDaemon;
    if (!isRead) response.destroy();
    const body = isRead ? await text(response) : '';
    return { status: response.statusCode!, body, ...(resent && { resent }), ...said };
  });
}

/** Reads the headers. */
export const saidIn = (
  response: IncomingMessage,
): Pick<HttpAnswer, 'isBender' | 'type' | 'retryAfter' | 'caveats'> => ({
  caveats: caveatsIn(response.headers),
  isBender: response.headers[daemonHeader] !== undefined,
  type: (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
  ...retryAfterIn(response),
});

/** Daemons send seconds, never the dates that the header may also have. */
function retryAfterIn({ headers }: IncomingMessage): { retryAfter?: number } {
  const said = headers['retry-after'];
  return said !== undefined && /^\d{1,6}$/.test(said) ? { retryAfter: Number(said) } : {};
}

/** The same for a stream: resolves when its headers have arrived. */
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
    // A server that closes a kept connection at the moment of its reuse has usually not seen the request, but it may
    // have.
    const wasStale = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (wasStale && late === undefined && !retried && mayRepeat(request)) return open(base, request, read, true);
    throw late ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a request may be repeated: a POST only with an idempotency key. */
const mayRepeat = ({ method, headers = {} }: HttpRequest): boolean =>
  method !== 'POST' || headers[idempotencyHeader] !== undefined;

/** Whether a server may have seen a request that failed with `error`. */
export const mayHaveArrived = (error: unknown): boolean => !neverSent.test((error as NodeJS.ErrnoException).code ?? '');

/** Codes of connections that were not established: not found, refused, or with a certificate that is not trusted. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_TLS_.*|ERR_OSSL_.*|CERT_.*|.*_CERT_.*|UNABLE_TO_.*)$/;
