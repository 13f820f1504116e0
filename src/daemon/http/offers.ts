/**
 * Requests that offer an upgrade which is not taken. Some clients offer HTTP/2 with each request, and expect an answer.
 *
 * Node hands over the connection of such a request, and its parser would take nothing more of it. So the request is
 * written anew without the offer, and the connection begins again with it, with a parser of its own.
 */

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { readyEvent } from '../tls/listener.js';

/** Makes `server` read the request again without the offer, and then the rest of the connection. */
export function readmit(server: Server, request: IncomingMessage, rest: Buffer): void {
  const { socket } = request;
  if (socket.destroyed) return;
  socket.unshift(Buffer.concat([headOf(request), rest]));
  server.emit(readyEvent(server), socket satisfies Socket);
}

/** The line and the headers of a request as they came, without the offer. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at]!, rawHeaders[at + 1]!];
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value;
    if (kept !== '' && name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${kept}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** The names in a `Connection` header that are not part of the offer. */
const withoutUpgrade = (value: string): string =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !/^(upgrade|http2-settings)$/i.test(name))
    .join(', ');
