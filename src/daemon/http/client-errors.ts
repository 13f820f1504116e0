/**
 * Answers what Node itself refuses before there is a request (malformed, too large, too slow) with a body like that of
 * every other error.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from '../../model/errors.js';
import type { Log } from '../core/log.js';
import { readyEvent } from '../tls/listener.js';
import { connectionOf } from './connection.js';
import { rawAnswer } from './raw-answer.js';

type Refusal = [status: number, body: ErrorBody];

const malformed: Refusal = [400, { code: 'INVALID', message: 'this is no HTTP request that can be understood' }];

/** By the code of Node's error. */
const refusals: Partial<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [431, { code: 'TOO_LARGE', message: 'the path and the headers must have at most 16 KiB' }],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, { code: 'TOO_LARGE', message: 'the extensions of a chunk are too long' }],
  ERR_HTTP_REQUEST_TIMEOUT: [408, { code: 'TIMED_OUT', message: 'the request did not come whole in time' }],
};

/**
 * Answers these errors after all earlier requests of the same connection, and closes it. A broken body is answered in
 * place of its request, unless the request needs no body: then its handler has answered it.
 */
export function answerClientErrors(server: Server, log: Pick<Log, 'warn'>): void {
  const isSecure = readyEvent(server) === 'secureConnection';
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const answer = (): void => {
      if (socket.writable) socket.end(rawAnswer(...(refusals[error.code ?? ''] ?? malformed)));
      socket.destroySoon();
    };
    if (error.code === 'ECONNRESET') return void socket.destroy();
    const connection = connectionOf(socket);
    if (!connection && isSecure) return refuseHandshake(error, socket, log);
    if (!connection) return answer();
    connection.stopReading();
    connection.afterWholeRequests(answer);
  });
}

/** Nothing can be written to a connection without its keys. Those that are only cut off were cut off above. */
function refuseHandshake({ code, message }: NodeJS.ErrnoException, socket: Socket, log: Pick<Log, 'warn'>): void {
  log.warn({ address: socket.remoteAddress, reason: code ?? message }, 'a TLS handshake failed');
  socket.destroy();
}
