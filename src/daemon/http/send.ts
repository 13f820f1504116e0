/** Putting a reply on the wire. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../core/runtime.js';
import { errorAnswer } from './errors.js';
import type { Answer, Reply } from './route.js';

/** Sends what `produce` comes to, or the error that it fails with. Never rejects. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
  produce: () => Reply | Promise<Reply>,
): Promise<void> {
  try {
    send(request, response, await produce());
  } catch (error) {
    // Who has gone needs no answer, and its breaking off is no bug of ours.
    if (request.socket.destroyed) return;
    send(request, response, errorAnswer(error, log));
  }
}

/** Sends a reply that is there already. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (!('stream' in reply)) return sendAnswer(response, reply);
  response.writeHead(200, reply.headers);
  if (request.method === 'HEAD') response.end();
  else reply.stream(response);
}

function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  // Node sends a string in one piece with the headers, which a Buffer costs a second one.
  const content = Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    'content-length': Buffer.byteLength(content),
  });
  response.end(content);
}
