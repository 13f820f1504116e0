/** Answers that are written without a response object of Node: to upgrades, and to malformed requests. */

import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from '../../model/errors.js';
import { safetyHeaders } from './safety-headers.js';

/** ms for which a client may hold a connection that was answered for the last time. */
const heldForMs = 2000;

/**
 * Writes an error as the last answer of a connection that Node has handed over, and closes it, also if its client does
 * not.
 */
export function endWith(socket: Socket, status: number, body: ErrorBody, more?: OutgoingHttpHeaders): void {
  socket.end(rawAnswer(status, body, more));
  // Otherwise the end of what the client sends is never seen.
  socket.resume();
  setTimeout(() => socket.destroy(), heldForMs).unref();
}

/** An error as the last answer of its connection. */
export function rawAnswer(status: number, body: ErrorBody, more: OutgoingHttpHeaders = {}): string {
  const json = JSON.stringify(body);
  const headers = {
    ...more,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
    connection: 'close',
    ...safetyHeaders,
  };
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
    '',
    json,
  ].join('\r\n');
}
