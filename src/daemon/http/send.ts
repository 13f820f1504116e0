/**
 * Putting a reply on the wire.
 *
 * What is answered in one turn of the event loop leaves at its end, back to back, after what the turn has changed was
 * committed. Each write wakes whoever waits at the other end, which takes longer than most answers do; when several
 * are written in a row, those who read them (and peers on the same machine) are mostly awake already.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../core/runtime.js';
import { Content } from './content.js';
import { errorAnswer } from './errors.js';
import type { Answer, Reply } from './route.js';

/** Sends what `produce` comes to, or the error that it fails with. Never throws. */
export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
  produce: () => Reply | Promise<Reply>,
): void {
  const fail = (error: unknown): void => {
    // Who has gone needs no answer, and its breaking off is no bug of ours.
    if (!request.socket.destroyed) send(request, response, errorAnswer(error, log));
  };
  try {
    const reply = produce();
    if (reply instanceof Promise) reply.then((late) => send(request, response, late)).catch(fail);
    else send(request, response, reply);
  } catch (error) {
    fail(error);
  }
}

/** Sends a reply that is there already. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (!('stream' in reply)) {
    if (waiting.push({ response, answer: reply }) === 1) setImmediate(sendWaiting);
    return;
  }
  response.writeHead(200, reply.headers);
  if (request.method === 'HEAD') response.end();
  else reply.stream(response);
}

const waiting: { response: ServerResponse; answer: Answer }[] = [];

function sendWaiting(): void {
  for (const { response, answer } of waiting.splice(0)) sendAnswer(response, answer);
}

function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const content =
    body instanceof Content ? body : new Content(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    'content-length': content.length,
  });
  response.end(content.data, content.encoding);
}
